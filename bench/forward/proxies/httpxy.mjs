// httpxy as its README has it.

import { createServer } from 'node:http'
import { createProxyServer } from 'httpxy'

export function listen(nodePort) {
  const target = `http://127.0.0.1:${nodePort}`
  const proxy = createProxyServer({ target, ws: true, xfwd: true })
  const server = createServer((incoming, response) => {
    proxy.web(incoming, response).catch(() => response.destroy())
  })
  server.on('upgrade', (incoming, socket, head) => {
    proxy.ws(incoming, socket, { target }, head).catch(() => socket.destroy())
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

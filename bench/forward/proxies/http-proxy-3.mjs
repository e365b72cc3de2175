// http-proxy-3 with an agent that keeps connections; its default opens one for each request.

import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy-3'

export function listen(nodePort) {
  const agent = new Agent({ keepAlive: true })
  const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${nodePort}`, agent, xfwd: true })
  proxy.on('error', (_error, _incoming, response) => response.destroy())
  const server = createServer((incoming, response) => proxy.web(incoming, response))
  server.on('upgrade', (incoming, socket, head) => proxy.ws(incoming, socket, head))
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

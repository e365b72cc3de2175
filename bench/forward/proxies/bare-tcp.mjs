// node:net piped by hand.

import { connect, createServer } from 'node:net'

export function listen(nodePort) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const node = connect({ port: nodePort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    socket.pipe(node).pipe(socket)
    socket.on('error', () => node.destroy())
    node.on('error', () => socket.destroy())
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Has `closeAllConnections` close those too that Node.js leaves to their clients: in a handshake that doesn't go on, and
 * of a session of HTTP/2 that has ended already.
 */
export function cutAllConnections(server: Server): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.closeAllConnections = () => {
    for (const socket of sockets) socket.destroy()
  }
}

// Reading without the stream of the socket, into one buffer for all connections. The options are node:net's for clients; on the
// side of a server it takes members that aren't documented, and such a socket can't be handed over.

import { Socket } from 'node:net'

const buffer = Buffer.allocUnsafe(64 * 1024)

export function readIntoOneBuffer(transport, accepted) {
  const { _handle: handle, _server: server } = accepted
  let connection
  const callback = (size) => {
    connection.receive(buffer.subarray(0, size))
    return true
  }
  const { halfOpen } = transport.duties
  const socket = new Socket({ handle, allowHalfOpen: halfOpen, onread: { buffer, callback } })
  Object.assign(accepted, { _handle: null, _server: null })
  Object.assign(socket, { _server: server, server })
  connection = transport.open(socket)
  socket.on('end', () => connection.halfClose())
  socket.on('drain', () => connection.drain())
  socket.on('error', () => {})
}

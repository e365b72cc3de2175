import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/**
 * Answers the requests of clients that have closed their side of the connection, where `node:http` closes the other side.
 *
 * Most clients that do so have left, and only what is sent to them would tell: one for which nothing is sent for `timeoutMs`
 * counts as gone, and its connection is cut. The connections of HTTP/2 are closed at once.
 *
 * @param event that tells of a connection over which requests come
 * @param timeoutMs 0 for no limit
 */
export function answerHalfClosed(server: Server, event: 'connection' | 'secureConnection', timeoutMs: number): void {
  Object.assign(server, { httpAllowHalfOpen: true })
  const limit = function (this: Socket) {
    if (timeoutMs !== 0 && !this.writableEnded) cutWhenSilent(this, timeoutMs)
  }
  server.on(event, (socket: Socket) => {
    if ((socket as TLSSocket).alpnProtocol === 'h2') return
    // Of a server that speaks TLS, they don't allow it.
    socket.allowHalfOpen = true
    // One for all requests of a connection, also where it comes in once more after a refused upgrade.
    socket.off('end', limit).on('end', limit)
  })
}

/** Cuts a connection once nothing has been sent over it, and nothing has waited to be, for a while. */
function cutWhenSilent(socket: Socket, ms: number): void {
  let sent = socket.bytesWritten
  const timer = setInterval(() => {
    const isSilent = socket.bytesWritten === sent && socket.writableLength === 0
    sent = socket.bytesWritten
    if (isSilent) socket.destroy()
  }, ms)
  socket.once('close', () => clearInterval(timer))
}

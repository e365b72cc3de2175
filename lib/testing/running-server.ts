import { type ClientRequest, type OutgoingHttpHeaders, request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { Server } from '../server/server.ts'

/** Where a running server is reached. */
export interface Place {
  /** Such as `http://127.0.0.1:40123`; of a Unix socket, which no URL can name, the address. */
  readonly url: string
  /** What a client sends as Host. */
  readonly host: string
  /** The path of a Unix socket. */
  readonly socketPath?: string
}

/** Returns the first address of a running server, as a client needs it. */
export function placeOf(server: Server): Place {
  const address = server.addresses[0] as string
  if (!address.startsWith('unix:')) return { url: `${server.scheme}://${address}`, host: address }
  return { url: address, host: 'localhost', socketPath: address.slice('unix:'.length) }
}

/** Starts a request to a running server, on a connection of its own. */
export function openRequest(server: Server, options: RequestOptions): ClientRequest {
  const { host, socketPath } = placeOf(server)
  const send = server.scheme === 'https' ? requestHttps : requestHttp
  // A kept connection would outlive the test; the certificate of a test is self-signed.
  const fixed = { ...(socketPath && { socketPath }), agent: false, rejectUnauthorized: false }
  // Heard before node:http hears it, which closes the connection as one who still waits for the response may do.
  const { signal } = options
  const leave = () => reset(request.socket)
  signal?.addEventListener('abort', leave)
  const request = send(`${server.scheme}://${host}`, { ...options, ...fixed })
  return request.once('close', () => signal?.removeEventListener('abort', leave))
}

/** Lets the server see at once that its client has left, where the connection is one of TCP alone. */
function reset(socket: Socket | null): void {
  if (socket?.remoteAddress !== undefined && !('encrypted' in socket)) socket.resetAndDestroy()
}

/** A request of a test client whose connection stays open, such as that of a WebSocket. */
export interface LiveRequest {
  readonly server: Server
  readonly url: string
  /** With the cookies of the client. */
  readonly headers: OutgoingHttpHeaders
  /** Keeps the Set-Cookie lines of the response. */
  readonly takeCookies: (lines: readonly string[]) => void
}

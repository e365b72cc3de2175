import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

type ParserError = Error & { readonly code?: string }

const statuses: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  // RFC 6585, section 5.
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
}

/** How long a client that was refused may still send before it is cut: it reads its answer only where it isn't reset. */
const LINGER_MS = 1000

const refused = new WeakSet<Socket>()

/**
 * Answers what can't be read as a request, or doesn't come in time, and closes the connection.
 *
 * Left to itself, `node:http` answers at once: a client that pipelines would take that for the answer to a request before,
 * which is still being served.
 *
 * @param onRefusal called before an answer goes out, unless the client has left in the midst of its request
 */
export function refuseClient(error: ParserError, socket: Socket, onRefusal: () => void): void {
  // What comes after a refusal is read and dropped.
  if (refused.has(socket)) return
  refused.add(socket)
  if (!socket.writable) socket.destroy()
  if (socket.destroyed) return
  const { code = '' } = error
  // An error of the connection, or of its TLS: no client could read an answer.
  if (statuses[code] === undefined && !code.startsWith('HPE_')) return void socket.destroy()
  inItsTurn(socket, () => {
    if (code !== 'HPE_INVALID_EOF_STATE') onRefusal()
    answer(socket, statuses[code] ?? 400)
  })
}

/** Waits for the answers to the requests that had come whole. */
function inItsTurn(socket: Socket, proceed: () => void): void {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (!current) return proceed()
  if (current.req.complete) return void current.once('finish', () => inItsTurn(socket, proceed))
  // It is the body of this very request that is refused.
  if (!current.headersSent) return proceed()
  if (current.writableEnded) socket.end()
  else socket.destroy()
}

function answer(socket: Socket, status: number): void {
  if (!socket.writable) return
  const text = STATUS_CODES[status] as string
  socket.end(
    [
      `HTTP/1.1 ${status} ${text}`,
      `Date: ${new Date().toUTCString()}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${text.length}`,
      '',
      text,
    ].join('\r\n'),
  )
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
}

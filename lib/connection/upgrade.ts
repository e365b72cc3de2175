import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Tasks } from '../base/tasks.ts'

/**
 * Whether a request asks for a WebSocket. Any other protocol, and any at all under HTTP/1.0, is to be ignored (RFC 9110,
 * section 7.8).
 */
export function asksForWebSocket({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion !== '1.0' && headers.upgrade?.trim().toLowerCase() === 'websocket'
}

/**
 * Whether a request asks for another protocol in a way that can be passed on to another server. `h2c` can't: what comes after
 * it is for no one to see here.
 */
export function asksForUpgrade({ headers, httpVersion, method }: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': coding } = headers
  // Where the body ends would not be known: node:http reads nothing after such a head.
  if (upgrade === undefined || httpVersion === '1.0' || method === 'CONNECT') return false
  if (coding !== undefined || Number(length ?? 0) > 0) return false
  return !upgrade.split(',').some((protocol) => /^\s*h2c?\s*(?:\/|$)/i.test(protocol))
}

/** Lets a stop close a connection that `node:http` has released, until the returned function is called. */
export function holdSocket(socket: Socket, streams: Tasks): () => void {
  if (socket.destroyed) return () => {}
  const done = streams.open({ cut: () => socket.destroy() })
  socket.once('close', done)
  return () => {
    socket.off('close', done)
    done()
  }
}

/**
 * Calls a function once the answers to the requests before it on the same connection have gone out; not at all where
 * the connection is gone by then.
 */
export function whenAnswered(socket: Socket, proceed: () => void): void {
  // There is no other listener now, and a connection that breaks must not end the process.
  if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore)
  const { _httpMessage: before } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (before) {
    const leave = attend(before, socket)
    before.once('finish', () => {
      leave()
      whenAnswered(socket, proceed)
    })
  } else if (!socket.destroyed && !socket.writableEnded) proceed()
}

/** Does for a response what `node:http` leaves undone once it has let go of its connection, until told to leave. */
function attend(response: ServerResponse, socket: Socket): () => void {
  const goOn = () => response.emit('drain')
  const cut = () => socket.destroy()
  socket.on('drain', goOn).on('timeout', cut)
  return () => socket.off('drain', goOn).off('timeout', cut)
}

/** A response over a connection that `node:http` has let go of; the connection ends with it, unless it is handed over. */
export function openUpgradeResponse(raw: IncomingMessage, socket: Socket, head: Buffer): ServerResponse {
  if (head.length > 0) socket.unshift(head)
  const response = new ServerResponse(raw)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  attend(response, socket)
  // A client that has closed its side can't open a WebSocket any more.
  if (asksForWebSocket(raw))
    socket.once('end', () => {
      if (response.statusCode !== 101 && !response.writableEnded) socket.destroy()
    })
  response.once('finish', () => {
    // What came and is never read would make the system reset the connection before the client has the answer.
    socket.resume()
    socket.end(() => socket.destroy())
  })
  return response
}

/**
 * Returns a connection to the server it came from, which reads the request again, this time without the fields that
 * asked for another protocol: its body hasn't been read yet, and further requests may follow.
 */
export function returnToHttp(raw: IncomingMessage, socket: Socket, head: Buffer): void {
  const { server } = socket as Socket & { server?: Server }
  const text = formatHead(raw)
  if (server === undefined || text === undefined) {
    socket.destroy()
    return
  }
  // The server has a listener of its own.
  socket.off('error', ignore)
  socket.unshift(Buffer.concat([Buffer.from(text, 'latin1'), head]))
  server.emit(server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection', socket)
}

/** The head as it came, without what asks for an upgrade; `undefined` for one that can't be written again safely. */
function formatHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string | undefined {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    const key = name.toLowerCase()
    if (key === 'connection') lines.push(`${name}: ${withoutUpgrade(value)}`)
    else if (key !== 'upgrade') lines.push(`${name}: ${value}`)
  }
  return lines.some((line) => /[\r\n\0]/.test(line)) ? undefined : `${lines.join('\r\n')}\r\n\r\n`
}

function withoutUpgrade(connection: string): string {
  return connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option.toLowerCase() !== 'upgrade')
    .join(', ')
}

function ignore(): void {}

import { once } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import type { WebSocket } from 'ws'
import { StateError } from '../base/errors.ts'
import { onDemand } from '../base/on-demand.ts'
import { DEFAULT_TIMEOUT_MS, inTime } from './in-time.ts'
import { Inbox } from './inbox.ts'
import { type LiveRequest, placeOf } from './running-server.ts'

// Loaded by the tests that open a WebSocket.
const ws = onDemand<typeof import('ws')>('ws', () => require('ws'))

/** How a test client opens a WebSocket. */
export interface TestWebSocketOptions {
  headers?: OutgoingHttpHeaders
  /** The subprotocols to offer, in order of preference. Default: none. */
  protocols?: string | readonly string[]
  /** How long the handshake, each message and `close()` are waited for, in milliseconds; 0 for no limit. Default 1,500. */
  timeoutMs?: number
}

/** How a WebSocket was closed. */
export interface TestWebSocketClosure {
  /** 1005 for none, and 1006 where the connection broke (RFC 6455, section 7.4.1). */
  readonly code: number
  readonly reason: string
}

/** An open WebSocket; made by `client.webSocket()`. */
export class TestWebSocket implements AsyncDisposable {
  /** Resolves when the WebSocket is closed, by whichever side. */
  readonly closed: Promise<TestWebSocketClosure>
  readonly #socket: WebSocket
  readonly #url: string
  readonly #timeoutMs: number
  readonly #inbox = new Inbox<string | Buffer>()

  /** @internal */
  constructor(socket: WebSocket, url: string, timeoutMs: number) {
    this.#socket = socket
    this.#url = url
    this.#timeoutMs = timeoutMs
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    socket.on('message', (data: Buffer, isBinary) => this.#inbox.put(isBinary ? data : data.toString()))
    void this.closed.then(({ code, reason }) => {
      const end = `${code}${reason && ` (${reason})`}`
      this.#inbox.end(new Error(`the WebSocket "${url}" was closed with ${end} without another message`))
    })
  }

  /** The subprotocol agreed upon; `''` for none. */
  get protocol(): string {
    return this.#socket.protocol
  }

  /**
   * Sends text as text and bytes as bytes.
   *
   * @throws StateError once the WebSocket is closed or closing
   */
  send(message: string | Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN)
      throw new StateError(`send() needs an open WebSocket: "${this.#url}" is closed`, {
        failure: 'ERR_TRIBIND_WEB_SOCKET_CLOSED',
      })
    this.#socket.send(message)
  }

  /**
   * Resolves with the next message: text as a string, bytes as a Buffer.
   *
   * @throws an error where none comes in `timeoutMs`, and where the WebSocket is closed
   */
  async next({ timeoutMs = this.#timeoutMs }: { timeoutMs?: number } = {}): Promise<string | Buffer> {
    return (await this.#inbox.take(timeoutMs, `a message of the WebSocket "${this.#url}"`)) as string | Buffer
  }

  /**
   * Closes it and resolves as `closed` does. Messages that have arrived can still be read.
   *
   * @param code 1000, or from 3000 to 4999
   * @param reason at most 123 bytes
   * @throws an error where the server doesn't close its side in time; the connection is cut then
   */
  async close(code = 1000, reason = ''): Promise<TestWebSocketClosure> {
    this.#socket.close(code, reason)
    try {
      return await inTime(this.closed, this.#timeoutMs, `the WebSocket "${this.#url}" to be closed by the server too`)
    } catch (error) {
      this.#socket.terminate()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * Opens a WebSocket; resolves when it is open.
 *
 * @throws an error with the response where the handshake is refused
 */
export async function openTestWebSocket(
  request: LiveRequest,
  { protocols = [], timeoutMs = DEFAULT_TIMEOUT_MS }: TestWebSocketOptions,
): Promise<TestWebSocket> {
  const { url, takeCookies } = request
  const socket = connect(request, [protocols].flat())
  const opened = new TestWebSocket(socket, url, timeoutMs)
  socket.once('upgrade', ({ headers }) => takeCookies(headers['set-cookie'] ?? []))
  const refused = new Promise<never>((_resolve, reject) => {
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      takeCookies(response.headers['set-cookie'] ?? [])
      refusal(url, response).then(reject, reject)
    })
  })
  try {
    await inTime(Promise.race([once(socket, 'open'), refused]), timeoutMs, `the WebSocket "${url}" to be open`)
    return opened
  } catch (error) {
    socket.terminate()
    throw error
  }
}

function connect({ server, url, headers }: LiveRequest, protocols: string[]): WebSocket {
  const { host, socketPath } = placeOf(server)
  const scheme = server.scheme === 'https' ? 'wss' : 'ws'
  const address = socketPath === undefined ? `${scheme}://${host}${url}` : `${scheme}+unix:${socketPath}:${url}`
  // The certificate of a test is self-signed.
  const socket = new (ws().WebSocket)(address, protocols, { headers, rejectUnauthorized: false })
  // An error is followed by `close`, which has its code.
  return socket.on('error', () => {})
}

async function refusal(url: string, response: IncomingMessage): Promise<Error> {
  return new Error(`the WebSocket "${url}" was refused with ${response.statusCode}: ${await text(response)}`)
}

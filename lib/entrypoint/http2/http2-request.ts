import type { IncomingHttpHeaders } from 'node:http'
import { constants, Http2ServerRequest, type ServerHttp2Stream } from 'node:http2'

const COLON = 58

/**
 * A request of HTTP/2 as one of `node:http`: a Host field for `:authority`, no other pseudo-header fields, and a body
 * that is cut short doesn't end as a whole one does.
 */
export class Http2Request extends Http2ServerRequest {
  declare headers: IncomingHttpHeaders
  override readonly rawHeaders: string[]
  /** The body that has arrived. */
  receivedBytes = 0
  /** Whether it was destroyed before its stream was closed. */
  isGivenUp = false
  readonly #received: IncomingHttpHeaders
  #headers: IncomingHttpHeaders | undefined = undefined
  #isClosed = false
  #isWhole = false

  // Accessors of Node.js that its types have as properties.
  static {
    Object.defineProperties(this.prototype, {
      // There it is true also for a body that was cut short.
      complete: {
        get(this: Http2Request) {
          return this.#isWhole || this.readableEnded
        },
      },
      // Few requests are asked for them.
      headers: {
        get(this: Http2Request) {
          return (this.#headers ??= withHost(this.#received))
        },
        set(this: Http2Request, headers: IncomingHttpHeaders) {
          this.#headers = headers
        },
      },
    })
  }

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) {
    super(stream, headers, {}, [])
    this.#received = headers
    // RFC 9113, section 8.5: a CONNECT request has no path.
    if (headers[':method'] === 'CONNECT') this.url = headers[':authority'] as string
    this.rawHeaders = rawWithHost(headers, rawHeaders)
  }

  /** Whether all of the body has arrived, read or not. */
  get hasArrived(): boolean {
    return this.stream.state.remoteClose === 1
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk instanceof Uint8Array) this.receivedBytes += chunk.length
    if (chunk !== null || !this.#isCutShort) return super.push(chunk, encoding)
    this.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    return false
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'aborted') this.#keepWholeBody()
    if (event !== 'close') return super.emit(event as string, ...values)
    if (this.#isClosed) return false
    this.#isClosed = true
    const isHeard = super.emit('close')
    this.destroy()
    return isHeard
  }

  /** As with node:http, destroying a request whose body still comes in cuts off the client, and errors go to listeners alone. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { stream } = this
    if (!this.readableEnded && !stream.closed) {
      this.isGivenUp = true
      stream.close(stream.writableFinished ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL)
    }
    callback(this.listenerCount('error') > 0 ? error : null)
  }

  /** Takes a body that has arrived whole from its stream, which drops what it holds as soon as it is closed. */
  #keepWholeBody(): void {
    if (this.stream.state.remoteClose !== 1) return
    // From here on, what is read from the stream comes in here.
    this.read(0)
    while (this.stream.read() !== null) continue
    // A client that gives up may end its stream before it resets it.
    const { 'content-length': length = this.receivedBytes } = this.headers
    this.#isWhole = Number(length) === this.receivedBytes
  }

  get #isCutShort(): boolean {
    const { endAfterHeaders, rstCode } = this.stream
    return (
      !this.#isWhole &&
      !this.readableEnded &&
      !endAfterHeaders &&
      rstCode !== undefined &&
      rstCode !== constants.NGHTTP2_NO_ERROR
    )
  }
}

function withHost(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { ':authority': authority, host = authority } = headers as Record<string, string | undefined>
  const fields: IncomingHttpHeaders = host === undefined ? {} : { host }
  for (const name in headers) if (!isPseudo(name)) fields[name] = headers[name]
  return fields
}

/** A Host field that says something else stays beside it: there are two then, and that is a bad request (RFC 9113, section 8.3.1). */
function rawWithHost(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): string[] {
  const authority = headers[':authority'] as string | undefined
  const fields = authority === undefined ? [] : ['host', authority]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    if (!isPseudo(name) && !(name === 'host' && value === authority)) fields.push(name, value)
  }
  return fields
}

function isPseudo(name: string): boolean {
  return name.charCodeAt(0) === COLON
}

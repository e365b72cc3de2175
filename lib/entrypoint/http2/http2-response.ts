import { type OutgoingHttpHeader, type OutgoingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http'
import { Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import type { Http2Request } from './http2-request.ts'

/** What is written at once, so that one sees how much of a long body the client has taken. */
const PIECE_BYTES = 16 * 1024

type Fields = OutgoingHttpHeaders | readonly OutgoingHttpHeader[] | readonly (readonly [string, OutgoingHttpHeader])[]

/** Fields of HTTP/1.1 alone (RFC 9113, section 8.2.2), dropped here: a handler needn't know the protocol of its response. */
const connectionFields = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

const { setTrailer } = Http2ServerResponse.prototype as unknown as {
  setTrailer: (this: object, name: string, value: string) => void
}

/**
 * A response of HTTP/2 as one of `node:http`, in what that promises and this class of Node.js does otherwise.
 *
 * As there, the head waits for what follows it. Where that is the whole body, Node.js isn't told to wait for trailers, which
 * would be a frame and a turn of their own.
 */
export class Http2Response extends Http2ServerResponse<Http2Request> {
  /** Of no effect, as the connection is not the response's. */
  shouldKeepAlive = true
  /** Whether it was destroyed before its stream was closed. */
  isGivenUp = false
  /** What `writeHead` was given, until it goes out. */
  #head: OutgoingHttpHeaders | undefined = undefined
  /** Whether any were set before the head. */
  #hasFields = false
  #hasTrailers = false
  #writtenBytes = 0
  #isFinished = false
  #isClosed = false

  // Accessors of Node.js, which its types have as properties: those can't be overridden by accessors.
  static {
    Object.defineProperties(this.prototype, {
      closed: { get: accessor((response) => response.#isClosed) },
      destroyed: { get: accessor(({ stream }) => stream.destroyed) },
      headersSent: { get: accessor((response) => response.#head !== undefined || response.stream.headersSent) },
      // By which one of `node:http` tells whether its head still waits.
      _headerSent: { get: accessor(({ stream }) => stream.headersSent) },
      // The stream of a HEAD request is finished before its response has begun.
      writableFinished: {
        get: accessor(({ stream, writableEnded }) => writableEnded && stream.headersSent && stream.writableFinished),
      },
      // HTTP/2 has no reason phrase; Node.js would warn of one.
      statusMessage: { get: () => '', set: () => {} },
    })
  }

  constructor(stream: ServerHttp2Stream) {
    super(stream)
    const { headRequest: isToHead } = stream as { readonly headRequest?: boolean }
    if (isToHead === true) stream.prependListener('close', () => this.#endClosed())
  }

  /** How much of the body the client has taken. */
  get takenBytes(): number {
    return this.#writtenBytes - this.stream.writableLength
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.#sendHead()
    if (!checkField(name, value)) return this
    this.#hasFields = true
    super.setHeader(name, value)
    return this
  }

  override appendHeader(name: string, value: string | string[]): this {
    this.#sendHead()
    if (!checkField(name, value)) return this
    this.#hasFields = true
    super.appendHeader(name, value)
    return this
  }

  override removeHeader(name: string): void {
    this.#sendHead()
    super.removeHeader(name)
  }

  /** Not in the types of Node.js; `addTrailers` calls it. */
  setTrailer(name: string, value: string): void {
    this.#hasTrailers = true
    setTrailer.call(this, name, value)
  }

  /** Takes fields in all forms that `node:http` does; the reason phrase is left out. */
  override writeHead(status: number, ...reasonAndFields: readonly unknown[]): this {
    // Node.js 20.19.0 and 22.12.0 throw between the reset of a stream and its end.
    if (this.stream.closed) return this
    this.#sendHead()
    if (this.headersSent) return super.writeHead(status)
    this.statusCode = status
    this.#head = this.#joinFields(reasonAndFields.at(-1) as Fields | string | undefined)
    return this
  }

  // Of these two Node.js throws once the client has reset the stream, those of node:http don't.
  override writeContinue(): void {
    if (!this.#isGone) super.writeContinue()
  }

  override writeEarlyHints(hints: Record<string, string | string[]>): void {
    if (!this.#isGone) super.writeEarlyHints(hints)
  }

  flushHeaders(): void {
    if (!this.headersSent && !this.destroyed) this.writeHead(this.statusCode)
    this.#sendHead()
  }

  /** As they are sent: HTTP/2 has lower case only. */
  getRawHeaderNames(): string[] {
    return this.getHeaderNames()
  }

  /** @internal What wrappers of a response call. */
  _implicitHeader(): void {
    this.writeHead(this.statusCode)
  }

  /**
   * Content that is not to go out, to HEAD or with a status that has none, is dropped. So is an empty chunk: where one is the last that
   * waits, Node.js 20 and 22 send other memory in place of the text before it.
   */
  override write(chunk: unknown, ...rest: never[]): boolean {
    this.flushHeaders()
    const isDropped = this.stream.writableEnded || (chunk as string | Buffer | null | undefined)?.length === 0
    if (!isDropped || this.writableEnded) return this.#writeCounted(chunk as string | Buffer, rest)
    const callback: unknown = rest.at(-1)
    if (typeof callback === 'function') process.nextTick(callback as () => void)
    return true
  }

  override end(...values: never[]): this {
    const { stream } = this
    if (!stream.headersSent && !stream.destroyed) {
      if (this.#head === undefined) this.writeHead(this.statusCode)
      const [chunk] = values as unknown[]
      const hasBody = chunk !== undefined && chunk !== null && typeof chunk !== 'function' && chunk !== ''
      // Of a request that was read, Node.js destroys the stream before that is finished, unless it waits.
      const waits = this.#hasTrailers || stream.readableFlowing !== null || !stream.readable
      this.#sendHead(waits, !hasBody && !waits)
    }
    super.end(...values)
    const finish = () => this.emit('finish')
    if (stream.writableFinished) process.nextTick(finish)
    else stream.on('finish', finish)
    return this
  }

  /** Without an error, the client would take what it has for the whole. */
  override destroy(error?: Error): this {
    this.isGivenUp ||= !this.stream.closed
    super.destroy(error ?? (this.writableFinished ? undefined : new Error('The response was cut short')))
    return this
  }

  /** Node.js says `finish` with `close`, and also of a response that hasn't gone out. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'finish') {
      if (this.#isFinished || !this.writableFinished) return false
      this.#isFinished = true
    }
    this.#isClosed ||= event === 'close'
    return super.emit(event as string, ...values)
  }

  /**
   * Ends a response to HEAD that is closed: its head was all that goes out. Node.js tells nothing of the close of one that hasn't ended.
   */
  #endClosed(): void {
    if (!this.writableEnded) super.end()
  }

  get #isGone(): boolean {
    return this.stream.closed || this.stream.destroyed
  }

  /** Sends the head, where one was written that is still here. */
  #sendHead(waitForTrailers = true, endStream = false): void {
    const head = this.#head
    if (head === undefined) return
    this.#head = undefined
    const { stream, sendDate } = this
    const options = { endStream, waitForTrailers, sendDate }
    if (!this.#isGone) stream.respond(head, options)
  }

  /** Returns the fields that were set with those of `writeHead`, which replace others of their name. */
  #joinFields(given: Fields | string | undefined): OutgoingHttpHeaders {
    const written: OutgoingHttpHeaders = { ':status': this.statusCode }
    const list = toList(given)
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i] as string
      const value = list[i + 1] as OutgoingHttpHeader
      if (!checkField(name, value)) continue
      const key = name.toLowerCase()
      const before = Object.hasOwn(written, key) ? written[key] : undefined
      written[key] = before === undefined ? value : [before, value].flat().map(String)
    }
    const head = this.#hasFields ? this.#addSet(written) : written
    // Of many fields Node.js refuses a second line; joined they mean the same (RFC 9110, section 5.3).
    for (const key in head) {
      const value = head[key]
      if (Array.isArray(value) && key !== 'set-cookie') head[key] = value.join(', ')
    }
    return head
  }

  /** Sets the fields of a head among those that were set before, by which they are found later. Returns all. */
  #addSet(head: OutgoingHttpHeaders): OutgoingHttpHeaders {
    for (const [name, value] of Object.entries(head))
      if (name !== ':status') super.setHeader(name, value as string | string[])
    return { ...this.getHeaders(), ...head }
  }

  #writeCounted(chunk: string | Buffer, rest: readonly unknown[]): boolean {
    if (chunk.length > PIECE_BYTES) return this.#writePieces(chunk, rest)
    this.#writtenBytes += chunk.length
    return super.write(chunk as string, ...(rest as never[]))
  }

  #writePieces(chunk: string | Buffer, rest: readonly unknown[]): boolean {
    const [encoding] = rest
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as 'utf8') : 'utf8')
        : chunk
    this.#writtenBytes += bytes.length
    // Node.js would take over all that waits, and say when the last of it has gone.
    Object.assign(this.stream, { _writev: null })
    for (let start = 0; start < bytes.length - PIECE_BYTES; start += PIECE_BYTES)
      super.write(bytes.subarray(start, start + PIECE_BYTES))
    const last = bytes.subarray(Math.floor((bytes.length - 1) / PIECE_BYTES) * PIECE_BYTES)
    const callback = rest.at(-1)
    return typeof callback === 'function' ? super.write(last, callback as never) : super.write(last)
  }
}

function accessor(read: (response: Http2Response) => unknown) {
  return function get(this: Http2Response): unknown {
    return read(this)
  }
}

/**
 * Returns whether a field goes out under HTTP/2.
 *
 * @throws TypeError for a name that is no token and a value that no field can have, as `node:http` does
 */
function checkField(name: string, value: OutgoingHttpHeader | readonly string[]): boolean {
  validateHeaderName(name)
  if (Array.isArray(value)) for (const line of value) validateHeaderValue(name, line)
  else validateHeaderValue(name, value as string)
  return !connectionFields.has(name.toLowerCase())
}

/** Names and values in turn. */
function toList(fields: Fields | string | undefined): readonly unknown[] {
  if (typeof fields !== 'object') return []
  if (!Array.isArray(fields)) return Object.entries(fields).flat()
  return Array.isArray(fields[0]) ? fields.flat() : fields
}

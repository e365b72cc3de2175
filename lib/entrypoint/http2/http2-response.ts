import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { Http2ServerResponse } from 'node:http2'
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

/** A response of HTTP/2 as one of `node:http`, in what that promises and this class of Node.js does otherwise. */
export class Http2Response extends Http2ServerResponse<Http2Request> {
  /** Of no effect, as the connection is not the response's. */
  shouldKeepAlive = true
  /** Whether it was destroyed before its stream was closed. */
  isGivenUp = false
  #writtenBytes = 0
  #isFinished = false
  #isClosed = false

  // Accessors of Node.js, which its types have as properties: those can't be overridden by accessors.
  static {
    Object.defineProperties(this.prototype, {
      closed: { get: accessor((response) => response.#isClosed) },
      destroyed: { get: accessor(({ stream }) => stream.destroyed) },
      // The stream of a HEAD request is finished before its response has begun.
      writableFinished: { get: accessor(({ stream, writableEnded }) => writableEnded && stream.writableFinished) },
      // HTTP/2 has no reason phrase; Node.js would warn of one.
      statusMessage: { get: () => '', set: () => {} },
    })
  }

  /** How much of the body the client has taken. */
  get takenBytes(): number {
    return this.#writtenBytes - this.stream.writableLength
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    if (!connectionFields.has(name.toLowerCase())) super.setHeader(name, value)
    return this
  }

  override appendHeader(name: string, value: string | string[]): this {
    if (!connectionFields.has(name.toLowerCase())) super.appendHeader(name, value)
    return this
  }

  /** Takes fields in all forms that `node:http` does; the reason phrase is left out. */
  override writeHead(status: number, ...reasonAndFields: readonly unknown[]): this {
    // Node.js 20.19.0 and 22.12.0 throw between the reset of a stream and its end.
    if (this.stream.closed) return this
    if (this.headersSent) return super.writeHead(status)
    for (const [name, values] of group(reasonAndFields.at(-1) as Fields | string | undefined))
      this.setHeader(name, values)
    for (const name of this.getHeaderNames()) this.#joinLines(name)
    return super.writeHead(status)
  }

  /** As they are sent: HTTP/2 has lower case only. */
  getRawHeaderNames(): string[] {
    return this.getHeaderNames()
  }

  /** @internal What wrappers of a response call. */
  _implicitHeader(): void {
    this.writeHead(this.statusCode)
  }

  /** Content that is not to go out, to HEAD or with a status that has none, is dropped. */
  override write(chunk: unknown, ...rest: never[]): boolean {
    if (!this.headersSent && !this.destroyed) this.writeHead(this.statusCode)
    if (!this.stream.writableEnded || this.writableEnded) return this.#writeCounted(chunk as string | Buffer, rest)
    const callback: unknown = rest.at(-1)
    if (typeof callback === 'function') process.nextTick(callback as () => void)
    return true
  }

  override end(...values: never[]): this {
    super.end(...values)
    const finish = () => this.emit('finish')
    if (this.stream.writableFinished) process.nextTick(finish)
    else this.stream.once('finish', finish)
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

  /** Of many fields Node.js refuses a second line; joined they mean the same (RFC 9110, section 5.3). */
  #joinLines(name: string): void {
    const value: unknown = this.getHeader(name)
    if (Array.isArray(value) && name !== 'set-cookie') super.setHeader(name, value.join(', '))
  }
}

function accessor(read: (response: Http2Response) => unknown) {
  return function get(this: Http2Response): unknown {
    return read(this)
  }
}

/** The fields by name, with all lines of each. */
function group(fields: Fields | string | undefined): Iterable<[string, string[]]> {
  const groups = new Map<string, string[]>()
  for (const [name, value] of pairsOf(fields)) {
    const lines = [value].flat().map(String)
    const key = name.toLowerCase()
    groups.set(key, [...(groups.get(key) ?? []), ...lines])
  }
  return groups
}

function* pairsOf(fields: Fields | string | undefined): Generator<readonly [string, unknown]> {
  if (typeof fields !== 'object') return
  if (!Array.isArray(fields)) yield* Object.entries(fields)
  else if (Array.isArray(fields[0])) yield* fields as readonly (readonly [string, unknown])[]
  else for (let i = 0; i < fields.length; i += 2) yield [fields[i] as string, fields[i + 1]]
}

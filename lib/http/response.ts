import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { HttpError } from '../base/http-error.ts'
import { ResponseError } from '../base/errors.ts'
import { type ChooseEncoder, encodeInto, encodeWhole } from './body-encoder.ts'
import { type BodySource, createReadable, isBodySource, sendSource } from './body-source.ts'
import { lendFields, takeFields, writeJoinedHead } from './raw-head.ts'
import { encodeRedirect, isOwnPage } from './redirect-target.ts'
import { BodyKind, ResponseBody } from './response-body.ts'
import { type HeaderValue, ResponseHeaders } from './response-headers.ts'

/** Fields that describe a body; they go when the body is dropped. The caching ones go too: no error is to be stored like the page. */
const bodyFields = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-range',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
]

/** What a response asks of the request it answers. */
export interface Answered {
  readonly method: string
  header(name: string): string | undefined
  getQuery(name: string): string | undefined
  takeCookieLines(): string[] | undefined
}

/** The answer to a request: buffered until it goes out, so that everything in it can still be changed. */
export class Response {
  /** The response of `node:http`. What is sent through it directly is sent as it is. */
  readonly raw: ServerResponse
  readonly #request: Answered
  #body = new ResponseBody()
  #headers: ResponseHeaders | undefined
  #status = 0
  #source: Readable | undefined
  /** What goes out when nothing is written: the text of an error, which a status handler replaces by writing its own. */
  #fallback = ''
  #chooseEncoder: ChooseEncoder | undefined
  /** Whether head and status were in the hands of others, who know but the response of `node:http`. */
  #wasLent = false

  constructor(raw: ServerResponse, request: Answered) {
    this.raw = raw
    this.#request = request
  }

  /** 0 until it is set; then 200 to 599. Anything else is a `ResponseError`. */
  get status(): number {
    return this.#status
  }

  set status(status: number) {
    if (!Number.isInteger(status) || (status !== 0 && (status < 200 || status > 599))) {
      throw new ResponseError(`a response has a status from 200 to 599, not ${String(status)}`)
    }
    this.#status = status
  }

  /** Whether the head has gone out; then neither status nor headers can be changed. */
  get sent(): boolean {
    return this.raw.headersSent
  }

  /**
   * Adds to the body: text, numbers and booleans as text, bytes as they are, anything else as JSON; `undefined` is nothing.
   *
   * Unless a type is set, a body of values goes out as `application/json`, one with text as `text/plain`, one of bytes
   * alone as `application/octet-stream`.
   */
  write(...parts: unknown[]): void {
    for (const part of parts) this.#body.write(part)
  }

  /** `write`, and a line end. */
  writeln(...parts: unknown[]): void {
    this.write(...parts)
    this.#body.endLine()
  }

  /** Adds a value as JSON, a string too. */
  writeJson(value: unknown): void {
    this.#body.writeJson(value)
  }

  /**
   * Adds a value as a call of the function that the query names in `callback`; as plain JSON where it names none.
   *
   * @throws HttpError 400 for a callback that isn't a name, or names joined by dots
   */
  writeJsonp(value: unknown): void {
    const callback = this.#request.getQuery('callback')
    if (callback === undefined) return this.writeJson(value)
    if (!/^[\w$]+(?:\.[\w$]+)*$/.test(callback)) throw new HttpError(400, 'The callback is not a name')
    // The two line ends that JSON allows in strings and older JavaScript doesn't.
    const json = (JSON.stringify(value) ?? 'null').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
    this.#setDefault('Content-Type', 'text/javascript; charset=utf-8')
    this.setHeader('X-Content-Type-Options', 'nosniff')
    this.#body.writeText(`${callback}(${json})`)
  }

  /** Adds text that goes out as `text/html`. */
  writeHtml(text: string): void {
    this.#body.writeText(text, BodyKind.html)
  }

  /** Sets the status and adds a text, by default its reason phrase. */
  writeStatus(status: number, text?: string): void {
    this.status = status
    this.write(text ?? STATUS_CODES[status] ?? '')
  }

  /** `write`, in place of what was written before. */
  writeOver(...parts: unknown[]): void {
    this.clearBuffer()
    this.write(...parts)
  }

  /**
   * Sends the client elsewhere; it doesn't leave the function.
   *
   * @param url absolute with http or https, or relative; anything else is a `ResponseError`
   * @param status 300 to 399
   */
  redirectTo(url: string, status = 302): void {
    if (!(status >= 300 && status <= 399)) {
      throw new ResponseError(`a redirect has a status from 300 to 399, not ${String(status)}`)
    }
    const location = encodeRedirect(url)
    this.status = status
    this.setHeader('Location', location)
  }

  /** Sends the client back to the page it came from, where that is one of this host; else to `/`. */
  redirectBack(status = 302): void {
    const referer = this.#request.header('referer')
    const isOwn = referer !== undefined && isOwnPage(referer, this.#request.header('host'))
    this.redirectTo(isOwn ? referer : '/', status)
  }

  /** The value of a header field that was set; several are joined with `, `. */
  header(name: string): string | undefined {
    return this.#headers?.get(name)
  }

  /** Sets a header field; an array is one line for each. A name or value that HTTP forbids is a `ResponseError`. */
  setHeader(name: string, value: HeaderValue): void {
    this.#headers ??= new ResponseHeaders()
    this.#headers.set(name, value)
  }

  /** Adds a line to a header field. */
  addHeader(name: string, value: HeaderValue): void {
    this.#headers ??= new ResponseHeaders()
    this.#headers.add(name, value)
  }

  removeHeader(name: string): void {
    this.#headers?.remove(name)
  }

  /** A copy of what was written, or else of the text that an error goes out with. */
  buffer(): Buffer {
    return Buffer.from(this.#hasNothing ? this.#fallback : this.#body.content())
  }

  /** Puts other content in place of what was written; its type stays. */
  setBuffer(data: string | Uint8Array): void {
    this.#fallback = ''
    this.#body.replace(data)
  }

  /** Drops what was written and what was to be streamed. */
  clearBuffer(): void {
    this.#body.clear()
    this.#fallback = ''
    this.#source?.destroy()
    this.#source = undefined
  }

  /**
   * Streams a Readable, a web ReadableStream or an async iterable, after what was written before; text and bytes go out
   * as they are, other values as JSON.
   *
   * A source that fails before its first chunk is answered with an error; one that fails later cuts the connection.
   */
  stream(source: BodySource): void {
    this.#source?.destroy()
    this.#source = createReadable(source)
  }

  /** @internal Writes what a handler returned. */
  writeResult(result: unknown): void {
    if (typeof result === 'object' && result !== null) {
      if (isBodySource(result)) return this.stream(result)
      if (isWebResponse(result)) return this.#writeWebResponse(result)
    }
    this.#body.write(result)
  }

  /** @internal Drops what was written for an answer about a failure. */
  fail(status: number, text: string): void {
    this.clearBuffer()
    for (const name of bodyFields) this.#headers?.remove(name)
    this.#status = status
    this.#fallback = text
  }

  /** @internal Whether nobody has answered yet, in whatever way. */
  get isUntouched(): boolean {
    return this.#status === 0 && this.#hasNothing && !this.raw.headersSent
  }

  /** @internal Sets the response aside as it is: until the function it gives is called, all changes are made to another. */
  detach(): () => void {
    const body = this.#body
    const headers = this.#headers
    const status = this.#status
    const source = this.#source
    this.#body = new ResponseBody()
    this.#headers = undefined
    this.#status = 0
    this.#source = undefined
    return () => {
      this.clearBuffer()
      this.#body = body
      this.#headers = headers
      this.#status = status
      this.#source = source
    }
  }

  /** @internal Has the body encoded when it goes out. */
  encodeWith(choose: ChooseEncoder): void {
    this.#chooseEncoder = choose
  }

  /** @internal Moves status, header fields and cookies to `raw`, for code that knows only that one. */
  lendHead(): void {
    this.pack()
    if (this.#status !== 0) this.raw.statusCode = this.#status
    lendFields(this.#headers, this.raw)
    this.#headers = undefined
    this.#wasLent = true
  }

  /** @internal Takes back what `lendHead` gave away, with what has become of it. */
  takeBackHead(): void {
    if (this.raw.headersSent) return
    if (this.#status !== 0 || this.raw.statusCode !== 200) this.status = this.raw.statusCode
    this.#headers = takeFields(this.raw)
  }

  /** @internal Turns the cookies that were set into header fields. */
  pack(): void {
    const lines = this.#request.takeCookieLines()
    if (lines !== undefined && lines.length > 0) this.addHeader('Set-Cookie', lines)
  }

  /** @internal Sends head and body; a promise only where the body is streamed. */
  send(): void | Promise<void> {
    if (this.raw.headersSent || this.raw.writableEnded) return
    if (this.#fallback !== '' && this.#hasNothing) this.#body.writeText(this.#fallback)
    const hasNoContent = this.#status === 204 || this.#status === 205 || this.#status === 304
    const isHead = this.#request.method === 'HEAD'
    if (this.#source !== undefined && !hasNoContent && !isHead) return this.#sendSource(this.#source)
    this.#source?.destroy()
    const content = hasNoContent ? '' : this.#body.content()
    const type = this.#body.contentType
    const length = this.#source === undefined ? Buffer.byteLength(content) : undefined
    const createEncoder = this.#chooseEncoder?.({ type, length })
    if (createEncoder === undefined || isHead) {
      this.#writeHead(hasNoContent, createEncoder === undefined ? length : undefined, type)
      this.raw.end(content)
      return
    }
    return encodeWhole(content, createEncoder()).then((encoded) => {
      this.#writeHead(false, encoded.length, type)
      this.raw.end(encoded)
    })
  }

  get #hasNothing(): boolean {
    return this.#body.isEmpty && this.#source === undefined
  }

  #sendSource(source: Readable): Promise<void> {
    return sendSource(this.raw, source, (chunk) => {
      const isBytes = chunk instanceof Uint8Array && this.#body.isEmpty
      const type = this.#body.contentType ?? (isBytes ? 'application/octet-stream' : 'text/plain; charset=utf-8')
      const createEncoder = this.#chooseEncoder?.({ type, length: undefined })
      this.#writeHead(false, undefined, type)
      // More or less than the application announced would be read as another response.
      this.raw.strictContentLength = true
      const sink = createEncoder === undefined ? this.raw : encodeInto(this.raw, createEncoder())
      if (!this.#body.isEmpty) sink.write(this.#body.content())
      return sink
    })
  }

  #writeHead(hasNoContent: boolean, length: number | undefined, type: string | undefined): void {
    const head: string[] = []
    const headers = this.#headers
    const isShared = this.#wasLent || this.raw.getHeaderNames().length > 0
    const hasType = headers?.has('content-type') || (isShared && this.raw.hasHeader('content-type'))
    if (type !== undefined && !hasNoContent && !hasType) head.push('Content-Type', type)
    if (length !== undefined && this.#status !== 204 && this.#status !== 304)
      head.push('Content-Length', String(length))
    headers?.appendTo(head, (name) => {
      // The framing is node:http's, and one length is enough (RFC 9112, section 6.3).
      if (name === 'transfer-encoding') return true
      return name === 'content-length' ? length !== undefined || hasNoContent : name === 'content-type' && hasNoContent
    })
    if (isShared) writeJoinedHead(this.raw, this.#status, head)
    else this.raw.writeHead(this.#status, head)
  }

  #writeWebResponse(response: globalThis.Response): void {
    this.status = response.status
    this.clearBuffer()
    for (const [name, value] of response.headers) if (name !== 'set-cookie') this.setHeader(name, value)
    for (const line of response.headers.getSetCookie()) this.addHeader('Set-Cookie', line)
    if (response.body !== null) this.stream(response.body)
  }

  #setDefault(name: string, value: string): void {
    if (!this.#headers?.has(name)) this.setHeader(name, value)
  }
}

// By its tag, since polyfills and undici bring classes of their own.
function isWebResponse(value: object): value is globalThis.Response {
  return Object.prototype.toString.call(value) === '[object Response]'
}

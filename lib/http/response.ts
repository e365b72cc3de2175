import { STATUS_CODES, type ServerResponse } from 'node:http'
import { ResponseError, StateError } from '../base/errors.ts'
import type { Answered } from './answered.ts'
import type { ChooseEncoder } from './output/body-encoder.ts'
import { type BodySource, createReadable, isBodySource } from './output/body-source.ts'
import { createAttachment } from './output/content-disposition.ts'
import { EventFeed } from './events/event-feed.ts'
import { EventStream, type EventStreamOptions } from './events/event-stream.ts'
import type { FileAnswer } from './files/file-answer.ts'
import type { FileOptions } from './files/file-options.ts'
import { formatJsonp } from './output/format-jsonp.ts'
import { type Located, locateFile } from './files/locate-file.ts'
import { openFile } from './files/open-file.ts'
import { lendFields, takeFields } from './output/raw-head.ts'
import { encodeRedirect, findOwnPage } from './output/redirect-target.ts'
import { BodyKind, ResponseBody } from './output/response-body.ts'
import { type HeaderValue, ResponseHeaders } from './output/response-headers.ts'
import { listSwitchFields, type Source, sendResponse } from './output/send-response.ts'
import { Undertaking } from './output/undertaking.ts'
import { isWebResponse, readWebHeaders } from './output/web-response.ts'

/** Takes over the connection; the names and values, in turn, are the header fields to send with the 101. */
export type HandOver = (head: readonly string[]) => void | Promise<void>

/** The answer to a request: buffered until it goes out, so that everything in it can still be changed. */
export class Response {
  /** The response of `node:http`. What is sent through it directly is sent as it is. */
  readonly raw: ServerResponse
  /** @internal What `sendResponse` sends; see there. */
  body: ResponseBody = new ResponseBody()
  /** @internal The header fields that were set. */
  fields: ResponseHeaders | undefined
  /** @internal */
  source: Source | undefined
  /** @internal */
  chooseEncoder: ChooseEncoder | undefined
  /** @internal Whether head and status were in the hands of others, who know but the response of `node:http`. */
  wasLent = false
  /** @internal Called when an event stream is opened. */
  onEventStream: (() => void) | undefined
  /** @internal What still runs for the request beside its response: the handler of an event stream or a WebSocket. */
  alongside: Promise<void> | undefined
  readonly #request: Answered
  #status = 0
  #handOver: HandOver | undefined
  #isHandedOver = false
  #pending: Promise<void> | undefined
  /** What goes out when nothing is written: the text of an error, which a status handler replaces by writing its own. */
  #fallback = ''

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
    return this.raw.headersSent || this.#isHandedOver
  }

  /**
   * Adds to the body: text, numbers and booleans as text, bytes as they are, anything else as JSON; `undefined` is nothing.
   *
   * Unless a type is set, a body of values goes out as `application/json`, one with text as `text/plain`, one of bytes
   * alone as `application/octet-stream`.
   */
  write(...parts: unknown[]): void {
    for (const part of parts) this.body.write(part)
  }

  /** `write`, and a line end. */
  writeln(...parts: unknown[]): void {
    this.write(...parts)
    this.body.endLine()
  }

  /** Adds a value as JSON, a string too. */
  writeJson(value: unknown): void {
    this.body.writeJson(value)
  }

  /**
   * Adds a value as a call of the function that the query names in `callback`; as plain JSON where it names none.
   *
   * @throws HttpError 400 for a callback that isn't a name, or names joined by dots
   */
  writeJsonp(value: unknown): void {
    const callback = this.#request.getQuery('callback')
    if (callback === undefined) return this.writeJson(value)
    const call = formatJsonp(callback, value)
    this.#setDefault('Content-Type', 'text/javascript; charset=utf-8')
    this.setHeader('X-Content-Type-Options', 'nosniff')
    this.body.writeText(call)
  }

  /** Adds text that goes out as `text/html`. */
  writeHtml(text: string): void {
    this.body.writeText(text, BodyKind.html)
  }

  /**
   * Adds what a template gives, as `text/html`: with what was assigned to the view of the request, and `data` before that.
   *
   * To be awaited, or returned. A `ViewError` where the template fails, a `StateError` without `options.view`.
   */
  async writeTpl(file: string, data?: object): Promise<void> {
    await this.#request.view.display(file, data)
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
    this.redirectTo(findOwnPage(this.#request.header('referer'), this.#request.authority) ?? '/', status)
  }

  /** The value of a header field that was set; several are joined with `, `. */
  header(name: string): string | undefined {
    return this.fields?.get(name)
  }

  /** Sets a header field; an array is one line for each. A name or value that HTTP forbids is a `ResponseError`. */
  setHeader(name: string, value: HeaderValue): void {
    this.fields ??= new ResponseHeaders()
    this.fields.set(name, value)
  }

  /** Adds a line to a header field. */
  addHeader(name: string, value: HeaderValue): void {
    this.fields ??= new ResponseHeaders()
    this.fields.add(name, value)
  }

  removeHeader(name: string): void {
    this.fields?.remove(name)
  }

  /** A copy of what was written, or else of the text that an error goes out with. */
  buffer(): Buffer {
    return Buffer.from(this.#hasNothing ? this.#fallback : this.body.content())
  }

  /** Puts other content in place of what was written; its type stays. */
  setBuffer(data: string | Uint8Array): void {
    this.#fallback = ''
    this.#dropSource()
    this.body.replace(data)
  }

  /** Drops what was written and what was to be streamed. */
  clearBuffer(): void {
    this.body.clear()
    this.#fallback = ''
    this.#pending = undefined
    this.#dropSource()
  }

  /**
   * Streams a Readable, a web ReadableStream or an async iterable, after what was written before; text and bytes go out
   * as they are, other values as JSON.
   *
   * A source that fails before its first chunk is answered with an error; one that fails later cuts the connection.
   */
  stream(source: BodySource): void {
    this.#dropSource()
    this.#pending = undefined
    this.source = { stream: createReadable(source), length: undefined }
    // Nobody will read it any more.
    if (this.sent) this.#dropSource()
  }

  /**
   * Answers with a file in place of what was written: with ranges, ETag, Last-Modified and conditional requests.
   *
   * A type and a Cache-Control that were set stay. So does a status other than 200: then the file explains it, and is
   * always sent whole. It need not be awaited: what comes next waits for it.
   *
   * @param path relative to the root where the options have one, else to the working directory; it isn't decoded
   * @throws HttpError 404 where there is no such file: also for a folder, a name that begins with a dot, a path with
   * `..` and a way out of the root; 403 for a file that this process may not read
   */
  serveFile(path: string, options: FileOptions = {}): Promise<void> {
    return this.#undertake(async () => this.#prepareFile(await locateFile(path, options), options))
  }

  /**
   * `serveFile` for a client that is to save it, under its own name or another (RFC 6266).
   *
   * @param name in any script; of a path its last part counts
   */
  serveFileDownload(path: string, name?: string, options: FileOptions = {}): Promise<void> {
    return this.#undertake(async () => {
      const apply = await this.#prepareFile(await locateFile(path, options), options)
      return () => {
        apply()
        if (this.#status < 300) this.setHeader('Content-Disposition', createAttachment(name ?? path))
      }
    })
  }

  /** @internal `serveFile` for what was found before. */
  serveLocated(file: Located, options: FileOptions): Promise<void> {
    return this.#undertake(() => this.#prepareFile(file, options))
  }

  /** @internal What was begun and isn't done, unless something took its place. */
  get pending(): Promise<void> | undefined {
    return this.#pending
  }

  /**
   * Opens a stream of server-sent events in place of what was written before; its head goes out as soon as the handler
   * returns or waits for something, and an async handler may go on sending.
   *
   * @throws StateError once the response has gone out; ConfigError for an option out of range
   */
  sse(options: EventStreamOptions = {}): EventStream {
    if (this.sent) throw new StateError('an event stream was opened after the response had gone out')
    const lastEventId = this.#request.header('last-event-id')
    const events = new EventStream(this.raw, lastEventId, this.#request.settings.streams, options)
    this.clearBuffer()
    this.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
    this.#setDefault('Cache-Control', 'no-cache')
    // Else nginx holds events back.
    this.setHeader('X-Accel-Buffering', 'no')
    this.stream(events.feed)
    this.onEventStream?.()
    return events
  }

  /** @internal Whether an event stream is what goes out. */
  get isEventStream(): boolean {
    return this.source?.stream instanceof EventFeed
  }

  /** @internal Lets an open event stream fail; false where there is none any more. */
  failEventStream(error: unknown): boolean {
    if (!this.isEventStream || this.raw.destroyed || this.source?.stream?.destroyed) return false
    this.source?.stream?.destroy(error instanceof Error ? error : new Error(String(error)))
    return true
  }

  /**
   * @internal Answers 101: when the response goes out, the connection is handed over to another protocol. Any other
   * status set meanwhile, by an error too, calls it off.
   */
  switchProtocols(handOver: HandOver): void {
    this.clearBuffer()
    this.#status = 101
    this.#handOver = handOver
  }

  /** @internal Whether the connection went over to another protocol, or would have if the client hadn't gone. */
  get isHandedOver(): boolean {
    return this.#isHandedOver
  }

  /** @internal Whether there is nothing more to come, so that a failure now leaves the answer whole. */
  get isComplete(): boolean {
    return this.raw.writableEnded || this.#isHandedOver
  }

  /** @internal Writes what a handler returned. */
  writeResult(result: unknown): void {
    if (typeof result === 'object' && result !== null) {
      if (result instanceof EventStream) return
      if (result instanceof Error) throw result
      if (isBodySource(result)) return this.stream(result)
      if (isWebResponse(result)) return this.#writeWebResponse(result)
    }
    this.body.write(result)
  }

  /** @internal Drops what was written for an answer about a failure. */
  fail(status: number, text: string): void {
    this.clearBuffer()
    this.fields?.removeThoseOfAnswer()
    this.#status = status
    this.#fallback = text
  }

  /** @internal Whether nobody has answered yet, in whatever way. */
  get isUntouched(): boolean {
    return this.#status === 0 && this.#hasNothing && !this.raw.headersSent
  }

  /** @internal Sets the response aside as it is: until the function it gives is called, all changes are made to another. */
  detach(): () => void {
    const kept = [this.body, this.fields, this.#status, this.source] as const
    this.source = undefined
    ;[this.body, this.fields, this.#status] = [new ResponseBody(), undefined, 0]
    return () => {
      this.clearBuffer()
      ;[this.body, this.fields, this.#status, this.source] = kept
    }
  }

  /** @internal Has the body encoded when it goes out. */
  encodeWith(choose: ChooseEncoder): void {
    this.chooseEncoder = choose
  }

  /** @internal Moves status, header fields and cookies to `raw`, for code that knows only that one. */
  lendHead(): void {
    this.pack()
    if (this.#status !== 0) this.raw.statusCode = this.#status
    lendFields(this.fields, this.raw)
    this.fields = undefined
    this.wasLent = true
  }

  /** @internal Takes back what `lendHead` gave away, with what has become of it. */
  takeBackHead(): void {
    if (this.raw.headersSent) return
    if (this.#status !== 0 || this.raw.statusCode !== 200) this.status = this.raw.statusCode
    this.fields = takeFields(this.raw)
  }

  /** @internal Turns the cookies that were set into header fields. */
  pack(): void {
    const lines = this.#request.takeCookieLines()
    if (lines !== undefined && lines.length > 0) this.addHeader('Set-Cookie', lines)
  }

  /** @internal Sends head and body; a promise only where the body is streamed. */
  send(): void | Promise<void> {
    if (this.sent || this.raw.writableEnded) return this.#dropSource()
    if (this.#status === 101 && this.#handOver !== undefined) return this.#switch(this.#handOver)
    if (this.#fallback !== '' && this.#hasNothing) this.body.writeText(this.#fallback)
    return sendResponse(this)
  }

  /** @internal */
  get isHead(): boolean {
    return this.#request.method === 'HEAD'
  }

  #dropSource(): void {
    const stream = this.source?.stream
    this.source = undefined
    // An echo of the request itself: to destroy it would take the connection along.
    if (stream === this.raw.req) stream?.resume()
    else stream?.destroy()
  }

  get #hasNothing(): boolean {
    return this.body.isEmpty && this.source === undefined
  }

  #switch(handOver: HandOver): void | Promise<void> {
    this.#isHandedOver = true
    return handOver(listSwitchFields(this.fields))
  }

  /** Begins what takes the place of the body; `begin` gives what to do to this response, unless something else did so first. */
  #undertake(begin: () => Promise<() => void>): Promise<void> {
    this.clearBuffer()
    const work: Undertaking = new Undertaking((resolve, reject) => {
      begin()
        .then((apply) => this.#pending === pending && apply())
        .then(() => resolve(), reject)
    })
    const pending = work.taken().finally(() => {
      if (this.#pending === pending) this.#pending = undefined
    })
    pending.catch(() => {})
    this.#pending = pending
    return work
  }

  async #prepareFile(file: Located | undefined, options: FileOptions): Promise<() => void> {
    const isExplanation = this.#status !== 0 && this.#status !== 200
    const answer = await openFile(this.#request, file, isExplanation, options)
    const { content } = answer
    // A client that has gone is past the release of what its request held.
    if (this.raw.destroyed) content?.destroy()
    else if (content !== undefined) this.#request.onRelease(() => content.destroy())
    return () => this.#applyFile(answer, isExplanation)
  }

  #applyFile({ status, headers, length, content }: FileAnswer, isExplanation: boolean): void {
    const isRefused = status >= 400
    if (isRefused) this.fail(status, STATUS_CODES[status] as string)
    else this.source = { stream: content, length }
    if (!isExplanation) this.status = status
    for (const [name, value] of Object.entries(headers)) {
      if (name === 'Content-Type' || name === 'Cache-Control') this.#setDefault(name, value)
      // An error must not be taken for a version of the file.
      else if (!isExplanation) this.setHeader(name, value)
    }
  }

  #writeWebResponse(response: globalThis.Response): void {
    const fields = readWebHeaders(response)
    this.status = response.status
    this.clearBuffer()
    for (const [name, value] of fields) {
      if (name === 'set-cookie') this.addHeader('Set-Cookie', value)
      else this.setHeader(name, value)
    }
    if (response.body !== null) this.stream(response.body)
  }

  #setDefault(name: string, value: string): void {
    if (!this.fields?.has(name)) this.setHeader(name, value)
  }
}

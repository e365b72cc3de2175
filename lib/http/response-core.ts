import { STATUS_CODES, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { ResponseError, StateError } from '../base/errors.ts'
import { EventFeed } from './events/event-feed.ts'
import { EventStream, type EventStreamOptions } from './events/event-stream.ts'
import type { ChooseEncoder } from './output/body-encoder.ts'
import { type BodySource, createReadable } from './output/body-source.ts'
import { lendFields, takeFields } from './output/raw-head.ts'
import { BodyKind, ResponseBody } from './output/response-body.ts'
import { type HeaderValue, ResponseHeaders } from './output/response-headers.ts'
import { listSwitchFields, type Outgoing, type Source, sendResponse } from './output/send-response.ts'
import { readWebHeaders } from './output/web-response.ts'
import type { RequestSettings } from './request-settings.ts'
import type { HtmlOutput } from './view.ts'

/** What a response asks of the request it answers. */
export interface AnsweredRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly settings: RequestSettings
  /** The host with its port; `undefined` where the client names none. */
  readonly authority: string | undefined
  header(name: string): string | undefined
  takeCookieLines(): string[] | undefined
  onRelease(release: () => unknown): void
}

/** Takes over the connection; the names and values, in turn, are the header fields to send with the 101. */
export type HandOver = (head: readonly string[]) => void | Promise<void>

/** Knows the status of a response on which none was set and nothing was written. */
export interface UnansweredStatus {
  readonly unansweredStatus: number
}

/** The state of a response: what the pipeline does with it, behind the `Response` that applications see. */
export class ResponseCore implements Outgoing, HtmlOutput {
  readonly raw: ServerResponse
  body: ResponseBody = new ResponseBody()
  fields: ResponseHeaders | undefined = undefined
  source: Source | undefined = undefined
  chooseEncoder: ChooseEncoder | undefined = undefined
  /** Whether head and status were lent to code that knows only the response of `node:http`. */
  wasLent = false
  /** Called when an event stream is opened. */
  onEventStream: (() => void) | undefined = undefined
  /** What still runs for the request beside its response: the handler of an event stream or a WebSocket. */
  alongside: Promise<void> | undefined = undefined
  /** Set once the service has run. */
  served: UnansweredStatus | undefined = undefined
  readonly request: AnsweredRequest
  /** What was set; 0 before. */
  status = 0
  /** What will replace the body, such as a file that is being opened; the next step waits for it. */
  pending: Promise<void> | undefined = undefined
  #handOver: HandOver | undefined = undefined
  #isHandedOver = false
  /** The text of an error; it goes out where nothing is written. */
  #fallback = ''

  constructor(raw: ServerResponse, request: AnsweredRequest) {
    this.raw = raw
    this.request = request
  }

  /** @throws ResponseError for what is no status of a response */
  setStatus(status: number): void {
    if (!Number.isInteger(status) || (status !== 0 && (status < 200 || status > 599)))
      throw new ResponseError(`response status must be an integer from 200 to 599, got ${String(status)}`)
    this.status = status
  }

  /** What was set or, once the service has run, what would go out now. */
  get effectiveStatus(): number {
    if (this.status !== 0 || this.served === undefined) return this.status
    return this.isUntouched ? this.served.unansweredStatus : 200
  }

  /** Whether the head has gone out. */
  get sent(): boolean {
    return this.raw.headersSent || this.#isHandedOver
  }

  /** Whether nothing more is to come, so that a failure now leaves the response whole. */
  get isComplete(): boolean {
    return this.raw.writableEnded || this.#isHandedOver
  }

  /** Whether the connection went over to another protocol, or would have if the client hadn't left. */
  get isHandedOver(): boolean {
    return this.#isHandedOver
  }

  /** Whether no answer was begun, in any way. */
  get isUntouched(): boolean {
    return this.status === 0 && this.#isEmpty && !this.raw.headersSent
  }

  /** Replaces the body by what is pending. */
  begin(pending: Promise<void>): void {
    this.clear()
    this.pending = pending
  }

  write(part: unknown): void {
    this.body.write(part)
  }

  writeText(text: string): void {
    this.body.writeText(text)
  }

  writeHtml(text: string): void {
    this.body.writeText(text, BodyKind.html)
  }

  writeJson(value: unknown): void {
    this.body.writeJson(value)
  }

  endLine(): void {
    this.body.endLine()
  }

  setHeader(name: string, value: HeaderValue): void {
    this.fields ??= new ResponseHeaders()
    this.fields.set(name, value)
  }

  addHeader(name: string, value: HeaderValue): void {
    this.fields ??= new ResponseHeaders()
    this.fields.add(name, value)
  }

  removeHeader(name: string): void {
    this.fields?.remove(name)
  }

  /** Sets a header field unless it was set. */
  setDefault(name: string, value: string): void {
    if (!this.fields?.has(name)) this.setHeader(name, value)
  }

  content(): string | Buffer {
    return this.#isEmpty ? this.#fallback : this.body.content()
  }

  replaceBody(content: string | Uint8Array): void {
    this.#fallback = ''
    this.#dropSource()
    this.body.replace(content)
  }

  clear(): void {
    this.body.clear()
    this.#fallback = ''
    this.pending = undefined
    this.#dropSource()
  }

  stream(source: BodySource): void {
    this.#dropSource()
    this.pending = undefined
    this.source = { stream: createReadable(source), length: undefined }
    // The head has gone out: it is never read.
    if (this.sent) this.#dropSource()
  }

  /** Writes what an endpoint or a middleware returned. */
  writeResult(result: unknown): void {
    if (typeof result === 'object' && result !== null) {
      if (result instanceof EventStream) return
      if (result instanceof Error) throw result
      if (Symbol.asyncIterator in result) return this.stream(result as BodySource)
      if (isWebResponse(result)) return this.#writeWebResponse(result)
    }
    this.body.write(result)
  }

  openEventStream(options: EventStreamOptions): EventStream {
    if (this.sent) throw new StateError('an event stream was opened after the response had gone out')
    const feed = new EventFeed()
    const { streams } = this.request.settings.traffic
    const events = new EventStream(
      { raw: this.raw, feed, streams, lastEventId: this.request.header('last-event-id') },
      options,
    )
    this.clear()
    this.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
    this.setDefault('Cache-Control', 'no-cache')
    // Else nginx holds events back.
    this.setHeader('X-Accel-Buffering', 'no')
    this.stream(feed)
    this.onEventStream?.()
    return events
  }

  get isEventStream(): boolean {
    return this.source?.stream instanceof EventFeed
  }

  /** Lets an open event stream fail; false where there is none any more. */
  failEventStream(error: unknown): boolean {
    if (!this.isEventStream || this.raw.destroyed || this.source?.stream?.destroyed) return false
    this.source?.stream?.destroy(error instanceof Error ? error : new Error(String(error)))
    return true
  }

  /** Answers 101: the connection is handed over when the response goes out, unless another status is set meanwhile. */
  switchProtocols(handOver: HandOver): void {
    this.clear()
    this.status = 101
    this.#handOver = handOver
  }

  /** Replaces what was written by the answer to a failure. */
  fail(status: number, text: string = STATUS_CODES[status] ?? ''): void {
    this.clear()
    this.fields?.removeThoseOfAnswer()
    this.status = status
    this.#fallback = text
  }

  /** Sets the response aside as it is: until the returned function is called, all changes are made to another one. */
  detach(): () => void {
    const kept = [this.body, this.fields, this.status, this.source] as const
    this.source = undefined
    ;[this.body, this.fields, this.status] = [new ResponseBody(), undefined, 0]
    return () => {
      this.clear()
      ;[this.body, this.fields, this.status, this.source] = kept
    }
  }

  /** Has the body encoded when it goes out. */
  encodeWith(choose: ChooseEncoder): void {
    this.chooseEncoder = choose
  }

  /** Moves status, header fields and cookies to `raw`, for code that knows only that one. */
  lendHead(): void {
    this.pack()
    if (this.status !== 0) this.raw.statusCode = this.status
    lendFields(this.fields, this.raw)
    this.fields = undefined
    this.wasLent = true
  }

  /** Takes back what `lendHead` lent, as it is by now. */
  takeBackHead(): void {
    if (this.raw.headersSent) return
    if (this.status !== 0 || this.raw.statusCode !== 200) this.setStatus(this.raw.statusCode)
    this.fields = takeFields(this.raw)
  }

  /** Turns the cookies that were set into header fields. */
  pack(): void {
    const lines = this.request.takeCookieLines()
    if (lines !== undefined && lines.length > 0) this.addHeader('Set-Cookie', lines)
  }

  /** Sends head and body; a promise only where the body is streamed. */
  send(): void | Promise<void> {
    if (this.sent || this.raw.writableEnded) return this.#dropSource()
    if (this.status === 101 && this.#handOver !== undefined) {
      this.#isHandedOver = true
      return this.#handOver(listSwitchFields(this.fields))
    }
    if (this.#fallback !== '' && this.#isEmpty) this.body.writeText(this.#fallback)
    return sendResponse(this)
  }

  get #isEmpty(): boolean {
    return this.body.isEmpty && this.source === undefined
  }

  #dropSource(): void {
    const stream = this.source?.stream
    this.source = undefined
    // An echo of the request itself: to destroy it would take the connection along.
    if (stream === this.raw.req) stream?.resume()
    else stream?.destroy()
  }

  #writeWebResponse(response: globalThis.Response): void {
    const fields = readWebHeaders(response)
    this.setStatus(response.status)
    this.clear()
    for (const [name, value] of fields) {
      if (name === 'set-cookie') this.addHeader('Set-Cookie', value)
      else this.setHeader(name, value)
    }
    if (response.body !== null) this.stream(response.body)
  }
}

/** By its tag, since polyfills and undici bring classes of their own. */
function isWebResponse(value: object): value is globalThis.Response {
  return (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Response'
}

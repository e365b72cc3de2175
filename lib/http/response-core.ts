import { STATUS_CODES, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { ResponseError } from '../base/errors.ts'
import { EventFeed } from './events/event-feed.ts'
import { EventStream } from './events/event-stream.ts'
import { printValue } from '../options/print-value.ts'
import type { ChooseEncoder } from './output/body-encoder.ts'
import { type BodySource, createReadable, dropSource, keepContext } from './output/body-source.ts'
import { LentResponse } from './output/lent-response.ts'
import { keepFailure } from './output/problem.ts'
import { BodyKind, ResponseBody } from './output/response-body.ts'
import { answerFields, type HeaderValue, ResponseHeaders } from './output/response-headers.ts'
import { Reply, writeReply } from './reply.ts'
import type { Outgoing, OutgoingRequest, Source } from './output/send-response.ts'
import type { Relayed } from './output/send-relayed.ts'
import { listSwitchFields, sendResponse, sendRest } from './output/send-response.ts'
import { isWebResponse, readWebBody, type WebBody, writeWebResponse } from './output/web-response.ts'
import type { CookieLines } from './cookies/cookie.ts'
import type { RequestSettings } from './request-settings.ts'
import type { HtmlOutput } from './view.ts'

/** What a response asks of the request it answers. */
export interface AnsweredRequest extends OutgoingRequest {
  readonly headers: IncomingHttpHeaders
  readonly settings: RequestSettings
  /** The route that serves it. */
  readonly served: object | undefined
  /** The host with its port; `undefined` where the client names none. */
  readonly authority: string | undefined
  header(name: string): string | undefined
  takeCookieLines(): CookieLines | undefined
  onRelease(release: () => unknown): void
}

/** Takes over the connection, `null` once it has; the names and values, in turn, are the header fields to send with the 101. */
export type HandOver = (head: readonly string[]) => void | Promise<void>

/** Knows the status of a response on which none was set and nothing was written. */
export interface UnansweredStatus {
  readonly unansweredStatus: number
  /** Sets the status, with the answer that goes with it, unless one is set. */
  decideStatus(): void
}

/** The state of a response: what the pipeline does with it, behind the `Response` that applications see. */
export class ResponseCore implements Outgoing, HtmlOutput {
  readonly raw: ServerResponse
  body: ResponseBody = new ResponseBody()
  fields: ResponseHeaders | undefined = undefined
  source: Source | undefined = undefined
  chooseEncoder: ChooseEncoder | undefined = undefined
  /** Changes header fields as the head goes out. */
  changeHead: (() => void) | undefined = undefined
  /** Set once code that isn't ours has got the response of `node:http`. */
  lent: LentResponse | undefined = undefined
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
  #handOver: HandOver | undefined | null = undefined
  /** The text of an error; it goes out where nothing is written. */
  #fallback = ''

  constructor(raw: ServerResponse, request: AnsweredRequest) {
    this.raw = raw
    this.request = request
  }

  /** @throws ResponseError for a value that isn't the status of a response */
  setStatus(status: number): void {
    if (!Number.isInteger(status) || (status !== 0 && (status < 200 || status > 599)))
      throw new ResponseError(`response status must be an integer from 200 to 599, got ${printValue(status)}`, {
        failure: 'ERR_TRIBIND_RESPONSE_STATUS',
      })
    this.status = status
  }

  /** What was set or, once the service has run, what would go out now. */
  get effectiveStatus(): number {
    if (this.status !== 0 || this.served === undefined) return this.status
    return this.isUntouched ? this.served.unansweredStatus : 200
  }

  /** Whether the head has gone out, or is no longer ours to send. */
  get sent(): boolean {
    return this.raw.headersSent || this.isHandedOver || this.lent?.isHijacked === true
  }

  /** Whether nothing more is to come, so that a failure now leaves the response whole. */
  get isComplete(): boolean {
    return this.raw.writableEnded || this.isHandedOver
  }

  /** Whether the connection went over to another protocol, or would have if the client hadn't left. */
  get isHandedOver(): boolean {
    return this.#handOver === null
  }

  /** Whether no answer was begun, in any way. */
  get isUntouched(): boolean {
    return this.status === 0 && this.#isEmpty && !this.sent
  }

  /** Replaces the body by what is pending, and by `source` until that is there. */
  begin(pending: Promise<void>, source: Source): void {
    this.clear()
    this.pending = pending
    this.source = source
  }

  /** @throws ResponseError beside a file, and for what no body can hold */
  write(part: unknown): void {
    if (typeof part === 'object' && part !== null) this.#writeObject(part)
    else if (part !== undefined) this.#end.write(part)
  }

  writeText(text: string): void {
    this.#end.writeText(text)
  }

  writeHtml(text: string): void {
    this.#end.writeText(text, BodyKind.html)
  }

  /** @param json the text of the value, where it is there already */
  writeJson(value: unknown, json?: string): void {
    this.#end.writeJson(value, json)
  }

  endLine(): void {
    this.#end.endLine()
  }

  setHeader(name: string, value: HeaderValue): void {
    this.fields ??= new ResponseHeaders()
    this.fields.set(name, value)
  }

  addHeader(name: string, value: HeaderValue): void {
    ;(this.fields ??= new ResponseHeaders()).add(name, value)
  }

  /** Joins a value to a field that is a list: it stays when others set that field. */
  joinHeader(name: string, value: string): void {
    ;(this.fields ??= new ResponseHeaders()).join(name, value)
  }

  removeHeader(name: string): void {
    this.fields?.remove(name)
  }

  /** Sets a header field unless it was set. */
  setDefault(name: string, value: string): void {
    if (!this.fields?.has(name)) this.setHeader(name, value)
  }

  content(): string | Buffer {
    if (this.#isEmpty) return this.#fallback
    const after = this.source?.after
    const content = this.body.content()
    return after === undefined ? content : Buffer.concat([Buffer.from(content), Buffer.from(after.content())])
  }

  replaceBody(content: string | Uint8Array): void {
    const type = this.fields?.get('content-type')
    this.#fallback = ''
    this.pending = undefined
    this.#dropSource()
    if (type !== undefined) this.setDefault('Content-Type', type)
    this.body.replace(content)
  }

  clear(): void {
    this.body.clear()
    this.#fallback = ''
    this.pending = undefined
    this.#dropSource()
  }

  /** Adds what a source produces, `length` bytes if that is known. @throws ResponseError beside a file or another source */
  stream(source: BodySource, length?: number): void {
    const stream = createReadable(source)
    // The head has gone out, and not by others who leave the rest to it: it is never read.
    if (this.sent && !this.lent?.isBegun) return dropSource(stream, this.raw)
    if (this.source !== undefined) {
      dropSource(stream, this.raw)
      throw new ResponseError('the response already has a stream or a file: call clearBuffer() before a second one', {
        failure: 'ERR_TRIBIND_RESPONSE_SECOND_STREAM',
      })
    }
    // No code of the application runs where events are read.
    this.source = stream instanceof EventFeed ? { stream, length } : { stream, length, run: keepContext() }
  }

  /** Answers with what another server has answered, in place of what was written. */
  relay(stream: Readable, relayed: Relayed): void {
    this.clear()
    this.status = relayed.status
    this.source = { stream, length: relayed.length, relayed }
  }

  /** Whether the answer is that of another server. */
  get isRelayed(): boolean {
    return this.source?.relayed !== undefined
  }

  /** Writes what an endpoint or a middleware returned. */
  writeResult(result: unknown): void {
    if (typeof result === 'object' && result !== null) {
      if (result instanceof EventStream) return
      if (result instanceof Error) throw result
      if (result instanceof Reply) return writeReply(this, result)
      if (Symbol.toStringTag in result && isWebResponse(result)) return writeWebResponse(this, result)
    }
    this.write(result)
  }

  get isEventStream(): boolean {
    return this.source?.stream instanceof EventFeed
  }

  /** Makes an open event stream fail. Returns false if no stream is open. */
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

  /** Replaces what was written by the answer to a failure; `error` is what has failed, where anything was thrown. */
  fail(status: number, text: string = STATUS_CODES[status] ?? '', error?: unknown): void {
    this.clear()
    this.fields?.removeThoseOfAnswer()
    if (this.lent !== undefined && !this.sent) for (const name of answerFields) this.raw.removeHeader(name)
    this.status = status
    this.#fallback = text
    if (this.request.settings.writeFailure !== undefined) keepFailure(this, error)
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

  /** The response of `node:http`, for code that isn't ours. */
  lend(): LentResponse {
    return (this.lent ??= new LentResponse(this))
  }

  /** Turns the cookies that were set since it was called last into header fields. */
  pack(): void {
    const lines = this.request.takeCookieLines()
    if (lines === undefined) return
    this.fields?.removeLines('Set-Cookie', lines.replaced)
    this.addHeader('Set-Cookie', lines.added)
  }

  /** Sends head and body; a promise only where the body is streamed. */
  send(): void | Promise<void> {
    if (this.sent || this.raw.writableEnded || this.lent?.hasLeft) {
      const hasRest = !this.#isEmpty && !this.isHandedOver && this.lent?.takesRest() === true
      return hasRest ? sendRest(this) : this.#dropSource()
    }
    const handOver = this.#handOver
    if (this.status === 101 && handOver) {
      this.#handOver = null
      // What goes out on the connection itself is for those to see who look at the response.
      this.raw.statusCode = 101
      this.changeHead?.()
      return handOver(listSwitchFields(this.fields))
    }
    if (this.lent !== undefined) this.lent.isAnswered = true
    if (this.#fallback !== '' && this.#isEmpty) {
      const { writeFailure } = this.request.settings
      if (writeFailure === undefined) this.body.writeText(this.#fallback)
      const writing = writeFailure?.(this, this.#fallback)
      if (writing !== undefined) return writing.then(() => sendResponse(this))
    }
    return sendResponse(this)
  }

  get #isEmpty(): boolean {
    return this.body.isEmpty && this.source === undefined
  }

  /** Where what is written goes: before the source or, once there is one, after it. */
  get #end(): ResponseBody {
    const { source } = this
    if (source === undefined || source.isBegun === true) return this.body
    if (source.takeBack === undefined) return (source.after ??= new ResponseBody())
    throw new ResponseError(
      'nothing can be written beside a file: use either, or call clearBuffer() or writeOver() to drop the file',
      { failure: 'ERR_TRIBIND_RESPONSE_BESIDE_FILE' },
    )
  }

  #dropSource(): void {
    const { source } = this
    if (source === undefined) return
    this.source = undefined
    source.takeBack?.()
    dropSource(source.stream, this.raw)
  }

  #writeObject(value: object): void {
    if (isBodySource(value)) return this.stream(value)
    const web = Symbol.toStringTag in value ? readWebBody(value) : undefined
    if (web === undefined) this.#end.write(value)
    else this.#writeWebBody(web)
  }

  #writeWebBody({ content, type, length }: WebBody): void {
    const isWhole = this.#isEmpty
    if (typeof content === 'string') this.writeText(content)
    else this.stream(content, length)
    // Text before it makes it another body.
    if (isWhole && type !== '') this.setDefault('Content-Type', type)
  }
}

/** Whether a value is written chunk by chunk: anything that is iterated asynchronously, and a sync iterator. */
export function isBodySource(value: object): value is BodySource {
  if (Symbol.asyncIterator in value) return true
  return Symbol.iterator in value && typeof (value as { next?: unknown }).next === 'function'
}

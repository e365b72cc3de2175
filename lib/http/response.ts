import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { ResponseError, StateError } from '../base/errors.ts'
import { HttpError } from '../base/http-error.ts'
import { printValue } from '../options/print-value.ts'
import { EventFeed } from './events/event-feed.ts'
import { EventStream, type EventStreamOptions } from './events/event-stream.ts'
import type { FileOptions } from './files/file-options.ts'
import { serveFile, wantFile } from './files/serve-file.ts'
import type { BodySource } from './output/body-source.ts'
import { createAttachment } from './output/content-disposition.ts'
import { formatProblem, type ProblemDetails, problemType } from './output/problem.ts'
import { encodeRedirect, findOwnPage } from './output/redirect-target.ts'
import { formatJson, readBytes } from './output/response-body.ts'
import type { HeaderValue } from './output/response-headers.ts'
import type { RequestCore } from './request-core.ts'
import type { ResponseCore } from './response-core.ts'

/** The response to a request. It is buffered until it goes out, so that everything in it can still be changed. */
export class Response {
  readonly #core: ResponseCore
  readonly #request: RequestCore

  /** @internal */
  constructor(request: RequestCore) {
    this.#core = request.response
    this.#request = request
  }

  /** The response of `node:http`. What is sent through it directly is sent as it is. */
  get raw(): ServerResponse {
    this.#core.lend()
    return this.#core.raw
  }

  /**
   * Hands over the request and response of `node:http` for good, for a listener that answers when it likes, also after
   * the handler has returned. Status, header fields and cookies set before are on it; nothing else is sent.
   *
   * @throws StateError once the response has gone out
   */
  hijack(): { request: IncomingMessage; response: ServerResponse } {
    return this.#core.lend().hijack()
  }

  /**
   * What was set. Where nothing was: 0 before the service has run, afterwards what would go out now, such as 200, 404 or 405.
   *
   * Takes 200 to 599, and 0 for none; anything else is a `ResponseError`.
   */
  get status(): number {
    return this.#core.effectiveStatus
  }

  set status(status: number) {
    this.#core.setStatus(status)
  }

  /** Whether the head has gone out; then neither status nor headers can be changed. */
  get sent(): boolean {
    return this.#core.sent
  }

  /**
   * Adds to the body, in the order of the calls: text, numbers and booleans as text, bytes as they are, streams as by
   * `stream`, a Blob, FormData or URLSearchParams as `fetch` sends it, anything else as JSON; `undefined` is nothing.
   *
   * Unless a type is set, a body of values goes out as `application/json`, one with text as `text/plain`, one of bytes
   * alone as `application/octet-stream`.
   *
   * @throws ResponseError beside a file, and for what JSON has no text for, such as a function, a Map, an Error or a Promise,
   * also inside of another value
   */
  write(...parts: unknown[]): void {
    for (const part of parts) this.#core.write(part)
  }

  /** `write`, and a line end. */
  writeln(...parts: unknown[]): void {
    this.write(...parts)
    this.#core.endLine()
  }

  /** Adds a value as JSON, a string too. */
  writeJson(value: unknown): void {
    this.#core.writeJson(value)
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
    this.#core.setDefault('Content-Type', 'text/javascript; charset=utf-8')
    this.setHeader('X-Content-Type-Options', 'nosniff')
    this.#core.writeText(call)
  }

  /** Adds text that goes out as `text/html`. */
  writeHtml(text: string): void {
    if (typeof text !== 'string')
      throw new ResponseError(`writeHtml: expected a string, got ${printValue(text)}`, {
        failure: 'ERR_TRIBIND_RESPONSE_CONTENT',
      })
    this.#core.writeHtml(text)
  }

  /**
   * Renders a template and adds it as `text/html`; `data` takes precedence over what was assigned to the view of the request.
   *
   * Await it, or return it.
   *
   * @throws ViewError where the template fails, and without the option `view`
   */
  writeTpl(file: string, data?: object): Promise<void> {
    return this.#request.view.display(file, data)
  }

  /** Sets the status and adds a text, by default its reason phrase. */
  writeStatus(status: number, text?: string): void {
    this.status = status
    this.write(text ?? STATUS_CODES[status] ?? '')
  }

  /**
   * Answers with an error as `application/problem+json` (RFC 9457), in place of what was written; it doesn't leave the function.
   *
   * **Security.** All of `details` reaches the client.
   *
   * @param status 400 to 599
   * @param details `type`, `title`, `detail`, `instance` and members of your own
   */
  problem(status: number, details: ProblemDetails = {}): void {
    const json = formatProblem(status, details)
    this.clearBuffer()
    this.status = status
    this.setHeader('Content-Type', problemType)
    this.#core.writeText(json)
  }

  /** `write`, in place of what was written before. */
  writeOver(...parts: unknown[]): void {
    this.clearBuffer()
    this.write(...parts)
  }

  /**
   * Redirects the client; it doesn't leave the function.
   *
   * @param url a URL, or text: absolute with http or https, or relative; anything else is a `ResponseError`
   * @param status 300 to 399
   */
  redirectTo(url: string | URL, status = 302): void {
    if (!(status >= 300 && status <= 399))
      throw new ResponseError(`redirect status must be an integer from 300 to 399, got ${printValue(status)}`, {
        failure: 'ERR_TRIBIND_RESPONSE_REDIRECT_STATUS',
      })
    const location = encodeRedirect(url)
    this.status = status
    this.setHeader('Location', location)
  }

  /** Redirects the client to the page it came from, by its `Referer`, where that is on this host; else to `/`. */
  redirectBack(status = 302): void {
    this.redirectTo(findOwnPage(this.#request) ?? '/', status)
  }

  /** The value of a header field that was set; several are joined with `, `. */
  header(name: string): string | undefined {
    return this.#core.fields?.get(name)
  }

  /**
   * Sets a header field; an array is one line for each. A name or value that HTTP forbids is a `ResponseError`, and so is a
   * value that is neither text nor a number, such as `undefined`.
   */
  setHeader(name: string, value: HeaderValue): void {
    this.#core.setHeader(name, value)
  }

  /** Adds a line to a header field. */
  addHeader(name: string, value: HeaderValue): void {
    this.#core.addHeader(name, value)
  }

  removeHeader(name: string): void {
    this.#core.removeHeader(name)
  }

  /** A copy of what was written, without a stream, or else of the text that an error goes out with. */
  buffer(): Buffer {
    return Buffer.from(this.#core.content())
  }

  /** Replaces what was written, a stream or a file too; its type stays. */
  setBuffer(data: string | Uint8Array): void {
    if (typeof data !== 'string' && readBytes(data) === undefined)
      throw new ResponseError(`setBuffer: expected a string or bytes, got ${printValue(data)}`, {
        failure: 'ERR_TRIBIND_RESPONSE_CONTENT',
      })
    this.#core.replaceBody(data)
  }

  /** Drops what was written and what was to be streamed; of a file, also the status and the fields it has set. */
  clearBuffer(): void {
    this.#core.clear()
  }

  /**
   * Streams a Readable, a web ReadableStream or an iterable, sync or async, after what was written before; text and bytes
   * go out as they are, other values as JSON. What is written later goes out after it.
   *
   * A source that fails before its first chunk is answered with an error; one that fails later cuts the connection.
   *
   * @throws ResponseError for a value that isn't a source, and beside a file or another stream
   */
  stream(source: BodySource): void {
    this.#core.stream(source)
  }

  /**
   * Serves a file in place of what was written: with ranges, ETag, Last-Modified and conditional requests. Nothing can be
   * written beside it: a later `write` is a `ResponseError`.
   *
   * A type and a Cache-Control that were set stay. So does a status other than 200: then the file explains it, and is
   * always sent whole. It need not be awaited: the pipeline waits for it.
   *
   * @param path relative to the root where the options have one, else to the working directory; it isn't decoded
   * @throws HttpError 404 where there is no such file: also for a folder, a name that begins with a dot, a path with
   * `..` and a way out of the root; 403 for a file that this process may not read
   */
  serveFile(path: string, options: FileOptions = {}): Promise<void> {
    return serveFile(this.#core, () => wantFile(path, options))
  }

  /**
   * `serveFile` for a client that is to save it, under its own name or another (RFC 6266).
   *
   * @param name in any script; of a path its last part counts
   */
  serveFileDownload(path: string, name?: string, options: FileOptions = {}): Promise<void> {
    const extra = { 'Content-Disposition': createAttachment(name ?? path) }
    return serveFile(this.#core, () => ({ ...wantFile(path, options), extra }))
  }

  /**
   * Opens a stream of server-sent events in place of what was written before. Its head goes out as soon as the handler
   * returns or waits for something; an async handler may go on sending.
   *
   * @throws StateError once the response has gone out; ConfigError for an option out of range
   */
  sse(options: EventStreamOptions = {}): EventStream {
    return openEventStream(this.#core, options)
  }
}

/**
 * A script that calls a function of the page with a value.
 *
 * @throws HttpError 400 for a callback that isn't a name, or names joined by dots
 */
function formatJsonp(callback: string, value: unknown): string {
  if (!/^[\w$]+(?:\.[\w$]+)*$/.test(callback))
    throw new HttpError(400, 'The callback is not a name', { failure: 'ERR_TRIBIND_JSONP_CALLBACK' })
  // The two line ends that JSON allows in strings and older JavaScript doesn't.
  const json = formatJson(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return `${callback}(${json})`
}

/**
 * Opens a stream of server-sent events in place of what was written.
 *
 * @throws StateError once the response has gone out; ConfigError for an option out of range
 */
function openEventStream(response: ResponseCore, options: EventStreamOptions): EventStream {
  const { raw, request } = response
  if (response.sent)
    throw new StateError('sse() must be called before the head of the response is sent', {
      failure: 'ERR_TRIBIND_RESPONSE_SENT',
    })
  const feed = new EventFeed()
  const { settings, served: route } = request
  const lastEventId = request.header('last-event-id')
  const events = new EventStream({ raw, feed, streams: settings.traffic.streams, route, lastEventId }, options)
  response.clear()
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
  response.setDefault('Cache-Control', 'no-cache')
  // Else nginx holds events back.
  response.setHeader('X-Accel-Buffering', 'no')
  response.stream(feed)
  response.onEventStream?.()
  return events
}

/** What other frameworks have on a response. JavaScript would add such a member silently and answer without it. */
const foreignMembers = {
  body: 'response.write(…)',
  headers: 'response.setHeader(name, value)',
  statusCode: 'response.status',
  type: "response.setHeader('Content-Type', …)",
}

for (const [name, advice] of Object.entries(foreignMembers))
  Object.defineProperty(Response.prototype, name, {
    set() {
      throw new ResponseError(`a response has no member "${name}": use ${advice}`, {
        failure: 'ERR_TRIBIND_RESPONSE_MEMBER',
      })
    },
  })

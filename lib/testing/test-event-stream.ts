import { once } from 'node:events'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { encodeRequest } from '../server/inject.ts'
import { EventStreamParser, type TestEvent } from './event-stream-parser.ts'
import { DEFAULT_TIMEOUT_MS, inTime } from './in-time.ts'
import { Inbox } from './inbox.ts'
import { type LiveRequest, openRequest } from './running-server.ts'

/** How a test client opens an event stream. */
export interface TestEventStreamOptions {
  headers?: OutgoingHttpHeaders
  /** Sent as Last-Event-ID, as a browser does when it connects again. Default: none. */
  lastEventId?: string
  /** How long the response and each event are waited for, in milliseconds; 0 for no limit. Default 1,500. */
  timeoutMs?: number
}

/**
 * An open stream of server-sent events; made by `client.events()`.
 *
 * It is iterable: the loop ends with the stream, and the stream is closed where the loop is left.
 */
export class TestEventStream implements AsyncIterable<TestEvent>, AsyncDisposable {
  /** Of the response, with lower-case names. */
  readonly headers: IncomingHttpHeaders
  readonly #response: IncomingMessage
  readonly #url: string
  readonly #timeoutMs: number
  readonly #parser = new EventStreamParser()
  readonly #inbox = new Inbox<TestEvent>()

  /** @internal */
  constructor(response: IncomingMessage, url: string, timeoutMs: number) {
    this.headers = response.headers
    this.#response = response
    this.#url = url
    this.#timeoutMs = timeoutMs
    response.on('data', (chunk: Buffer) => {
      for (const event of this.#parser.push(chunk)) this.#inbox.put(event)
    })
    response.on('end', () => this.#inbox.end())
    response.on('error', (cause) => this.#inbox.end(new Error(`the event stream "${url}" was cut off`, { cause })))
  }

  /** The id of the last event that had one; `''` for none. */
  get lastEventId(): string {
    return this.#parser.lastEventId
  }

  /** How long the server wants a client to wait before it connects again, in milliseconds; `undefined` for its default. */
  get retry(): number | undefined {
    return this.#parser.retry
  }

  /**
   * Resolves with the next event.
   *
   * @throws an error where none comes in `timeoutMs`, and where the stream ends
   */
  async next({ timeoutMs = this.#timeoutMs }: { timeoutMs?: number } = {}): Promise<TestEvent> {
    const event = await this.#take(timeoutMs)
    if (event === undefined) throw new Error(`the event stream "${this.#url}" ended without another event`)
    return event
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TestEvent, void, undefined> {
    try {
      for (let event; (event = await this.#take(this.#timeoutMs)) !== undefined;) yield event
    } finally {
      this.close()
    }
  }

  /** Disconnects, as a browser does that leaves the page. Events that have arrived can still be read. */
  close(): void {
    this.#inbox.end()
    this.#response.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #take(timeoutMs: number): Promise<TestEvent | undefined> {
    return this.#inbox.take(timeoutMs, `an event of the event stream "${this.#url}"`)
  }
}

/**
 * Opens an event stream; resolves when its response has begun.
 *
 * @throws an error for a response that a browser doesn't take for an event stream
 */
export async function openTestEventStream(
  request: LiveRequest,
  { lastEventId, timeoutMs = DEFAULT_TIMEOUT_MS }: TestEventStreamOptions,
): Promise<TestEventStream> {
  const { server, url, takeCookies } = request
  const id = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const headers = { accept: 'text/event-stream', 'cache-control': 'no-cache', ...id, ...request.headers }
  const { options } = await encodeRequest({ url, headers })
  const outgoing = openRequest(server, options)
  try {
    const response = await inTime(responseTo(outgoing), timeoutMs, `the response of the event stream "${url}"`)
    takeCookies(response.headers['set-cookie'] ?? [])
    if (!isEventStream(response)) throw await inTime(refusal(url, response), timeoutMs, `the response of "${url}"`)
    return new TestEventStream(response, url, timeoutMs)
  } catch (error) {
    outgoing.destroy()
    throw error
  }
}

async function responseTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  // From now on, errors are those of the response.
  outgoing.on('error', () => {})
  return response
}

function isEventStream({ statusCode, headers }: IncomingMessage): boolean {
  return statusCode === 200 && /^text\/event-stream\s*(;|$)/i.test(headers['content-type'] ?? '')
}

async function refusal(url: string, response: IncomingMessage): Promise<Error> {
  const type = response.headers['content-type'] ?? 'no content type'
  return new Error(
    `"${url}" must answer 200 with text/event-stream, got ${response.statusCode} with ${type}: ${await text(response)}`,
  )
}

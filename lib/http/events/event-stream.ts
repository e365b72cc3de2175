import type { ServerResponse } from 'node:http'
import type { Tasks } from '../../base/tasks.ts'
import { defineOptions, type OptionTable } from '../../options/define-options.ts'
import { bytes, milliseconds } from '../../options/option-kinds.ts'
import type { EventFeed } from './event-feed.ts'
import { formatComment, formatEvent, isServerSentEvent, type ServerSentEvent } from './event-format.ts'

export interface EventStreamOptions {
  /** How often a comment keeps the connection from looking idle, in milliseconds; 0 for never. Default 15,000. */
  heartbeatMs?: number
  /**
   * How much may wait for a client that reads too slowly before its connection is cut, in bytes. It is exceeded by one
   * event at most. Default 1 MiB.
   */
  maxBufferedBytes?: number
}

/** Where an event stream goes out. */
export interface EventStreamPlace {
  readonly raw: ServerResponse
  /** What the response sends. */
  readonly feed: EventFeed
  /** What a stop ends. */
  readonly streams: Tasks
  /** The route that serves it. */
  readonly route: object | undefined
  readonly lastEventId: string | undefined
}

/** The table of the options of `response.sse()`. */
export const eventStreamOptions: OptionTable<EventStreamOptions> = defineOptions(
  {
    heartbeatMs: milliseconds(0, { default: 15_000 }),
    maxBufferedBytes: bytes({ default: 2 ** 20 }),
  },
  { owner: 'sse' },
)

/** An open stream of server-sent events (HTML Living Standard, section 9.2); made by `response.sse()`. */
export class EventStream {
  /** The id of the last event that the client had before it connected again; `''` for none. */
  readonly lastEventId: string
  /** Resolves when the stream has ended, from either side. */
  readonly closed: Promise<void>
  readonly #feed: EventFeed
  readonly #raw: ServerResponse
  readonly #maxBufferedBytes: number
  #isEnded = false

  /** @internal */
  constructor({ raw, feed, streams, route, lastEventId }: EventStreamPlace, options: EventStreamOptions) {
    const { heartbeatMs, maxBufferedBytes } = eventStreamOptions.parse(options)
    this.#maxBufferedBytes = maxBufferedBytes
    // Fields are latin1 to node:http, but this one is UTF-8.
    this.lastEventId = lastEventId === undefined ? '' : Buffer.from(lastEventId, 'latin1').toString()
    this.#raw = raw
    this.#feed = feed
    const timer = heartbeatMs === 0 ? undefined : setInterval(() => this.#beat(), heartbeatMs).unref()
    const closed = streams.open({ route, end: () => this.close(), cut: () => this.#cut() })
    const leave = () => feed.destroy()
    this.closed = new Promise((resolve) => {
      feed.once('close', () => {
        this.#isEnded = true
        clearInterval(timer)
        raw.off('close', leave)
        closed()
        resolve()
      })
    })
    if (raw.destroyed) leave()
    else raw.once('close', leave)
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    // It is told of its end only in the next turn, after others who wait for the client to leave.
    return this.#isEnded || this.#feed.destroyed
  }

  /**
   * Sends an event: an object with `data` and nothing else than `event`, `id` and `retry`; anything else is data.
   *
   * A value that comes from a user is to be sent as `{ data: value }`: alone, it could name an event.
   *
   * @returns when there is room for more: true, or false if the stream has ended
   * @throws ResponseError for an `event` or `id` with CR, LF or NUL, and a `retry` that isn't a whole number from 0
   */
  send(event: ServerSentEvent): Promise<boolean>
  send(data: unknown): Promise<boolean>
  send(event: unknown): Promise<boolean> {
    return this.#push(formatEvent(isServerSentEvent(event) ? event : { data: event }))
  }

  /** Sends what clients skip. */
  comment(text: string): Promise<boolean> {
    return this.#push(formatComment(text))
  }

  /** Ends the stream once the client has what was sent; the client will connect again, unless it is told not to. */
  close(): void {
    if (this.isClosed) return
    this.#isEnded = true
    this.#feed.push(null)
  }

  async #push(text: string): Promise<boolean> {
    if (this.isClosed) return false
    if (this.#feed.readableLength + this.#raw.writableLength > this.#maxBufferedBytes) {
      this.#cut()
      return false
    }
    if (!this.#feed.send(text)) await this.#feed.hasRoom()
    return !this.isClosed
  }

  #beat(): void {
    // Where something waits already, another comment tells the client nothing.
    if (!this.#isEnded && this.#feed.readableLength === 0) this.#feed.send(':\n\n')
  }

  /** The client sees a connection that broke, and connects again with the id of the last event it has. */
  #cut(): void {
    this.#isEnded = true
    this.#feed.destroy()
    this.#raw.destroy()
  }
}

import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import { Readable, type Writable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'
import { EventFeed } from '../events/event-feed.ts'
import { formatJson, readBytes } from './response-body.ts'

/** Content that is produced while it goes out: a Readable, a web ReadableStream, a generator … */
export type BodySource = AsyncIterable<unknown> | Iterable<unknown>

/**
 * Returns a function that calls others in the asynchronous context of now. A generator runs when it is read, which is after
 * the functions that entered a context of the application.
 */
export function keepContext(): <Result>(act: () => Result) => Result {
  return AsyncLocalStorage.snapshot()
}

/**
 * The source as a Readable that can be destroyed also while it waits for its next chunk.
 *
 * @throws ResponseError for a value that isn't a source
 */
export function createReadable(source: BodySource): Readable {
  if (typeof source !== 'object' || source === null || !(Symbol.asyncIterator in source || Symbol.iterator in source)) {
    throw new ResponseError(
      `response.stream: expected a Readable, a ReadableStream or an iterable, sync or async, got ${printValue(source)}`,
      { failure: 'ERR_TRIBIND_RESPONSE_CONTENT' },
    )
  }
  const readable =
    source instanceof Readable
      ? source
      : source instanceof ReadableStream
        ? Readable.fromWeb(source as NodeStream)
        : Readable.from(source)
  // Without a listener, a source that fails before it is read would end the process; it need not be a Readable of ours.
  const { on } = source as { on?: (event: string, listener: () => void) => unknown }
  if (typeof on === 'function') on.call(source, 'error', () => {})
  return readable.on('error', () => {})
}

/**
 * Sends a source with back pressure: no more is read from it than the client takes.
 *
 * The head goes out with the first chunk, so a source that fails before can still be answered with an error. A client
 * that leaves destroys the source. Of an event stream the head goes out at once.
 *
 * @throws what the source or `beforeHead` fails with, unless the client has left
 */
export async function sendSource(raw: ServerResponse, source: Readable, frame: Frame): Promise<void> {
  if (raw.destroyed) return void source.destroy()
  const leave = () => source.destroy()
  raw.once('close', leave)
  let writer: ChunkWriter | undefined
  try {
    if (source instanceof EventFeed && !source.destroyed) {
      const events = new ChunkWriter(frame.begin(undefined), raw)
      writer = events
      raw.flushHeaders()
      await source.passTo((text) => events.write(text))
    } else {
      for await (const value of source) {
        const chunk = toChunk(value)
        writer ??= await open(raw, frame, chunk)
        const hasRoom = writer.write(chunk)
        if (hasRoom !== undefined) await hasRoom
      }
    }
    writer ??= await open(raw, frame, undefined)
    await writer.write(frame.end())
    await writer.end()
  } catch (error) {
    // A client that has left waits for no answer.
    if (!raw.destroyed) throw error
  } finally {
    raw.off('close', leave)
    source.destroy()
  }
}

/** Ends a source that isn't read. */
export function dropSource(stream: Readable | undefined, { req }: ServerResponse): void {
  // An echo of the request itself: to destroy it would take the connection along.
  if (stream === req) stream?.resume()
  else stream?.destroy()
}

/** What goes around the chunks of a source. */
export interface Frame {
  /** What must be done before the head goes out, such as saving the session. */
  beforeHead(): void | Promise<void>
  /**
   * Writes the head, and what precedes the source. Returns what the chunks are written to: the response, or an encoder
   * before it.
   *
   * @param firstChunk `undefined` where the source has none
   */
  begin(firstChunk: string | Uint8Array | undefined): Writable
  /** Returns what follows the source. */
  end(): string | Uint8Array
}

async function open(
  raw: ServerResponse,
  frame: Frame,
  firstChunk: string | Uint8Array | undefined,
): Promise<ChunkWriter> {
  await frame.beforeHead()
  return new ChunkWriter(frame.begin(firstChunk), raw)
}

/** What chunks are written to; it listens once for all of them, as wrappers of a response lose track of more. */
class ChunkWriter {
  readonly #sink: Writable
  readonly #raw: ServerResponse
  #wake = () => {}

  constructor(sink: Writable, raw: ServerResponse) {
    this.#sink = sink
    this.#raw = raw
    const wake = () => this.#wake()
    sink.on('drain', wake)
    raw.once('close', wake)
  }

  /** Returns a promise where the sink is full: of its having room, or of the client having left. */
  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (chunk.length === 0 || this.#sink.write(chunk) || this.#raw.destroyed) return undefined
    return new Promise((resolve) => (this.#wake = resolve))
  }

  /** Returns a promise where there is an encoder: of all having passed it, or of the client having left. */
  end(): Promise<void> | undefined {
    this.#sink.end()
    const sink: Writable = this.#sink
    if (sink === this.#raw || this.#raw.destroyed) return undefined
    return new Promise((resolve) => {
      this.#wake = resolve
      sink.once('end', resolve)
    })
  }
}

/** Text and bytes as they are, anything else as JSON. */
function toChunk(value: unknown): string | Uint8Array {
  if (typeof value === 'string') return value
  return readBytes(value) ?? formatJson(value)
}

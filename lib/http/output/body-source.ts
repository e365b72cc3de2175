import type { ServerResponse } from 'node:http'
import { Readable, type Writable } from 'node:stream'
import { EventFeed } from '../events/event-feed.ts'
import { readBytes } from './response-body.ts'

/** Content that is produced while it goes out: a Readable, a web ReadableStream, a generator … */
export type BodySource = AsyncIterable<unknown>

/** The source as a Readable that can be destroyed also while it waits for its next chunk. */
export function createReadable(source: BodySource): Readable {
  const readable =
    source instanceof Readable
      ? source
      : source instanceof ReadableStream
        ? Readable.fromWeb(source)
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
 * @param begin is called with the first chunk, or with `undefined` where the source has none; it writes the head and gives
 * what the chunks are written to: the response, or an encoder before it
 */
export async function sendSource(
  raw: ServerResponse,
  source: Readable,
  begin: (firstChunk: string | Uint8Array | undefined) => Writable,
): Promise<void> {
  if (raw.destroyed) return void source.destroy()
  const leave = () => source.destroy()
  raw.once('close', leave)
  let outlet: Outlet | undefined
  try {
    if (source instanceof EventFeed && !source.destroyed) {
      outlet = new Outlet(begin(undefined), raw)
      raw.flushHeaders()
    }
    for await (const value of source) {
      const chunk = toChunk(value)
      outlet ??= new Outlet(begin(chunk), raw)
      const hasRoom = outlet.write(chunk)
      if (hasRoom !== undefined) await hasRoom
    }
    outlet ??= new Outlet(begin(undefined), raw)
    await outlet.end()
  } catch (error) {
    // Whoever waits for this answer has gone: that is nobody's error.
    if (!raw.destroyed) throw error
  } finally {
    raw.off('close', leave)
    source.destroy()
  }
}

/** What chunks are written to; it listens once for all of them, as wrappers of a response lose track of more. */
class Outlet {
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

  /** Gives a promise where the sink is full: of its having room, or of the client having left. */
  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#sink.write(chunk) || this.#raw.destroyed) return undefined
    return new Promise((resolve) => (this.#wake = resolve))
  }

  /** Gives a promise where there is an encoder: of all having passed it, or of the client having left. */
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
  return readBytes(value) ?? JSON.stringify(value)
}

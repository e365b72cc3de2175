import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'

/** Content that is produced while it goes out: a Readable, a web ReadableStream, a generator … */
export type BodySource = AsyncIterable<unknown>

export function isBodySource(value: object): value is BodySource {
  return Symbol.asyncIterator in value
}

/** The source as a Readable that can be destroyed also while it waits for its next chunk. */
export function createReadable(source: BodySource): Readable {
  const readable =
    source instanceof Readable
      ? source
      : source instanceof ReadableStream
        ? Readable.fromWeb(source)
        : Readable.from(source)
  // Without a listener, a source that fails before it is read would end the process.
  return readable.on('error', () => {})
}

/**
 * Sends a source with back pressure: no more is read from it than the client takes.
 *
 * The head goes out with the first chunk, so a source that fails before can still be answered with an error. A client
 * that leaves destroys the source.
 *
 * @param writeHead is called with the first chunk, or with `undefined` where the source has none
 */
export async function sendSource(
  raw: ServerResponse,
  source: Readable,
  writeHead: (firstChunk: unknown) => void,
): Promise<void> {
  if (raw.destroyed) return void source.destroy()
  const leave = () => source.destroy()
  raw.once('close', leave)
  try {
    let isFirst = true
    for await (const chunk of source) {
      if (isFirst) writeHead(chunk)
      isFirst = false
      if (!raw.write(isBytes(chunk) ? chunk : asText(chunk))) await drained(raw)
    }
    if (isFirst) writeHead(undefined)
    raw.end()
  } catch (error) {
    // Whoever waits for this answer has gone: that is nobody's error.
    if (!raw.destroyed) throw error
  } finally {
    raw.off('close', leave)
    source.destroy()
  }
}

async function drained(raw: ServerResponse): Promise<void> {
  if (raw.destroyed) return
  const listening = new AbortController()
  const { signal } = listening
  try {
    await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })])
  } finally {
    listening.abort()
  }
}

function isBytes(chunk: unknown): chunk is Uint8Array {
  return chunk instanceof Uint8Array
}

function asText(chunk: unknown): string {
  return typeof chunk === 'string' ? chunk : JSON.stringify(chunk)
}

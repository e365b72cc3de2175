import type { ServerResponse } from 'node:http'
import { watchFinish } from './watch-finish.ts'

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean
type End = (chunk?: unknown, encoding?: unknown, callback?: unknown) => ServerResponse

/** What is known of a response's body when its connection lets go of it. */
export interface WatchedBody {
  /** Of the body as it went out, encoded; of one that isn't whole, those that the system has taken. */
  readonly bytes: number
  readonly isWhole: boolean
}

/** Watches a response's body, in whatever way it is written. */
export function watchBody(raw: ServerResponse, isHead: boolean): () => WatchedBody {
  const write = raw.write.bind(raw) as Write
  const end = raw.end.bind(raw) as End
  let taken = 0
  let last = 0
  let isEnding = false
  const hasFinished = watchFinish(raw)
  raw.write = ((chunk, encoding, callback) => {
    // Under HTTP/2, `end` writes its chunk through `write`.
    if (isEnding) return write(chunk, encoding, callback)
    const bytes = sizeOf(chunk, encoding)
    const done = typeof encoding === 'function' ? encoding : callback
    return write(chunk, typeof encoding === 'function' ? undefined : encoding, (error?: Error | null) => {
      // A socket that is destroyed calls what it hasn't written a success.
      if (!error && !raw.socket?.destroyed) taken += bytes
      if (typeof done === 'function') done(error)
    })
  }) as typeof raw.write
  raw.end = ((chunk, encoding, callback) => {
    if (!raw.writableEnded) last = sizeOf(chunk, encoding)
    isEnding = true
    try {
      return end(chunk, encoding, callback)
    } finally {
      isEnding = false
    }
  }) as typeof raw.end
  return () => {
    const hasBody = !isHead && raw.statusCode !== 204 && raw.statusCode !== 304
    const isWhole = hasFinished()
    return { bytes: hasBody ? taken + (isWhole ? last : 0) : 0, isWhole }
  }
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

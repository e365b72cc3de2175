import type { ServerResponse } from 'node:http'

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean
type End = (chunk?: unknown, encoding?: unknown, callback?: unknown) => ServerResponse

/**
 * Counts the bytes of a response's body, in whatever way they are written to it, encoded ones as they go out.
 *
 * @returns how many there are: of a response that isn't finished, those that the system has taken
 */
export function countBody(raw: ServerResponse, isHead: boolean): () => number {
  const write = raw.write.bind(raw) as Write
  const end = raw.end.bind(raw) as End
  let taken = 0
  let last = 0
  let isEnding = false
  raw.write = ((chunk, encoding, callback) => {
    // Under HTTP/2, `end` writes its chunk through `write`.
    if (isEnding) return write(chunk, encoding, callback)
    const bytes = sizeOf(chunk, encoding)
    const done = typeof encoding === 'function' ? encoding : callback
    return write(chunk, typeof encoding === 'function' ? undefined : encoding, (error?: Error | null) => {
      if (!error) taken += bytes
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
    return hasBody ? taken + (raw.writableFinished ? last : 0) : 0
  }
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

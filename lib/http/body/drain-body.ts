import type { IncomingMessage, ServerResponse } from 'node:http'
import { awaitsContinue } from './expect-continue.ts'

/** How much of an unwanted body is still read before its connection is closed. */
const MAX_DRAIN_BYTES = 64 * 1024 * 1024
const MAX_DRAIN_MS = 30_000

/**
 * Reads on and drops what a client still sends, so that it comes to read the answer.
 *
 * A client that is cut off while it sends sees a reset, and never the answer that lies ready (RFC 9112, section 9.6).
 * One that sends on and on is cut off nevertheless, once it is answered.
 *
 * @returns a promise of the end of it; it never rejects
 */
export function drainBody(raw: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (raw.readableEnded || raw.destroyed || awaitsContinue(raw)) return resolve()
    let left = MAX_DRAIN_BYTES
    const count = (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) cut()
    }
    const done = () => {
      clearTimeout(timer)
      raw.off('data', count).off('end', done).off('close', done)
      resolve()
    }
    const cut = () => {
      done()
      raw.pause()
      if (response.writableFinished) raw.destroy()
      else response.once('finish', () => raw.destroy())
    }
    const timer = setTimeout(cut, MAX_DRAIN_MS)
    raw.on('data', count).once('end', done).once('close', done).resume()
  })
}

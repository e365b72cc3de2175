import { setTimeout } from 'node:timers/promises'

/** Waits for a promise, but no longer than `ms` milliseconds. Rejects if the promise does. */
export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const waiting = new AbortController()
  try {
    await Promise.race([promise, setTimeout(ms, undefined, { signal: waiting.signal }).catch(() => {})])
  } finally {
    waiting.abort()
  }
}

/** How long tests wait by default, in milliseconds: less than mocha's own timeout, so that the test fails with this error. */
export const DEFAULT_TIMEOUT_MS = 1500

/**
 * Settles as the promise does.
 *
 * @param ms 0 for no limit
 * @throws an error that says what was waited for, with the stack of the call
 */
export async function inTime<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  if (ms === 0) return promise
  const late = new Error(`waited ${ms} ms for ${what}`)
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late), ms)
  })
  try {
    return await Promise.race([promise, expired])
  } finally {
    clearTimeout(timer)
  }
}

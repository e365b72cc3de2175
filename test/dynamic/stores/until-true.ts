import { expect } from 'chai'

/** Asks until what is answered is as it should be, and returns that. */
export async function untilTrue<Value>(get: () => Promise<Value>, isTrue: (value: Value) => boolean): Promise<Value> {
  const end = Date.now() + 10_000
  for (;;) {
    const value = await get()
    if (isTrue(value)) return value
    if (Date.now() > end) expect.fail(`waited in vain, the last was ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

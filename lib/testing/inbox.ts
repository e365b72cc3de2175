import { inTime } from './in-time.ts'

/** Keeps what arrives until a test takes it, in order. */
export class Inbox<T> {
  readonly #items: T[] = []
  readonly #takers: ((taken: T | undefined | Promise<never>) => void)[] = []
  #end: (() => Promise<undefined>) | undefined

  put(item: T): void {
    const taker = this.#takers.shift()
    if (taker === undefined) this.#items.push(item)
    else taker(item)
  }

  /** Says that nothing more arrives; of several calls, the first counts. */
  end(failure?: Error): void {
    const end = (this.#end ??= async () => {
      if (failure !== undefined) throw failure
      return undefined
    })
    for (const taker of this.#takers.splice(0)) taker(end() as Promise<never>)
  }

  /**
   * Resolves with the next item, or with `undefined` after the last.
   *
   * @param ms how long to wait; 0 for no limit
   * @throws an error that says what was waited for, or the failure that was the end
   */
  async take(ms: number, what: string): Promise<T | undefined> {
    if (this.#items.length > 0) return this.#items.shift()
    if (this.#end !== undefined) return this.#end()
    let taker: ((taken: T | undefined | Promise<never>) => void) | undefined
    const taken = new Promise<T | undefined>((resolve) => this.#takers.push((taker = resolve)))
    try {
      return await inTime(taken, ms, what)
    } finally {
      // What arrives after the time is for the next call.
      const at = this.#takers.findIndex((other) => other === taker)
      if (at !== -1) this.#takers.splice(at, 1)
    }
  }
}

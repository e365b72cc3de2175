import { isPromise } from '../base/in-turn.ts'
import type { Logger } from '../log/logger.ts'
import { printValue } from '../options/print-value.ts'

/** A value that is kept for as long as contents of a layer ask for it. */
interface Kept {
  readonly value: unknown
  /** How many contents hold it. */
  holders: number
}

/** What the content of a layer holds beside its routes: functions to run and values to close when it retires. */
export class Holdings {
  readonly #layer: string
  readonly #logger: Logger
  readonly #kept = new Map<unknown, Kept>()
  readonly #retireFunctions: (() => unknown)[] = []

  constructor(layer: string, logger: Logger) {
    this.#layer = layer
    this.#logger = logger
  }

  get isEmpty(): boolean {
    return this.#kept.size + this.#retireFunctions.length === 0
  }

  onRetire(retire: () => unknown): void {
    this.#retireFunctions.push(retire)
  }

  /** Returns the value that these holdings, or those before, have under a key; of neither, what a function creates. */
  keep<T>(key: unknown, create: () => T, before: Holdings | undefined): T {
    const own = this.#kept.get(key)
    if (own !== undefined) return own.value as T
    const kept = (before === undefined ? undefined : before.#kept.get(key)) ?? { value: create(), holders: 0 }
    kept.holders++
    this.#kept.set(key, kept)
    // What could not be made is made again the next time.
    if (isPromise(kept.value)) kept.value.then(undefined, () => this.#kept.delete(key))
    return kept.value as T
  }

  /** Runs the functions, in order, then closes the values that no other content holds. Never rejects. */
  async release(): Promise<void> {
    for (const retire of this.#retireFunctions.splice(0))
      await this.#attempt(retire, `A function of onRetire of layer "${this.#layer}" failed`)
    const kept = [...this.#kept]
    this.#kept.clear()
    for (const [key, one] of kept) {
      const failed = `What layer "${this.#layer}" kept under ${printValue(key)} could not be closed`
      if (--one.holders === 0) await this.#attempt(() => close(one.value), failed)
    }
  }

  async #attempt(run: () => unknown, message: string): Promise<void> {
    try {
      await run()
    } catch (error) {
      this.#logger.error(message, { layer: this.#layer, error })
    }
  }
}

/** Closes what can be closed. A promise is awaited; one that rejected has nothing to close. */
async function close(kept: unknown): Promise<void> {
  const value = await Promise.resolve(kept).catch(() => undefined)
  if (typeof value !== 'object' || value === null) return
  for (const name of [Symbol.asyncDispose, Symbol.dispose, 'close']) {
    const member: unknown = Reflect.get(value, name)
    if (typeof member !== 'function') continue
    await Reflect.apply(member, value, [])
    return
  }
}

import type { Logger } from '../index.ts'

/** The functions that run after a transaction has committed. */
export class CommitQueue {
  readonly #functions: (() => unknown)[] = []
  /** How many there were when a savepoint was set. */
  readonly #counts = new Map<string, number>()
  isCommitted = false

  add(fn: () => unknown): void {
    this.#functions.push(fn)
  }

  savepoint(name: string): void {
    this.#counts.set(name, this.#functions.length)
  }

  /** Forgets those since a savepoint. */
  rollbackTo(name: string): void {
    this.#functions.length = this.#counts.get(name) ?? this.#functions.length
  }

  /** Runs them in order, if the transaction has committed. One that fails is logged. */
  async run(logger: Logger): Promise<void> {
    if (!this.isCommitted) return
    for (const fn of this.#functions) {
      try {
        await fn()
      } catch (error) {
        logger.error('A function of afterCommit failed', { error })
      }
    }
  }
}

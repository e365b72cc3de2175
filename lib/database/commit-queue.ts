import type { Logger } from '../index.ts'

/** The functions that run after a transaction has committed. */
export class CommitQueue {
  #functions: (() => unknown)[] | undefined
  /** How many there were when a savepoint was set. */
  #counts: Map<string, number> | undefined
  isCommitted = false

  /** Whether there is something to run. */
  get isDue(): boolean {
    return this.isCommitted && this.#functions !== undefined
  }

  add(fn: () => unknown): void {
    ;(this.#functions ??= []).push(fn)
  }

  savepoint(name: string): void {
    ;(this.#counts ??= new Map()).set(name, this.#functions?.length ?? 0)
  }

  /** Forgets those since a savepoint. */
  rollbackTo(name: string): void {
    const kept = this.#counts?.get(name)
    if (kept !== undefined) this.#functions?.splice(kept)
  }

  /** Runs them in order. One that fails is logged. */
  async run(logger: Logger): Promise<void> {
    for (const fn of this.#functions ?? []) {
      try {
        await fn()
      } catch (error) {
        logger.error('A function of afterCommit failed', { error })
      }
    }
  }
}

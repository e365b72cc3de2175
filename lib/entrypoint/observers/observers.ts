import type { Logger } from '../../log/logger.ts'
import { type Observed, Observer, type ObserverStatus } from './observer.ts'
import type { ReadObserver } from './observer-options.ts'

/**
 * The observers of one entry point.
 *
 * They outlive its closing: where it is opened again, an observer of the same name goes on with its queue and its numbers.
 */
export class Observers {
  readonly #observed: Observed
  readonly #logger: Logger
  #observers: ReadonlyMap<string, Observer> = new Map()

  constructor(observed: Observed, logger: Logger) {
    this.#observed = observed
    this.#logger = logger
  }

  /** Sets who is told from now on. To those that are no longer, what is pending is sent a last time. */
  use(options: readonly ReadObserver[]): void {
    const before = this.#observers
    const lastSeq = Math.max(0, ...[...before.values()].map((observer) => observer.lastSeq))
    this.#observers = new Map(
      options.map((one) => {
        const known = before.get(one.name)
        known?.use(one)
        return [one.name, known ?? new Observer(this.#observed, one, this.#logger, lastSeq)]
      }),
    )
    for (const [name, observer] of before) if (!this.#observers.has(name)) void observer.close()
  }

  /** Tells all observers of a change of state: `running`, `ready`, `failed` or `closed`. */
  tell(state: string, msg: string): void {
    for (const observer of this.#observers.values()) observer.tell(state, msg)
  }

  /** Sends all that is pending. Resolves after the longest `timeout` at the latest. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#observers.values(), (observer) => observer.flush()))
  }

  /** Sends all that is pending a last time. Resolves after the longest `timeout` at the latest. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#observers.values(), (observer) => observer.close()))
  }

  status(): ObserverStatus[] {
    return Array.from(this.#observers.values(), (observer) => observer.status())
  }
}

import type { Logger } from '../../log/logger.ts'
import type { StatusChange } from '../entry-point-status.ts'
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
  #latest: StatusChange | undefined
  /** The highest number of an event as of the last call of `use`. */
  #lastSeq = 0

  constructor(observed: Observed, logger: Logger) {
    this.#observed = observed
    this.#logger = logger
  }

  /**
   * Sets who is told from now on. New ones are told of the latest change of state, but not that it is closed. To those that are
   * no longer told, what is pending is sent a last time.
   */
  use(options: readonly ReadObserver[]): void {
    const before = this.#observers
    this.#lastSeq = Math.max(this.#lastSeq, ...Array.from(before.values(), ({ lastSeq }) => lastSeq))
    this.#observers = new Map(options.map((one) => [one.name, before.get(one.name) ?? this.#create(one)]))
    for (const one of options) before.get(one.name)?.use(one)
    for (const [name, observer] of before) if (!this.#observers.has(name)) void observer.close()
  }

  /** Tells all observers of a change of state. */
  tell(change: StatusChange): void {
    this.#latest = change
    for (const observer of this.#observers.values()) observer.tell(change)
  }

  /** Sends all that is pending a last time. Resolves after the longest `timeout` at the latest. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#observers.values(), (observer) => observer.close()))
  }

  status(): ObserverStatus[] {
    return Array.from(this.#observers.values(), (observer) => observer.status())
  }

  #create(options: ReadObserver): Observer {
    const observer = new Observer(this.#observed, options, this.#logger, this.#lastSeq)
    if (this.#latest !== undefined && this.#latest.state !== 'closed') observer.tell(this.#latest)
    return observer
  }
}

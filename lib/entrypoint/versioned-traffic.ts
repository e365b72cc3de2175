import type { Dispatcher } from '../pipeline/dispatcher.ts'
import { Traffic } from './traffic.ts'

/** The dispatcher that serves a place, and the work under way there by it and by those before. */
export class VersionedTraffic {
  #dispatcher: Dispatcher
  #traffic = new Traffic()
  readonly #retired = new Set<Traffic>()
  #isDraining = false
  #isEnding = false

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher
  }

  get dispatcher(): Dispatcher {
    return this.#dispatcher
  }

  /** The work of the requests that arrive now. */
  get current(): Traffic {
    return this.#traffic
  }

  get isIdle(): boolean {
    return this.#all.every((traffic) => traffic.isIdle)
  }

  /** Counts the work of requests that arrive from now on apart. Returns that under way. */
  switchTo(dispatcher: Dispatcher): Traffic {
    const before = this.#traffic
    this.#dispatcher = dispatcher
    this.#traffic = new Traffic()
    if (this.#isDraining) this.#traffic.drain(before.opensWebSockets)
    if (this.#isEnding) this.#traffic.streams.end()
    if (!before.isOver) {
      this.#retired.add(before)
      void before.whenOver().then(() => this.#retired.delete(before))
    }
    return before
  }

  /** As `Traffic.drain`. */
  drain(opensWebSockets = false): void {
    this.#isDraining = true
    for (const traffic of this.#all) traffic.drain(opensWebSockets)
  }

  /** As `Traffic.endStreams`. */
  async endStreams(timeoutMs: number): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.#all.map((traffic) => traffic.endStreams(timeoutMs)))
  }

  /** Resolves when nothing is running for any request, its close events included. */
  async whenIdle(): Promise<void> {
    while (!this.isIdle) await Promise.all(this.#all.map((traffic) => traffic.whenIdle()))
  }

  /** Resolves when nothing is under way, not even a stream. */
  async whenOver(): Promise<void> {
    await Promise.all(this.#all.map((traffic) => traffic.whenOver()))
  }

  get #all(): readonly Traffic[] {
    return [...this.#retired, this.#traffic]
  }
}

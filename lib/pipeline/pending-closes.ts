import type { Logger } from '../log/logger.ts'

/**
 * The close events that are under way after their responses, and how many of them may be.
 *
 * None is ever dropped: while it is full, the server takes no request that would add to them.
 */
export class PendingCloses {
  readonly #max: number
  readonly #logger: Logger
  #count = 0
  #isReported = false

  constructor(max: number, logger: Logger) {
    this.#max = max
    this.#logger = logger
  }

  get isFull(): boolean {
    return this.#count >= this.#max
  }

  /** Counts work, which must not reject, until it has ended. */
  async while(work: Promise<void>): Promise<void> {
    this.#count++
    this.#report()
    await work
    this.#count--
    if (this.#count <= this.#max / 2) this.#isReported = false
  }

  /** Once for each time that they pile up. */
  #report(): void {
    if (!this.isFull || this.#isReported) return
    this.#isReported = true
    this.#logger.warn('Close events take too long: requests that have some are answered 503 until fewer are pending', {
      maxPendingCloses: this.#max,
    })
  }
}

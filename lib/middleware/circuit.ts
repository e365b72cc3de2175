/** What has become of a request: it failed, it didn't, or its client has left before that could be known. */
export type Outcome = 'failed' | 'succeeded' | 'left'

/** Says whether requests pass: all of them, none for a time, and then one at a time until one succeeds. */
export class Circuit {
  readonly #failures: number
  readonly #duration: number
  /** In a row. */
  #failed = 0
  /** `undefined` while all pass. */
  #openUntil: number | undefined
  #isTrying = false
  /** Counts the changes: what was let in before the last one tells nothing any more. */
  #phase = 0

  constructor(failures: number, duration: number) {
    this.#failures = failures
    this.#duration = duration
  }

  /**
   * Lets a request in, and returns the phase to settle it with.
   *
   * @param now in milliseconds, by a clock that never goes back
   * @returns for one that isn't let in, how long none will be, in milliseconds
   */
  enter(now: number): { readonly phase: number; readonly isTrial: boolean } | { readonly wait: number } {
    if (this.#openUntil === undefined) return { phase: this.#phase, isTrial: false }
    if (this.#isTrying || now < this.#openUntil) return { wait: Math.max(0, this.#openUntil - now) }
    this.#isTrying = true
    return { phase: ++this.#phase, isTrial: true }
  }

  /** Returns what has changed with the outcome of a request. */
  settle(phase: number, outcome: Outcome, now: number): 'opened' | 'closed' | undefined {
    if (phase !== this.#phase) return undefined
    const wasTrial = this.#isTrying
    this.#isTrying = false
    if (outcome === 'left') return undefined
    if (outcome === 'succeeded') {
      this.#failed = 0
      return wasTrial ? this.#change(undefined) : undefined
    }
    this.#failed++
    return wasTrial || this.#failed >= this.#failures ? this.#change(now + this.#duration) : undefined
  }

  #change(openUntil: number | undefined): 'opened' | 'closed' {
    this.#phase++
    this.#failed = 0
    this.#openUntil = openUntil
    return openUntil === undefined ? 'closed' : 'opened'
  }
}

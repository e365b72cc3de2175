/** Counts what is under way, so that a stop can wait for its end. */
export class InFlight {
  #count = 0
  #idle: (() => void)[] = []

  /**
   * Counts a promise, which must not reject, until it is settled.
   *
   * @param andThen what is to follow, and counts too where it gives a promise
   */
  add(work: PromiseLike<unknown>, andThen?: () => PromiseLike<unknown> | undefined): void {
    this.#count++
    void work.then(() => {
      const more = andThen?.()
      if (more !== undefined) this.add(more)
      if (--this.#count > 0) return
      for (const resolve of this.#idle.splice(0)) resolve()
    })
  }

  /** Resolves as soon as nothing is under way. */
  whenIdle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }
}

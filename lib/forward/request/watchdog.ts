/** A time that something may take, beginning anew whenever it moves. */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined

  /** Begins a time, in place of the one before. */
  arm(ms: number, bark: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(bark, ms)
  }

  /** Begins the same time anew. */
  touch(): void {
    this.#timer?.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

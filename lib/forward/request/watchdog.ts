/** A time that something may take, beginning anew whenever it moves. Its timer is kept for the next time of the same length. */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined
  #ms = 0
  #bark: (() => void) | undefined

  /** Begins a time, in place of the one before. */
  arm(ms: number, bark: () => void): void {
    this.#bark = bark
    if (this.#timer !== undefined && this.#ms === ms) return void this.#timer.refresh()
    clearTimeout(this.#timer)
    this.#ms = ms
    // The connections keep the process running, as long as they are used.
    this.#timer = setTimeout(() => this.#bark?.(), ms).unref()
  }

  /** Begins the same time anew. */
  touch(): void {
    if (this.#bark !== undefined) this.#timer?.refresh()
  }

  /** Waits for nothing until it is armed again. */
  rest(): void {
    this.#bark = undefined
  }

  end(): void {
    this.#bark = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

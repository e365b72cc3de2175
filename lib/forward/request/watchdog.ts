/** A time that something may take, beginning anew whenever it moves. */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined
  #ms = 0
  #bark: () => void = () => {}

  /** Begins a time, in place of the one before. */
  arm(ms: number, bark: () => void): void {
    this.#bark = bark
    if (this.#timer !== undefined && this.#ms === ms) return this.touch()
    clearTimeout(this.#timer)
    this.#ms = ms
    this.#timer = setTimeout(() => this.#bark(), ms)
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

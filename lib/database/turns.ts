import { startDeadline } from './start-deadline.ts'

/** One after another: who asks first has its turn first. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #isTaken = false
  #isOpen = false

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Resolves when it is the caller's turn, which lasts until `end`.
   *
   * @param createError the error if that takes longer than `timeoutMs`; how many were waiting then
   */
  async begin(timeoutMs: number, createError: (waiting: number) => Error): Promise<void> {
    if (!this.#isTaken || this.#isOpen) {
      this.#isTaken = true
      return
    }
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        clear()
        resolve()
      }
      const clear = startDeadline(timeoutMs, () => {
        const { length } = this.#waiting
        this.#waiting.splice(this.#waiting.indexOf(begin), 1)
        reject(createError(length))
      })
      this.#waiting.push(begin)
    })
  }

  end(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#isTaken = false
    else next()
  }

  /** Lets all pass from now on. */
  open(): void {
    this.#isOpen = true
    for (const begin of this.#waiting.splice(0)) begin()
  }
}

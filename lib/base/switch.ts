/** Holds the one value in use, such as a dispatcher; a request reads it once and keeps what it read. */
export class Switch<T> {
  #current: T

  constructor(initial: T) {
    this.#current = initial
  }

  get(): T {
    return this.#current
  }

  /** Puts another value in its place and returns the one before. */
  set(next: T): T {
    const before = this.#current
    this.#current = next
    return before
  }
}

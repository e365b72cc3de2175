/** Holds the one value in use, such as a dispatcher. A request reads `current` once and keeps what it read. */
export class Switch<T> {
  /** Changed by `set` alone. */
  current: T

  constructor(initial: T) {
    this.current = initial
  }

  /** Puts another value in its place and returns the one before. */
  set(next: T): T {
    const before = this.current
    this.current = next
    return before
  }
}

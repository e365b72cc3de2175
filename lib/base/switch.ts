/** Holds the one value in use, such as a dispatcher. A request reads `current` once and keeps what it read. */
export class Switch<T> {
  /** Only `set` changes it. */
  current: T

  constructor(initial: T) {
    this.current = initial
  }

  /** Replaces the value and returns the previous one. */
  set(next: T): T {
    const before = this.current
    this.current = next
    return before
  }
}

const EVERY_MS = 60_000
const MAX_COUNT = 10_000

/** When this process last renewed the ages of sessions, so that not every request is a write. */
export class Renewals {
  /** The longest unused first. */
  readonly #at = new Map<string, number>()

  note(id: string): void {
    this.#at.delete(id)
    this.#at.set(id, Date.now())
    if (this.#at.size <= MAX_COUNT) return
    for (const oldest of this.#at.keys()) {
      this.#at.delete(oldest)
      return
    }
  }

  /** Whether a minute has passed since, or a tenth of the age. */
  areDue(id: string, maxAgeMs: number | null | undefined): boolean {
    const everyMs = Math.min(EVERY_MS, (maxAgeMs ?? Infinity) / 10)
    return Date.now() - (this.#at.get(id) ?? -Infinity) >= everyMs
  }
}

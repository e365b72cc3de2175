import type { StoredSession } from './session-store.ts'

const EVERY_MS = 60_000
const MAX_COUNT = 10_000

/** When the ages of the sessions used last were renewed by this process, so that not every request is a write. */
export class Renewals {
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

  /** Whether a minute has passed, or a tenth of the age. */
  areDue(id: string, { cookie }: StoredSession): boolean {
    const everyMs = Math.min(EVERY_MS, (cookie.originalMaxAge ?? Infinity) / 10)
    return Date.now() - (this.#at.get(id) ?? -Infinity) >= everyMs
  }
}

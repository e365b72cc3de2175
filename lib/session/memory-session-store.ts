import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { integer } from '../options/option-kinds.ts'
import { endOf, type SessionStore, type StoredSession } from './session-store.ts'

export interface MemorySessionStoreOptions {
  /** How many sessions are kept. Beyond it, the one that was unused for the longest time is removed. Default 10,000. */
  maxCount?: number
  /** How long a session without an age of its own is kept unused, in milliseconds. Default one day. */
  maxAgeMs?: number
}

/** The table of the options of a `MemorySessionStore`. */
export const memorySessionStoreOptions: OptionTable<MemorySessionStoreOptions> = defineOptions(
  {
    maxCount: integer({ from: 1 }, { default: 10_000 }),
    maxAgeMs: integer({ from: 1, unit: 'milliseconds' }, { default: 86_400_000 }),
  },
  { owner: 'MemorySessionStore' },
)

const SWEEP_EVERY_MS = 60_000

/**
 * Keeps sessions in the memory of this process, bounded in count and age.
 *
 * It has no timers: expired sessions are removed when they are read, and once a minute when something is written.
 */
export class MemorySessionStore implements SessionStore {
  readonly #maxCount: number
  readonly #maxAgeMs: number
  /** Sessions as JSON, so that requests share no objects; the longest unused first. */
  readonly #entries = new Map<string, { readonly json: string; readonly end: number }>()
  #sweptAt = Date.now()

  /** @throws ConfigError naming the option that doesn't exist or has a wrong value */
  constructor(options: MemorySessionStoreOptions = {}) {
    const { maxCount, maxAgeMs } = memorySessionStoreOptions.parse(options)
    this.#maxCount = maxCount
    this.#maxAgeMs = maxAgeMs
  }

  /** How many sessions are kept. */
  get count(): number {
    return this.#entries.size
  }

  get(id: string, callback: (error?: unknown, session?: StoredSession | null) => void): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return callback()
    this.#entries.delete(id)
    if (entry.end <= Date.now()) return callback()
    this.#entries.set(id, entry)
    const session = JSON.parse(entry.json) as StoredSession
    // `touch` renews only the end.
    if (session.cookie.expires) session.cookie.expires = new Date(entry.end)
    callback(null, session)
  }

  set(id: string, session: StoredSession, callback?: (error?: unknown) => void): void {
    this.#keep(id, JSON.stringify(session), endOf(session, this.#maxAgeMs))
    this.#sweep()
    callback?.()
  }

  destroy(id: string, callback?: (error?: unknown) => void): void {
    this.#entries.delete(id)
    callback?.()
  }

  touch(id: string, session: StoredSession, callback?: (error?: unknown) => void): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#keep(id, entry.json, endOf(session, this.#maxAgeMs))
    callback?.()
  }

  #keep(id: string, json: string, end: number): void {
    this.#entries.delete(id)
    this.#entries.set(id, { json, end })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxCount) return
      this.#entries.delete(oldest)
    }
  }

  #sweep(): void {
    const now = Date.now()
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return
    this.#sweptAt = now
    for (const [id, { end }] of this.#entries) if (end <= now) this.#entries.delete(id)
  }
}

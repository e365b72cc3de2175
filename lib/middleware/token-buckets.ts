/** How fast a bucket fills, and what fits in. */
export interface BucketSettings {
  /** How long a token takes to come, in milliseconds. */
  readonly interval: number
  /** How many tokens a bucket holds. */
  readonly size: number
  /** How many buckets are kept at most. */
  readonly maxKeys: number
}

/** What taking a token has come to. */
export interface Taken {
  readonly isTaken: boolean
  /** How many tokens are left. */
  readonly left: number
  /** Until the bucket is full again, in milliseconds. */
  readonly untilFull: number
  /** Until there is a token again, in milliseconds. */
  readonly wait: number
}

/**
 * A bucket of tokens for each key, as the time at which it is full again: the Generic Cell Rate Algorithm (GCRA).
 *
 * A bucket that is full is as one that isn't there. The keys that were asked for longest ago come first: those that are full are
 * forgotten two at each call, and where there are too many, the first is.
 */
export class TokenBuckets {
  readonly #settings: BucketSettings
  readonly #fullAt = new Map<string, number>()

  constructor(settings: BucketSettings) {
    this.#settings = settings
  }

  /** @param now in milliseconds, by a clock that never goes back */
  take(key: string, now: number): Taken {
    const { interval, size } = this.#settings
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now)
    const after = fullAt + interval - now
    // What is added up over and over is off by less than a millionth.
    const isTaken = after <= interval * size * (1 + 1e-9)
    const untilFull = isTaken ? after : fullAt - now
    if (isTaken) this.#keep(key, now + untilFull, now)
    const left = Math.max(0, Math.floor(size - untilFull / interval + 1e-6))
    return { isTaken, left, untilFull, wait: Math.max(0, untilFull + interval - interval * size) }
  }

  #keep(key: string, fullAt: number, now: number): void {
    this.#fullAt.delete(key)
    this.#forget(now)
    this.#fullAt.set(key, fullAt)
  }

  #forget(now: number): void {
    let looked = 0
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt > now && this.#fullAt.size < this.#settings.maxKeys) return
      this.#fullAt.delete(key)
      if (++looked === 2) return
    }
  }
}

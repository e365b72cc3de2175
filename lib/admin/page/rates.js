/** @typedef {{ totalConns: number, currentConns: number, totalErrs: number, inputBytes: number, outputBytes: number, totalRequests: number, currentRequests: number }} Stats */
/** @typedef {{ readonly at: number, readonly stats: Stats }} Sample */
/** @typedef {{ readonly requests: number, readonly errors: number, readonly inputBytes: number, readonly outputBytes: number }} Rate Per second. */

const PERIOD_MS = 2000
const MAX_KEPT = 60

/** Keeps samples of what entry points have done, for what they do in each second. */
export class Rates {
  /** @type {Map<string, Sample[]>} */
  #samples = new Map()
  /** @type {Map<string, Stats>} */
  #latest = new Map()

  /**
   * Notes what an entry point has done up to now.
   *
   * @param {string} name
   * @param {Stats} stats
   */
  note(name, stats) {
    this.#latest.set(name, stats)
  }

  /** @param {string} name */
  latest(name) {
    return this.#latest.get(name)
  }

  /** Takes a sample of each, where it is time for one. @param {number} [now] */
  sample(now = Date.now()) {
    for (const [name, stats] of this.#latest) {
      const samples = this.#samples.get(name) ?? []
      const last = samples.at(-1)
      if (last !== undefined && now - last.at < PERIOD_MS * 0.9) continue
      // One that was opened again begins at 0.
      const isNew = last !== undefined && stats.totalRequests < last.stats.totalRequests
      this.#samples.set(name, [...(isNew ? [] : samples), { at: now, stats }].slice(-MAX_KEPT))
    }
  }

  /** Forgets all samples: there are none of the time in which the connection was lost. */
  clear() {
    this.#samples.clear()
  }

  /**
   * Lists the rates from sample to sample, the oldest first.
   *
   * @param {string} name
   * @returns {Rate[]}
   */
  of(name) {
    const samples = this.#samples.get(name) ?? []
    return samples.slice(1).map(({ at, stats }, i) => {
      const before = /** @type {Sample} */ (samples[i])
      const per = (/** @type {keyof Stats} */ key) => ((stats[key] - before.stats[key]) * 1000) / (at - before.at)
      return {
        requests: per('totalRequests'),
        errors: per('totalErrs'),
        inputBytes: per('inputBytes'),
        outputBytes: per('outputBytes'),
      }
    })
  }
}

/** How often to call `sample`. */
export const samplePeriod = PERIOD_MS

// How long requests took, in steps of a microsecond; a fixed piece of memory however many there are.

const steps = 1_000_000

export class Latencies {
  #counts = new Uint32Array(steps)
  #total = 0

  /** Counts one request; what took a second or more counts as a second. */
  add(milliseconds) {
    this.#counts[Math.min(Math.round(milliseconds * 1000), steps - 1)] += 1
    this.#total += 1
  }

  /** The milliseconds that `share` (0 to 1) of the requests stayed within. */
  percentile(share) {
    const wanted = Math.ceil(this.#total * share)
    let seen = 0
    for (let step = 0; step < steps; step += 1) {
      seen += this.#counts[step]
      if (seen >= wanted) return step / 1000
    }
    return 0
  }
}

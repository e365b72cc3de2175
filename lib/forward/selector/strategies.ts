import type { StrategyName } from './selector-options.ts'

/** A node as strategies see it. */
export interface Candidate {
  readonly id: string
  readonly weight: number
  /** What the turns of `round` have left it; a number from minus to plus a few times the sum of the weights. */
  credit: number
  readonly activeRequests: number
}

/**
 * Chooses one of several candidates; there is one at least.
 *
 * @param key returns what `hash` chooses by
 * @param random returns a number from 0 to 1, 1 excluded
 */
export type Strategy = <C extends Candidate>(candidates: readonly C[], key: () => string, random: () => number) => C

export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  round: takeTurns,
  rand: (candidates, _key, random) => takeShare(candidates, random() * sumOf(candidates)),
  fifo: (candidates) => candidates[0] as (typeof candidates)[number],
  hash: (candidates, key) => {
    const text = key()
    return maxBy(candidates, ({ id, weight }) => scoreOf(text, id, weight))
  },
  least: (candidates) => {
    const least = Math.min(...candidates.map(loadOf))
    return takeTurns(candidates.filter((candidate) => loadOf(candidate) === least))
  },
}

/** Smooth weighted round robin, as in nginx: a node of weight 5 among two of weight 1 doesn't get five requests in a row. */
function takeTurns<C extends Candidate>(candidates: readonly C[]): C {
  for (const candidate of candidates) candidate.credit += candidate.weight
  const next = maxBy(candidates, ({ credit }) => credit)
  next.credit -= sumOf(candidates)
  return next
}

/** The candidate in whose share of the weights a number lies. */
function takeShare<C extends Candidate>(candidates: readonly C[], place: number): C {
  let end = 0
  for (const candidate of candidates) {
    end += candidate.weight
    if (place < end) return candidate
  }
  return candidates.at(-1) as C
}

function loadOf({ activeRequests, weight }: Candidate): number {
  return activeRequests / weight
}

function sumOf(candidates: readonly Candidate[]): number {
  let sum = 0
  for (const { weight } of candidates) sum += weight
  return sum
}

/** Of several with the highest value the first. */
function maxBy<C>(candidates: readonly C[], valueOf: (candidate: C) => number): C {
  let best = candidates[0] as C
  let highest = valueOf(best)
  for (let i = 1; i < candidates.length; i++) {
    const candidate = candidates[i] as C
    const value = valueOf(candidate)
    if (value <= highest) continue
    best = candidate
    highest = value
  }
  return best
}

/**
 * Returns the score of a node for a key: of several nodes, the one with the highest serves the key (rendezvous hashing, with
 * the logarithmic method for weights). A node that leaves moves only its own keys, and each to a node by weight.
 */
function scoreOf(key: string, id: string, weight: number): number {
  return -weight / Math.log(hashToUnit(`${id}\0${key}`))
}

/** Returns a number between 0 and 1, both excluded, that depends on each character of a text (cyrb53, 53 bits). */
function hashToUnit(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return ((low & 0x1fffff) * 2 ** 32 + (high >>> 0) + 0.5) / 2 ** 53
}

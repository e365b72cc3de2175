// All clients at once, for some time.

import { hostile } from './hostile.mjs'
import { closeAll, wellBehaved } from './well-behaved.mjs'

const CLIENTS_OF_EACH = { wellBehaved: 24, hostile: 36 }

/**
 * Puts the server on `port` under load for so long, then waits for the last client.
 *
 * @returns how often each kind of client came, and what was done wrongly to any
 */
export async function putUnderLoad(port, ms, seed) {
  const until = performance.now() + ms
  const report = { visits: {}, wrongs: [] }
  const visit = async (kinds, random) => {
    const names = Object.keys(kinds)
    while (performance.now() < until) {
      const name = names[Math.floor(random() * names.length)]
      report.visits[name] = (report.visits[name] ?? 0) + 1
      try {
        await kinds[name](port, random)
      } catch (error) {
        report.wrongs.push(`${name}: ${error.message}`)
      }
    }
  }
  const visitors = Object.entries({ wellBehaved, hostile }).flatMap(([group, kinds]) =>
    Array.from({ length: CLIENTS_OF_EACH[group] }, (_, i) => visit(kinds, createRandom(seed + i))),
  )
  await Promise.all(visitors)
  closeAll()
  return report
}

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

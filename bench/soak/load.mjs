// All clients at once, for some time.

import { answeredWithinMs } from './contract.mjs'
import { hostileHttp2 } from './hostile-http2.mjs'
import { hostileTls } from './hostile-tls.mjs'
import { hostile } from './hostile.mjs'
import { hostileLive, wellBehavedLive } from './live-clients.mjs'
import { wellBehavedTls } from './well-behaved-tls.mjs'
import { closeAll, wellBehaved } from './well-behaved.mjs'

const groups = [
  { kinds: wellBehaved, at: 'plain', clients: 24, areAnswered: true },
  { kinds: hostile, at: 'plain', clients: 36 },
  { kinds: wellBehavedTls, at: 'secure', clients: 4, areAnswered: true },
  { kinds: hostileHttp2, at: 'secure', clients: 4 },
  { kinds: hostileTls, at: 'secure', clients: 4 },
  { kinds: wellBehaved, at: 'live', clients: 6, areAnswered: true },
  { kinds: hostile, at: 'live', clients: 6 },
  { kinds: wellBehavedLive, at: 'live', clients: 10, areAnswered: true },
  { kinds: hostileLive, at: 'live', clients: 6 },
  { kinds: wellBehavedTls, at: 'liveSecure', clients: 2, areAnswered: true },
  { kinds: hostileHttp2, at: 'liveSecure', clients: 2 },
]

/**
 * Puts the servers on `ports` under load for so long, then waits for the last client.
 *
 * @returns how often each kind of client came, and what was done wrongly to any
 */
export async function putUnderLoad(ports, ms, seed) {
  const until = performance.now() + ms
  const report = { visits: {}, wrongs: [] }
  const visit = async ({ kinds, at, areAnswered }, random) => {
    const names = Object.keys(kinds)
    while (performance.now() < until) {
      const name = names[Math.floor(random() * names.length)]
      report.visits[name] = (report.visits[name] ?? 0) + 1
      const start = performance.now()
      try {
        await kinds[name](ports[at], random)
        const took = performance.now() - start
        if (areAnswered && took > answeredWithinMs) report.wrongs.push(`${name}: answered after ${Math.round(took)} ms`)
      } catch (error) {
        report.wrongs.push(`${name}: ${error.message}`)
      }
    }
  }
  const visitors = groups.flatMap((group) =>
    Array.from({ length: group.clients }, (_, i) => visit(group, createRandom(seed + i))),
  )
  await Promise.all(visitors)
  closeAll()
  return report
}

/** Mulberry32: the same numbers for the same seed. */
export function createRandom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

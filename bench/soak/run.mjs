// The soak: `npm run soak` in the root of the repository; README.md says what must hold.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { settledAfterMs } from './contract.mjs'
import { judge } from './judge.mjs'
import { putUnderLoad } from './load.mjs'

const ENOUGH_REQUESTS = 4000
const MAX_ROUNDS = 8

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seconds: { type: 'string' }, seed: { type: 'string' } },
})
const ms = 1000 * Number(values.seconds ?? 60 * Number(values.minutes))
const seed = Number(values.seed ?? Date.now() % 1e6)
assert(ms > 0 && Number.isInteger(seed), 'usage: npm run soak -- [--minutes 10 | --seconds 20] [--seed 1]')

// A young generation that V8 enlarges some time under load (by some 30 MB) would look like a leak.
const execArgv = ['--expose-gc', '--max-semi-space-size=2']
const server = fork(new URL('server.mjs', import.meta.url), { execArgv })
server.once('exit', (code, signal) => {
  if (code !== 0) fail([`the server process ended with ${code ?? signal}`])
})
const [ports] = await once(server, 'message')
console.log(`${ms / 1000} s of load on the ports ${ports.plain} and, over TLS, ${ports.secure}; seed ${seed}`)

const { before, wrongs } = await warmUp()
const load = await putUnderLoad(ports, (3 * ms) / 4, seed + 1000)
const after = await settle()
console.log(JSON.stringify({ visits: load.visits, before, after }, undefined, 2))
const again = await putUnderLoad(ports, 500, seed + 2000)
server.send('stop')
await once(server, 'exit')

const faults = [...wrongs, ...load.wrongs, ...again.wrongs, ...judge(before, after, load.visits)]
if (faults.length > 0) fail(faults)
console.log('all held')

/** Goes on until memory has found its level, which on a busy machine takes longer. */
async function warmUp() {
  const wrongs = []
  let before = await settle()
  for (let round = 1; ; round++) {
    const last = before
    wrongs.push(...(await putUnderLoad(ports, ms / 8, seed + 100 * round)).wrongs)
    before = await settle()
    const isLevel = before.AfterClose >= ENOUGH_REQUESTS && before.rss <= last.rss * 1.05
    if (isLevel || round === MAX_ROUNDS) return { before, wrongs }
  }
}

/** The state once it has come to rest, or the last one where it never does. */
async function settle() {
  const giveUpAt = performance.now() + 2 * settledAfterMs
  for (;;) {
    server.send('state')
    const [state] = await once(server, 'message')
    const isAtRest = state.connections === 0 && state.sources === 0 && state.AfterClose === state.BeforeServe
    if (isAtRest || performance.now() > giveUpAt) return state
    await sleep(200)
  }
}

function fail(faults) {
  console.error(`${faults.length} faults (seed ${seed}):\n${faults.slice(0, 20).join('\n')}`)
  server.kill('SIGKILL')
  process.exit(1)
}

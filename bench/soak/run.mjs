// The soak: `npm run soak` in the root of the repository; README.md says what must hold.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { settledAfterMs } from './contract.mjs'
import { judge, judgeEnd } from './judge.mjs'
import { createRandom, putUnderLoad } from './load.mjs'
import { Receiver } from './receivers.mjs'

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
const steady = await Receiver.open(false)
const flaky = await Receiver.open(true, createRandom(seed))
const server = fork(new URL('server.mjs', import.meta.url), [steady.url, flaky.url], { execArgv })
server.once('exit', (code, signal) => {
  if (code !== 0) fail([`the server process ended with ${code ?? signal}`])
})
const [ports] = await once(server, 'message')
console.log(`${ms / 1000} s of load on the ports ${JSON.stringify(ports)}; seed ${seed}`)

const { before, wrongs } = await warmUp()
const load = await putUnderChanges((3 * ms) / 4, seed + 1000)
const after = await settle()
console.log(JSON.stringify({ visits: load.visits, before, after }, undefined, 2))
const again = await putUnderChanges(500, seed + 2000)
flaky.isFlaky = false
const end = await ask('stop')
await once(server, 'exit')
const receivers = [steady, flaky]
const judged = [...judge(before, after, load.visits), ...judgeEnd(end, receivers)]
for (const receiver of receivers) receiver.close()
const faults = [...wrongs, ...load.wrongs, ...again.wrongs, ...judged]
if (faults.length > 0) fail(faults)
console.log('all held')

/** Puts the servers under load while routes and entry points change. */
async function putUnderChanges(ms, seed) {
  await ask('change')
  const load = await putUnderLoad(ports, ms, seed)
  await ask('rest')
  return load
}

/** Goes on until memory has found its level, which on a busy machine takes longer. */
async function warmUp() {
  const wrongs = []
  let before = await settle()
  for (let round = 1; ; round++) {
    const last = before
    wrongs.push(...(await putUnderChanges(ms / 8, seed + 100 * round)).wrongs)
    before = await settle()
    const isLevel = before.AfterClose >= ENOUGH_REQUESTS && before.rss <= last.rss * 1.05
    if (isLevel || round === MAX_ROUNDS) return { before, wrongs }
  }
}

/** The state once it has come to rest, or the last one where it never does. */
async function settle() {
  const giveUpAt = performance.now() + 2 * settledAfterMs
  for (;;) {
    const state = await ask('state')
    const isOver = state.connections + state.sources + state.retirements + state.pools === 0
    const isAtRest = isOver && state.AfterClose === state.BeforeServe
    if (isAtRest || performance.now() > giveUpAt) return state
    await sleep(200)
  }
}

async function ask(question) {
  server.send(question)
  const [answer] = await once(server, 'message')
  return answer
}

function fail(faults) {
  console.error(`${faults.length} faults (seed ${seed}):\n${faults.slice(0, 20).join('\n')}`)
  server.kill('SIGKILL')
  process.exit(1)
}

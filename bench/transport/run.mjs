// Measures contestants under load and prints ratios; README.md says how.

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadCore, serverCore, whyNotPinned } from '../http/cores.mjs'
import { fetchAnswer } from '../http/fetch-answer.mjs'
import { takeTurns } from '../http/rounds.mjs'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { groups } from './contestants.mjs'
import { printTable } from './report.mjs'
import { scenarios } from './scenarios.mjs'

const { values } = parseArgs({
  options: {
    group: { type: 'string', default: 'main' },
    scenario: { type: 'string', default: 'hello' },
    launches: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '0.15' },
    /** Keeps the figures of every round there; those that are there count too. */
    json: { type: 'string' },
  },
})
const scenario = scenarios[values.scenario]
const names = groups[values.group].filter((name) => values.scenario !== 'echo' || name !== 'node:net alone')
const pinned = whyNotPinned() === undefined
const key = `${values.group} ${values.scenario}`
const CONNECTIONS = 64
/** Until then, V8 compiles more than it runs. */
const WARM_UP_SECONDS = 1.5

const kept = readKept()
const series = (kept[key] ??= {})
for (let launch = 0; launch < Number(values.launches); launch++) {
  const first = Math.floor((launch * names.length) / Number(values.launches))
  for (const [name, figures] of await measureLaunch([...names.slice(first), ...names.slice(0, first)]))
    (series[name] ??= []).push(...figures)
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(kept, undefined, 1))
printTable(key, names, series)

async function measureLaunch(order) {
  const load = new Worker('load', 'load.mjs', [], pinned ? loadCore : undefined)
  const servers = []
  try {
    for (const name of order) servers.push(await start(name))
    for (const server of servers) await measureSlice(load, server, WARM_UP_SECONDS)
    const measured = await takeTurns(servers, Number(values.rounds), async (server) => ({
      micros: await measureSlice(load, server, Number(values.seconds)),
    }))
    return measured.map(({ framework, series: { micros } }) => [framework, micros])
  } finally {
    stopWorkers()
  }
}

async function start(name) {
  const worker = new Worker(name, new URL('serve.mjs', import.meta.url).href, [name], pinned ? serverCore : undefined)
  const server = { framework: name, worker, port: await worker.ask('listen') }
  const { status, body } = await fetchAnswer(server.port, scenario)
  if (status !== 200 || body.length === 0) throw new Error(`${name}: answered ${status}`)
  return server
}

/** Returns the processor time of the server for one request, in microseconds. */
async function measureSlice(load, { worker, port }, seconds) {
  await load.ask('open', { port, count: CONNECTIONS })
  const before = await worker.ask('usage')
  const details = { requests: [scenario], status: 200, seconds, maxRequests: Math.ceil(seconds * 200_000) }
  const { answered } = await load.ask('run', details, 60_000)
  const after = await worker.ask('usage')
  await load.ask('close')
  return (after.cpuMicros - before.cpuMicros) / answered
}

function readKept() {
  try {
    return JSON.parse(readFileSync(values.json, 'utf8'))
  } catch {
    return {}
  }
}

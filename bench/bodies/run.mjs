// What bodies and declarations cost: processor time of a request, by that of bare node:http, Fastify and Hono. See README.md.

import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { checkAnswers } from '../http/check-answers.mjs'
import { loadCore, serverCore, whyNotPinned } from '../http/cores.mjs'
import { installPeers } from '../http/prepare.mjs'
import { takeTurns } from '../http/rounds.mjs'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { median } from '../median.mjs'
import { scenarios } from './scenarios.mjs'

const { values: options } = parseArgs({
  options: {
    scenarios: { type: 'string', default: Object.keys(scenarios).join(',') },
    launches: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '0.3' },
    before: { type: 'string' },
  },
})
const notPinned = whyNotPinned()

try {
  installPeers()
  if (notPinned) console.error(`NOT PINNED: ${notPinned}`)
  for (const name of options.scenarios.split(',')) await compare(scenarios[name])
} finally {
  stopWorkers()
}

async function compare(scenario) {
  const { frameworks } = scenario
  const old = options.before === undefined ? [] : frameworks.filter((name) => name.startsWith('tribind'))
  const names = [...frameworks, ...old.map((name) => `before:${name}`)]
  const series = new Map(names.map((name) => [name, []]))
  for (let launch = 0; launch < Number(options.launches); launch += 1) {
    const first = Math.floor((launch * names.length) / Number(options.launches))
    const order = [...names.slice(first), ...names.slice(0, first)]
    for (const { framework, series: figures } of await measureLaunch(order, scenario))
      series.get(framework).push(...figures.micros)
  }
  printTable(scenario, series)
}

/** Every launch starts all processes anew: where its memory came to lie makes a process faster or slower for as long as it lives. */
async function measureLaunch(names, scenario) {
  const load = new Worker('load', 'load.mjs', [], notPinned ? undefined : loadCore)
  const servers = await Promise.all(names.map((name) => startServer(name, scenario)))
  try {
    await checkAnswers(servers, scenario)
    for (const server of servers) await measureSlice(load, server, scenario, 1)
    return await takeTurns(servers, Number(options.rounds), async (server) => ({
      micros: await measureSlice(load, server, scenario, Number(options.seconds)),
    }))
  } finally {
    for (const { worker } of [...servers, { worker: load }]) worker.stop()
  }
}

async function startServer(framework, { handlers, requests }) {
  const [name, checkout] = framework.startsWith('before:')
    ? [framework.slice('before:'.length), pathToFileURL(`${options.before}/`)]
    : [framework, new URL('../../', import.meta.url)]
  const file = new URL('bench/http/serve.mjs', checkout)
  const worker = new Worker(framework, file, [name, handlers], notPinned ? undefined : serverCore)
  return { framework, worker, requests, port: await worker.ask('listen', {}, 60_000) }
}

/** Returns the processor time of a request, in microseconds. */
async function measureSlice(load, { port, worker, requests }, { connections }, seconds) {
  await load.ask('open', { port, count: connections })
  const before = await worker.ask('usage')
  const details = { requests, status: 200, seconds, maxRequests: 1e6 }
  const { answered } = await load.ask('run', details, (seconds + 30) * 1000)
  const after = await worker.ask('usage')
  await load.ask('close')
  return (after.cpuMicros - before.cpuMicros) / answered
}

/** Ratios are made within a round: the machine isn't as fast in the next. */
function printTable({ title, against }, series) {
  const old = [...series.keys()].filter((name) => name.startsWith('before:'))
  const others = [...against, ...old]
  const rows = [...series].map(([name, micros]) => [
    name,
    `${median(micros).toFixed(1)} (${Math.min(...micros).toFixed(1)})`,
    ...others.map((other) => formatRatio(micros.map((figure, round) => figure / series.get(other)[round]))),
  ])
  console.log(`\n${title}: µs of processor time of a request, the median and the least`)
  for (const row of [['', '', ...others.map((name) => `to ${name}`)], ...rows])
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(i === 1 ? 16 : 28))).join(''))
}

/** The median of the rounds, and between what the middle half of them lies. */
function formatRatio(ratios) {
  const sorted = ratios.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))].toFixed(2)
  return `${median(ratios).toFixed(2)} (${at(0.25)}–${at(0.75)})`
}

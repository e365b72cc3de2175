// One scenario: all proxies before one node, checked, warmed up, then measured in interleaved rounds.

import { loadCore } from '../http/cores.mjs'
import { fetchAnswer } from '../http/fetch-answer.mjs'
import { takeTurns } from '../http/rounds.mjs'
import { Worker } from '../http/worker.mjs'
import { processorMicros } from './processor-time.mjs'
import { startProxy } from './start-proxy.mjs'

/** No proxy answers as many in a second; so a slice ends even if its clock doesn't. */
const MAX_PER_SECOND = 200_000
const WARM_UP_REQUESTS = 4000
const MAX_WARM_UP_MS = 60_000

/**
 * Returns the figures of the rounds by the name of the proxy: `{ micros, p99, perSecond }`. Every launch starts all processes
 * anew: where its memory came to lie makes a process faster or slower than its like.
 */
export async function measureScenario(scenario, names, options) {
  const all = Object.fromEntries(names.map((name) => [name, { micros: [], p99: [], perSecond: [] }]))
  for (let launch = 0; launch < options.launches; launch++) {
    const order = launch % 2 === 0 ? names : names.toReversed()
    for (const { framework: name, series } of await measureLaunch(scenario, order, options))
      for (const [figure, values] of Object.entries(series)) all[name][figure].push(...values)
  }
  return all
}

async function measureLaunch(scenario, names, options) {
  const { load: file, run, proxies, connections = options.connections } = scenario
  const core = options.pinned ? loadCore : undefined
  const node = new Worker('node', '../forward/upstream.mjs', [], core)
  const load = new Worker('load', file, [], core)
  const started = []
  try {
    const ports = await node.ask('listen')
    const nodePort = proxies[0].endsWith('tcp') ? ports.tcp : ports.http
    for (const name of names) started.push({ framework: name, ...(await startProxy(name, [nodePort], options.pinned)) })
    for (const proxy of started) await checkAnswers(proxy, nodePort, run.requests ?? [])
    const slice = (proxy, seconds) => measureSlice(load, proxy, { ...run, count: connections, seconds })
    for (const proxy of started) await warmUp((seconds) => slice(proxy, seconds), options.warmUpSeconds)
    return await takeTurns(started, options.rounds, (proxy) => slice(proxy, options.seconds))
  } finally {
    for (const one of [...started, node, load]) one.stop()
  }
}

/** On a busy machine, few requests come through in a second: code would be compiled while it is measured. */
async function warmUp(slice, seconds) {
  const end = Date.now() + MAX_WARM_UP_MS
  let answered = 0
  do answered += (await slice(seconds)).perSecond * seconds
  while (answered < WARM_UP_REQUESTS && Date.now() < end)
}

/** What comes through must be what the node itself answers. */
async function checkAnswers({ framework, port }, nodePort, requests) {
  for (const request of requests) {
    const [direct, through] = await Promise.all([nodePort, port].map((one) => fetchAnswer(one, request)))
    const isSame =
      direct.status === through.status &&
      direct.body === through.body &&
      direct.headers['content-length'] === through.headers['content-length']
    if (!isSame) throw new Error(`${framework}: ${request.path} isn't answered as by the node: ${through.status}`)
  }
}

async function measureSlice(load, { framework, port, pid }, run) {
  await load.ask('open', { port, ...run })
  const before = processorMicros(pid)
  const details = { ...run, maxRequests: Math.ceil(run.seconds * MAX_PER_SECOND) }
  const slice = await load.ask('run', details, (run.seconds + 30) * 1000).catch((error) => {
    throw new Error(`${framework}: ${error.message}`)
  })
  const { answered, elapsedMs, p99Ms } = slice
  const micros = (processorMicros(pid) - before) / answered
  await load.ask('close')
  return { micros, p99: p99Ms, perSecond: (answered / elapsedMs) * 1000 }
}

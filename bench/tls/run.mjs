// TLS and HTTP/2 against bare Node.js and Fastify: `npm run bench:tls` in the root of the repository; README.md says how.

import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { loadCore, serverCore, whyNotPinned } from '../http/cores.mjs'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { median } from '../median.mjs'
import { scenarios } from './scenarios.mjs'

const LOAD_MS = 60_000
const WARM_UP_SLICES = 3

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: Object.keys(scenarios).join() },
    servers: { type: 'string', default: 'bare,bare-stream,fastify,tribind' },
    launches: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    built: { type: 'boolean', default: false },
  },
})
const names = values.scenarios.split(',')
const stranger = names.find((name) => !(name in scenarios))
if (stranger !== undefined)
  throw new Error(`--scenarios: '${stranger}' is none of ${Object.keys(scenarios).join(', ')}`)

try {
  installPeers()
  if (!values.built) buildTribind()
  const notPinned = whyNotPinned()
  if (notPinned) console.error(`NOT PINNED: ${notPinned}`)
  console.log(`Node.js ${process.version}, processor time of the server, medians (lowest-highest ratio of a round)\n`)
  for (const name of names) report(name, await measure(scenarios[name], !notPinned))
} finally {
  stopWorkers()
}

/** The microseconds of all rounds, by server. */
async function measure(scenario, isPinned) {
  const chosen = scenario.servers.filter((name) => values.servers.split(',').includes(name))
  const series = new Map(chosen.map((name) => [name, []]))
  for (let launch = 0; launch < Number(values.launches); launch++) {
    const core = isPinned ? serverCore : undefined
    const load = new Worker('load', new URL('shake-hands.mjs', import.meta.url), [], isPinned ? loadCore : undefined)
    const running = await Promise.all(chosen.map((name) => start(name, scenario.protocol, core)))
    const slice = (server) => measureSlice(server, scenario, load, isPinned)
    for (const server of running) for (let i = 0; i < WARM_UP_SLICES; i++) await slice(server)
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const server of (launch + round) % 2 === 0 ? running : running.toReversed())
        series.get(server.name).push(await slice(server))
    }
    for (const { worker } of [...running, { worker: load }]) worker.stop()
  }
  return series
}

async function start(name, protocol, core) {
  const worker = new Worker(`${name}: ${protocol}`, new URL('serve.mjs', import.meta.url), [name, protocol], core)
  return { name, worker, port: await worker.ask('listen') }
}

/** The processor time of the server for one request, or one handshake. */
async function measureSlice({ worker, port }, scenario, load, isPinned) {
  const before = await worker.ask('cpuMicros')
  const count = await (scenario.handshakes ? shakeHands(load, port, scenario) : ask(port, scenario, isPinned))
  return ((await worker.ask('cpuMicros')) - before) / count
}

async function shakeHands(load, port, { handshakes: count, version, alpn, resumed }) {
  await load.ask('shakeHands', { port, count, version, alpn, resumed }, LOAD_MS)
  return count
}

async function ask(port, { protocol, path, requests, connections, streams }, isPinned) {
  const h2load = ['h2load', ...(protocol === 'https' ? ['--h1'] : []), '-n', requests, '-c', connections, '-m', streams]
  const [command, ...args] = [
    ...(isPinned ? ['taskset', '-c', loadCore] : []),
    ...h2load,
    `https://127.0.0.1:${port}${path}`,
  ]
  const { stdout } = await promisify(execFile)(command, args.map(String), { timeout: LOAD_MS })
  if (!stdout.includes(`${requests} succeeded`) || !stdout.includes(`status codes: ${requests} 2xx`))
    throw new Error(`not all requests were answered:\n${stdout}`)
  return requests
}

function report(name, series) {
  const bare = series.get('bare')
  for (const [server, micros] of series) {
    const ratios = bare && micros.map((one, round) => one / bare[round])
    const spread =
      ratios && `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`
    console.log(`${name.padEnd(22)}${server.padEnd(14)}${median(micros).toFixed(1).padStart(8)} µs  ${spread ?? ''}`)
  }
  console.log()
}

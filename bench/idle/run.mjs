// Memory of idle connections: `npm run bench:idle` in the root of the repository; README.md says how it is measured.

import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { installPeers } from '../http/prepare.mjs'
import { median } from '../median.mjs'

/** What comes and goes before anything is measured: code is loaded and compiled by then, and the heap has found its size. */
const WARM_UP = { count: 200, requests: 100 }
const START_MS = 10_000
const OPEN_MS = 300_000
/** Those that speak each protocol, tribind last; ratios are to the first. */
const servers = {
  http: ['bare', 'fastify', 'tribind'],
  https: ['bare', 'fastify', 'tribind'],
  http2: ['bare', 'fastify', 'tribind'],
  websocket: ['ws', 'tribind'],
  events: ['bare', 'tribind'],
}
const BROADCASTS = 5
const BROADCAST_MS = 1500
const streams = ['websocket', 'events']
const measures = ['heap', 'rss']

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000,10000' },
    protocols: { type: 'string', default: 'http,https,http2,websocket,events' },
    rounds: { type: 'string', default: '5' },
  },
})
const counts = values.connections.split(',').map(Number)
const protocols = values.protocols.split(',')
const rounds = Number(values.rounds)
const usage =
  'usage: npm run bench:idle -- [--connections 2000,10000] [--protocols http,https,http2,websocket,events] [--rounds 5]'
assert(rounds >= 1 && counts.every((count) => count >= 1), usage)

installPeers(fileURLToPath(new URL('.', import.meta.url)))
try {
  console.log(
    `Node.js ${process.version}, kB per idle connection, medians of ${rounds} rounds (lowest-highest ratio)\n`,
  )
  console.log('protocol  connections server        heap  ratio               RSS  ratio')
  for (const protocol of protocols) for (const count of counts) report(protocol, count, await compare(protocol, count))
} finally {
  stopWorkers()
}

/** Measures the servers in turn, each time in a new process, and in the other order every second time. */
async function compare(protocol, count) {
  const results = []
  for (let round = 0; round < rounds; round++) {
    const result = {}
    for (const name of round % 2 === 0 ? servers[protocol] : servers[protocol].toReversed())
      result[name] = await measure(name, protocol, count)
    results.push(result)
  }
  return results
}

/** Bytes per connection: `{ heap, rss }`. */
async function measure(name, protocol, count) {
  const [serve, load] = ['serve.mjs', 'clients.mjs'].map((file) => new URL(file, import.meta.url))
  const server = new Worker(`${name}: ${protocol}`, serve, [name, protocol], undefined, ['--expose-gc'])
  const clients = new Worker('clients', load, [])
  const measureAt = (connections) => server.ask('measure', { connections }, START_MS)
  try {
    const port = await server.ask('listen', {}, START_MS)
    await clients.ask('open', { protocol, port, ...WARM_UP }, OPEN_MS)
    await clients.ask('close')
    const before = await measureAt(0)
    await clients.ask('open', { protocol, port, count, requests: 1 }, OPEN_MS)
    const after = await measureAt(count)
    const memory = Object.fromEntries(measures.map((key) => [key, (after[key] - before[key]) / count]))
    return streams.includes(protocol) ? { ...memory, ...(await measureBroadcasts(server, clients, count)) } : memory
  } finally {
    server.stop()
    clients.stop()
  }
}

/** Each of some broadcasts, of which the first warms up. */
async function measureBroadcasts(server, clients, count) {
  const figures = []
  for (let i = 0; i <= BROADCASTS; i++) {
    figures.push(await server.ask('broadcast', { connections: count, forMs: BROADCAST_MS }, START_MS))
    await clients.ask('told', { count }, START_MS)
  }
  const [, ...warm] = figures
  return { cpu: median(warm.map(({ cpu }) => cpu)), stall: median(warm.map(({ stall }) => stall)) }
}

function report(protocol, count, results) {
  const [first] = servers[protocol]
  for (const name of servers[protocol]) {
    const cell = (key, write) => {
      const ratios = results.map((result) => result[name][key] / result[first][key])
      const range = `(${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`
      return `${write(median(results.map((result) => result[name][key])))}  ${median(ratios).toFixed(3)} ${range.padEnd(12)}`
    }
    const cells = measures.map((key) => cell(key, kilobytes))
    console.log(`${protocol.padEnd(9)} ${String(count).padStart(11)} ${name.padEnd(8)} ${cells.join('  ')}`)
    if (!streams.includes(protocol)) continue
    const ms = (value) => `${value.toFixed(1).padStart(8)} ms`
    console.log(`${' '.repeat(21)} broadcast ${cell('cpu', ms)} processor  ${cell('stall', ms)} stall`)
  }
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(2).padStart(8)
}

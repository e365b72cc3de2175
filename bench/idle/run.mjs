// Memory of idle connections: `npm run bench:idle` in the root of the repository; README.md says how it is measured.

import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { median } from '../median.mjs'

/** What comes and goes before anything is measured: code is loaded and compiled by then, and the heap has found its size. */
const WARM_UP = { count: 200, requests: 100 }
const START_MS = 10_000
const OPEN_MS = 300_000
const servers = ['bare', 'tribind']
const measures = ['heap', 'rss']

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000,10000' },
    protocols: { type: 'string', default: 'http,https,http2' },
    rounds: { type: 'string', default: '5' },
  },
})
const counts = values.connections.split(',').map(Number)
const protocols = values.protocols.split(',')
const rounds = Number(values.rounds)
const usage = 'usage: npm run bench:idle -- [--connections 2000,10000] [--protocols http,https,http2] [--rounds 5]'
assert(rounds >= 1 && counts.every((count) => count >= 1), usage)

try {
  console.log(
    `Node.js ${process.version}, kB per idle connection, medians of ${rounds} rounds (lowest-highest ratio)\n`,
  )
  console.log('protocol connections  heap bare tribind  ratio               RSS bare tribind  ratio')
  for (const protocol of protocols) for (const count of counts) report(protocol, count, await compare(protocol, count))
} finally {
  stopWorkers()
}

/** Measures the servers in turn, each time in a new process, and in the other order every second time. */
async function compare(protocol, count) {
  const results = []
  for (let round = 0; round < rounds; round++) {
    const result = {}
    for (const name of round % 2 === 0 ? servers : servers.toReversed())
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
    return Object.fromEntries(measures.map((key) => [key, (after[key] - before[key]) / count]))
  } finally {
    server.stop()
    clients.stop()
  }
}

function report(protocol, count, results) {
  const cells = measures.map((key) => {
    const [bare, tribind] = servers.map((name) => median(results.map((result) => result[name][key])))
    const ratios = results.map((result) => result.tribind[key] / result.bare[key])
    const range = `(${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`
    return `${kilobytes(bare)} ${kilobytes(tribind)}  ${median(ratios).toFixed(3)} ${range.padEnd(12)}`
  })
  console.log(`${protocol.padEnd(8)} ${String(count).padStart(11)}  ${cells.join('  ')}`)
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(2).padStart(8)
}

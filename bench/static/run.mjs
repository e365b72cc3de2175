// Static folders against other servers of files: `node bench/static/run.mjs`; see README.md.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { median } from '../median.mjs'
import { send } from './load.mjs'
import { names, startServer } from './servers.mjs'

const CONNECTIONS = 8

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    built: { type: 'boolean', default: false },
    servers: { type: 'string', default: names.join(',') },
    scenarios: { type: 'string', default: '' },
  },
})

const scenarios = {
  '1 kB': { file: '1k.css', requests: 1500 },
  '10 kB': { file: '10k.css', requests: 1500 },
  '1 MB': { file: '1m.bin', requests: 100 },
  304: { file: '10k.css', requests: 1500, isKnown: true },
  'a range of 1 kB of 10 kB': { file: '10k.css', requests: 1500, range: [1000, 1999] },
  'a range of 1 kB of 1 MB': { file: '1m.bin', requests: 1500, range: [5000, 5999] },
}

installPeers(fileURLToPath(new URL('.', import.meta.url)))
if (!values.built) buildTribind()
const folder = mkdtempSync(join(tmpdir(), 'tribind-bench-static-'))
writeFileSync(join(folder, '1k.css'), 'a { b: c }\n'.repeat(1000).slice(0, 1024))
writeFileSync(join(folder, '10k.css'), 'a { b: c }\n'.repeat(1000).slice(0, 10_240))
writeFileSync(join(folder, '1m.bin'), Buffer.alloc(1024 * 1024, 'x'))
// What has just been changed isn't kept; sites seldom change.
await new Promise((resolve) => setTimeout(resolve, 2000))
const servers = {}
try {
  for (const name of values.servers.split(',')) servers[name] = await startServer(name, folder)
  console.log(`Node.js ${process.version} on ${cpus().length} × ${cpus()[0]?.model}; ${values.rounds} rounds\n`)
  console.log(`${'scenario'.padEnd(26)}${'server'.padEnd(14)}${'µs'.padStart(8)}  to fastify, lowest–highest`)
  const chosen = values.scenarios === '' ? Object.keys(scenarios) : values.scenarios.split(',')
  for (const name of chosen) report(name, await measure(scenarios[name]))
} finally {
  for (const { stop } of Object.values(servers)) await stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Microseconds of processor time per request by server, for each round. */
async function measure(scenario) {
  const figures = Object.fromEntries(Object.keys(servers).map((name) => [name, []]))
  for (let round = -1; round < Number(values.rounds); round++) {
    const order = Object.keys(servers)
    if (round % 2 !== 0) order.reverse()
    for (const name of order) {
      const { port, pids } = servers[name]
      const [request, expected] = await describe(port, scenario)
      const before = processorTime(pids)
      await send(port, request, scenario.requests, CONNECTIONS, expected)
      const spent = (processorTime(pids) - before) / 1000 / scenario.requests
      // The first round warms up.
      if (round >= 0) figures[name].push(spent)
    }
  }
  return figures
}

async function describe(port, { file, isKnown = false, range }) {
  const headers = { host: `127.0.0.1:${port}`, 'accept-encoding': 'identity' }
  if (isKnown) {
    const answer = await fetch(`http://127.0.0.1:${port}/${file}`, { headers: { 'accept-encoding': 'identity' } })
    headers['if-none-match'] = answer.headers.get('etag')
    await answer.arrayBuffer()
  }
  if (range) headers.range = `bytes=${range.join('-')}`
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = `GET /${file} HTTP/1.1\r\n${lines.join('')}\r\n`
  if (isKnown) return [text, { status: 304, length: 0 }]
  if (range) return [text, { status: 206, length: range[1] - range[0] + 1 }]
  return [text, { status: 200, length: readFileSync(join(folder, file)).length }]
}

/** In nanoseconds, of all threads of the processes, in the kernel too. */
function processorTime(pids) {
  const ofThread = (path) => Number(readFileSync(path, 'latin1').split(' ')[0])
  return pids
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`))
    .reduce((sum, path) => sum + ofThread(path), 0)
}

function report(scenario, figures) {
  for (const [name, spent] of Object.entries(figures)) {
    const base = figures.fastify ?? figures.tribind
    const ratios = spent.map((figure, round) => figure / base[round])
    const spread = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
    console.log(`${scenario.padEnd(26)}${name.padEnd(14)}${median(spent).toFixed(1).padStart(8)}  ${spread}`)
  }
}

// One of two nodes is killed under load: `node bench/forward/failure.mjs`. How many requests does that cost?

import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { buildTribind } from '../http/prepare.mjs'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { startProxy } from './start-proxy.mjs'
import { formatTable } from './table.mjs'

/** How long a node takes, so that several requests are under way there. */
const DELAY_MS = 10

const { values } = parseArgs({
  options: {
    built: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
  },
})
const seconds = Number(values.seconds)

const body = 'x'.repeat(10_000)
const cases = [
  { method: 'GET', retry: 'none', isAllowed: (lost, active) => lost <= active },
  { method: 'GET', retry: 'reset', isAllowed: (lost) => lost === 0 },
  { method: 'POST', retry: 'none', isAllowed: (lost, active) => lost <= active },
  { method: 'POST', retry: 'reset', isAllowed: (lost, active) => lost <= active },
]

try {
  if (!values.built) buildTribind()
  const rows = []
  for (let round = 0; round < Number(values.rounds); round++)
    for (const one of cases) {
      const { served, lost, active } = await run(one)
      if (!one.isAllowed(lost, active)) process.exitCode = 1
      rows.push([one.method, one.retry, String(served), String(active), String(lost)])
    }
  console.log(formatTable([['method', 'retry', 'served', 'under way', 'lost'], ...rows]))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  stopWorkers()
}

async function run({ method, retry }) {
  const nodes = [1, 2].map((n) => new Worker(`node ${n}`, '../forward/upstream.mjs', [String(DELAY_MS)]))
  const load = new Worker('load', '../forward/lossy-load.mjs', [])
  const [first, second] = await Promise.all(nodes.map((node) => node.ask('listen')))
  const proxy = await startProxy('tribind-nodes', [first.http, second.http], false)
  try {
    const request = { method, path: `/${retry}/small`, ...(method === 'POST' && { body }) }
    const asked = { port: proxy.port, count: Number(values.connections), request, seconds }
    const counting = load.ask('run', asked, (seconds + 60) * 1000)
    await sleep((seconds * 1000) / 2)
    const active = await proxy.ask('kill', { retry, pid: first.pid })
    const { 200: served = 0, ...others } = await counting
    return { served, active, lost: Object.values(others).reduce((sum, count) => sum + count, 0) }
  } finally {
    for (const one of [proxy, load, ...nodes]) one.stop()
  }
}

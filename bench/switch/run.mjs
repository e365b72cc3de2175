// Measures what replacing routes costs the requests that are served meanwhile. README.md says how.

import { execFileSync, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { contestants } from './contestants.mjs'
import { load, openClient } from './load.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    switches: { type: 'string' },
    routes: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '200' },
    contestants: { type: 'string', default: Object.keys(contestants).join(',') },
  },
})
const seconds = Number(values.seconds ?? (values.full ? 60 : 4))
const switches = Number(values.switches ?? (values.full ? 1000 : 100))
const routes = Number(values.routes)
const rate = Number(values.rate)

installPeers(here)
buildTribind()

const round = (value, digits = 1) => (value === undefined ? '-' : value.toFixed(digits))

/** Starts a server, and returns what asks it for something. */
async function start(name) {
  const child = fork(`${here}server.mjs`, [name, String(routes)], { execArgv: ['--expose-gc'] })
  const waiting = new Map()
  let serves = 0
  let id = 0
  const port = await new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
    child.on('message', (message) => {
      if (message.serves !== undefined) serves = message.serves
      if (message.port !== undefined) resolve(message.port)
      waiting.get(message.id)?.(message.result)
    })
  })
  const call = (action, argument) =>
    new Promise((resolve) => {
      waiting.set(++id, resolve)
      child.send({ id, action, argument })
    })
  return { port, call, serves: () => serves }
}

async function measure(name) {
  const { port, call, serves } = await start(name)
  const client = openClient(port, name.endsWith('http2'))
  const given = { rate, routes, serves }
  await load(client, { ...given, seconds: 1 })
  const calm = await load(client, { ...given, seconds })
  await call('begin')
  const busy = await load(client, { ...given, seconds })
  const switched = await call('end')
  client.close()
  const heap = await call('heap', switches)
  await call('close')
  return {
    contestant: name,
    sent: calm.sent + busy.sent,
    lost: calm.lost + busy.lost,
    mixed: calm.mixed + busy.mixed,
    switched: switched.switched,
    refused: switched.refused,
    'wrongly taken': switched.wronglyTaken,
    'switch, ms': `${round(switched.medianMs)} (${round(switched.longestMs)})`,
    'p99 calm, ms': round(calm.p99),
    'p99 switching, ms': round(busy.p99),
    [`heap after ${switches}`]: `${round((heap.after / heap.before - 1) * 100)} %`,
  }
}

const rows = []
for (const name of values.contestants.split(',')) {
  console.error(name)
  rows.push(await measure(name))
}
console.table(rows)

const delays = JSON.parse(
  execFileSync(process.execPath, [`${here}delays.mjs`, String(routes), values.full ? '20' : '4']),
)
console.log(
  `A layer of ${routes} routes is replaced in ${round(delays.buildMs, 0)} ms, bound in pieces of 50 routes. The event loop is held up ` +
    `for ${round(delays.p99)} ms at most in 99 of 100 turns and ${round(delays.longest)} ms in the longest, of which ` +
    `${round(delays.cpuP99)} and ${round(delays.cpuLongest)} ms are processor time. ` +
    `Bound in one piece, the build itself takes ${round(delays.bindMs, 0)} ms of it.`,
)

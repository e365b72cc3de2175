// Measures the time from a changed file to the first request that is served by it: node bench/dynamic/file-change.mjs [--changes 200]

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get as getOf } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildTribind } from '../http/prepare.mjs'

const { values } = parseArgs({ options: { changes: { type: 'string', default: '200' } } })
const changes = Number(values.changes)

buildTribind()
const { Server } = await import('tribind')
const { fileProvider } = await import('tribind/providers')

const agent = new Agent({ keepAlive: true })

function get(port) {
  return new Promise((resolve, reject) => {
    getOf({ port, agent, path: '/version' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
}

/** A file of so many routes, of which one tells the version. */
function fileOf(routes, version) {
  const others = Array.from(
    { length: routes - 1 },
    (_, i) => `  r${i}: { pattern: "/r${i}/:id", service: { text: r${i} } }\n`,
  )
  return `routes:\n  version: { pattern: /version, service: { text: "${version}" } }\n${others.join('')}`
}

const ways = {
  'renamed to it': (path, text) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  },
  'written to': (path, text) => writeFileSync(path, text),
}

async function measure(routes, change) {
  const folder = mkdtempSync(join(tmpdir(), 'tribind-change-'))
  const path = join(folder, 'routes.yaml')
  writeFileSync(path, fileOf(routes, 0))
  const configuration = { providers: [fileProvider(path)], throttle: 0 }
  const server = new Server({ address: '127.0.0.1:0', logger: silent, configuration })
  await server.start()
  const port = Number(server.addresses[0].split(':').at(-1))
  const times = []
  for (let version = 1; version <= changes; version++) {
    change(path, fileOf(routes, version))
    const begin = performance.now()
    while ((await get(port)) !== String(version));
    times.push(performance.now() - begin)
  }
  await server.stop()
  rmSync(folder, { recursive: true })
  times.sort((a, b) => a - b)
  const at = (share) => `${times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(0)} ms`
  return { median: at(0.5), p99: at(0.99) }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const table = {}
for (const routes of [1, 1000])
  for (const [way, change] of Object.entries(ways)) table[`${routes} routes, ${way}`] = await measure(routes, change)
console.table(table)
agent.destroy()

// Uploads of one file to disk: time, processor time and peak memory, beside multipart parsers. See README.md. For Linux.

import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { serverCore, whyNotPinned } from '../http/cores.mjs'
import { installPeers } from '../http/prepare.mjs'
import { takeTurns } from '../http/rounds.mjs'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { median } from '../median.mjs'

const { values: options } = parseArgs({
  options: {
    launches: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '6' },
    uploads: { type: 'string', default: '4' },
    megabytes: { type: 'string', default: '20' },
  },
})
const names = ['tribind', '@fastify/multipart', 'multer', 'formidable']
const size = Number(options.megabytes) * 1e6
const message = createUpload()
const folder = mkdtempSync(join(tmpdir(), 'bench-bodies-'))

try {
  installPeers(fileURLToPath(new URL('.', import.meta.url)))
  printTable(await measureAll())
} finally {
  stopWorkers()
  rmSync(folder, { recursive: true })
}

async function measureAll() {
  const series = new Map(names.map((name) => [name, []]))
  for (let launch = 0; launch < Number(options.launches); launch += 1) {
    const order = [...names.slice(launch % names.length), ...names.slice(0, launch % names.length)]
    const servers = await Promise.all(order.map(startServer))
    for (const server of servers) await measureUploads(server)
    for (const { framework, series: figures } of await takeTurns(servers, Number(options.rounds), measureUploads))
      series.get(framework).push(...figures.uploads)
    for (const { worker } of servers) worker.stop()
  }
  return series
}

async function startServer(framework) {
  const core = whyNotPinned() ? undefined : serverCore
  const worker = new Worker(framework, new URL('upload-server.mjs', import.meta.url), [framework, folder], core)
  return { framework, worker, port: await worker.ask('listen', {}, 60_000) }
}

/** Returns the figures of some uploads, one after another, by upload. */
async function measureUploads({ worker, port }) {
  await worker.ask('forgetPeak')
  const before = await worker.ask('usage')
  const start = performance.now()
  for (let i = 0; i < Number(options.uploads); i += 1) await upload(port)
  const ms = performance.now() - start
  const after = await worker.ask('usage')
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
  const count = Number(options.uploads)
  const cpuMs = (after.cpuMicros - before.cpuMicros) / 1000
  return { uploads: { ms: ms / count, cpuMs: cpuMs / count, peakBytes: after.peakBytes } }
}

async function upload(port) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(message)
  let answer = ''
  for await (const chunk of socket.setEncoding('latin1')) answer += chunk
  if (!answer.startsWith('HTTP/1.1 200') || !answer.includes(String(size))) throw new Error(`answered ${answer}`)
}

function createUpload() {
  const before =
    '--the-boundary\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
  const after = '\r\n--the-boundary--\r\n'
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=the-boundary\r\nContent-Length: ${before.length + size + after.length}\r\n\r\n`
  // All bytes there are, in a pattern that is no text.
  const content = Buffer.alloc(size)
  for (let i = 0; i < size; i += 1) content[i] = (i * 31 + (i >> 8)) & 0xff
  return Buffer.concat([Buffer.from(head + before), content, Buffer.from(after)])
}

function printTable(series) {
  console.log(`One file of ${options.megabytes} MB to disk; ratios to tribind, the median of the rounds\n`)
  const own = series.get('tribind')
  const describe = (figures, key) => {
    const ratios = figures.map((one, i) => one[key] / own[i][key]).toSorted((a, b) => a - b)
    const at = (share) => ratios[Math.round(share * (ratios.length - 1))].toFixed(2)
    return `${median(ratios).toFixed(2)} (${at(0.25)}–${at(0.75)})`
  }
  const columns = { time: 'ms', 'processor time': 'cpuMs', 'peak memory': 'peakBytes' }
  console.log(['', ...Object.keys(columns)].map((title) => title.padEnd(22)).join(''))
  for (const [name, figures] of series)
    console.log(
      [name, ...Object.values(columns).map((key) => describe(figures, key))].map((cell) => cell.padEnd(22)).join(''),
    )
  const [ms, bytes] = [median(own.map((one) => one.ms)), median(own.map((one) => one.peakBytes))]
  console.log(`\ntribind: ${ms.toFixed(0)} ms, ${(bytes / 2 ** 20).toFixed(0)} MiB`)
}

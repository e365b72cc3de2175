// 1,000 downloads of 10 MB at once: `node bench/forward/memory.mjs`; README.md says what is measured.

import { parseArgs } from 'node:util'
import { loadCore, whyNotPinned } from '../http/cores.mjs'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { stopWorkers, Worker } from '../http/worker.mjs'
import { isInstalled, programs, stopPrograms } from './native.mjs'
import { peakRss, processorMicros } from './processor-time.mjs'
import { startProxy } from './start-proxy.mjs'
import { formatTable } from './table.mjs'

const LIMIT_MB = 300
const MAX_MS = 600_000

const { values } = parseArgs({
  options: {
    built: { type: 'boolean', default: false },
    downloads: { type: 'string', default: '1000' },
    proxies: { type: 'string', default: 'bare,http-proxy-3,httpxy,fastify,nginx,haproxy,tribind' },
  },
})
const count = Number(values.downloads)
const names = values.proxies.split(',').filter((name) => !(name in programs) || isInstalled(name))
const isPinned = whyNotPinned() === undefined

try {
  installPeers(new URL('.', import.meta.url).pathname)
  if (!values.built) buildTribind()
  const rows = []
  for (const name of names) rows.push([name, await measure(name)])
  const cells = rows.map(([name, { peak, before, seconds, cpu, whole }]) => [
    name,
    ...[before, peak].map((bytes) => (bytes / 1e6).toFixed(0)),
    seconds.toFixed(1),
    cpu.toFixed(1),
    String(whole),
  ])
  console.log(`\n${count} downloads of 10 MB at once; the limit is ${LIMIT_MB} MB`)
  console.log(formatTable([['', 'MB before', 'MB at most', 'seconds', 'cpu s', 'whole'], ...cells]))
  if (rows.some(([name, { peak }]) => name === 'tribind' && peak > LIMIT_MB * 1e6)) process.exitCode = 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  stopWorkers()
  stopPrograms()
}

async function measure(name) {
  const core = isPinned ? loadCore : undefined
  const node = new Worker('node', '../forward/upstream.mjs', [], core)
  const load = new Worker('load', '../forward/downloads.mjs', [], core)
  const { http } = await node.ask('listen')
  const proxy = await startProxy(name, [http], isPinned)
  const download = async (count) => {
    await load.ask('open', { port: proxy.port, count }, MAX_MS)
    const downloaded = load.ask('run', {}, MAX_MS)
    await node.ask('sendDownloads', {}, MAX_MS)
    return await downloaded
  }
  try {
    await download(1)
    const before = peakRss(proxy.pid)
    const cpuBefore = processorMicros(proxy.pid)
    const { elapsedMs, whole } = await download(count)
    const cpu = (processorMicros(proxy.pid) - cpuBefore) / 1e6
    return { before, peak: peakRss(proxy.pid), seconds: elapsedMs / 1000, cpu, whole }
  } finally {
    for (const one of [proxy, node, load]) one.stop()
  }
}

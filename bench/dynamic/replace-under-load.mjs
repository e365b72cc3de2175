// Measures what a new configuration of 1,000 routes and 100 services costs the requests that are served meanwhile, beside a reload of
// nginx: node bench/dynamic/replace-under-load.mjs. README.md says what is measured.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../forward/native.mjs'
import { buildTribind } from '../http/prepare.mjs'
import { median } from '../median.mjs'

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '20' },
    routes: { type: 'string', default: '1000' },
    services: { type: 'string', default: '100' },
    rate: { type: 'string', default: '500' },
    built: { type: 'boolean', default: false },
  },
})
const [changes, routes, services, rate] = [values.changes, values.routes, values.services, values.rate].map(Number)
const PAUSE_MS = 1000
const agent = new Agent({ keepAlive: true, maxSockets: 32 })
const folder = mkdtempSync(join(tmpdir(), 'tribind-replace-'))

const list = (length, create) => Array.from({ length }, (_, i) => create(i))

function configureJson(version, node, count = routes) {
  const headers = { request: { 'X-Version': String(version) }, response: { 'X-Version': String(version) } }
  const forward = { nodes: [{ addr: `http://127.0.0.1:${node}` }] }
  const route = (i) => ({ pattern: `/r${i}/*rest`, service: `s${i % services}`, middlewares: ['version'] })
  return JSON.stringify({
    middlewares: { version: { headers } },
    services: Object.fromEntries(list(services, (i) => [`s${i}`, { forward }])),
    routes: Object.fromEntries(list(count, (i) => [`r${i}`, route(i)])),
  })
}

/** The members of JSON, each on a line of its own, are YAML as well, which is parsed as such. */
const configureYaml = (...given) => configureJson(...given).replaceAll('},"', '},\n"')

const startTribind = (port, file) => [
  process.execPath,
  new URL('gateway.mjs', import.meta.url).pathname,
  `${port}`,
  file,
]

/** Each writes the configuration of a version, starts, and applies what was written. */
const gateways = {
  'tribind, JSON': { file: 'routes.json', configure: configureJson, start: startTribind, apply: () => {} },
  'tribind, YAML': { file: 'routes.yaml', configure: configureYaml, start: startTribind, apply: () => {} },
  nginx: {
    file: 'nginx.conf',
    configure: (version, node, port) => {
      const lines = (length, line) => list(length, line).join('\n')
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ${lines(services, (i) => `upstream s${i} { server 127.0.0.1:${node}; keepalive 16; }`)}
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection '';
    proxy_set_header X-Version ${version};
    add_header X-Version ${version};
    ${lines(routes, (i) => `location /r${i}/ { proxy_pass http://s${i % services}; }`)}
  }
}
`
    },
    start: (port, file) => ['nginx', '-c', file],
    apply: (child) => child.kill('SIGHUP'),
  },
}

/** Even versions are served by one node, odd ones by the other. */
async function startNode() {
  const server = createServer((request, response) =>
    response.end(`${request.headers['x-version']} ${server.address().port}`),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

async function ask(port, path) {
  const response = await new Promise((resolve, reject) =>
    get({ agent, port, path, host: '127.0.0.1' }, resolve).on('error', reject),
  )
  const [version, node] = (await text(response)).split(' ').map(Number)
  if (response.statusCode !== 200) throw new Error(String(response.statusCode))
  return { version, node, isMixed: response.headers['x-version'] !== String(version) }
}

/** Sends requests at a steady rate until it is stopped, whether or not those before are answered. */
function load(port, nodes) {
  const result = { sent: 0, lost: 0, mixed: 0, times: [] }
  const pending = new Set()
  let isOver = false
  const send = async () => {
    const sentAt = performance.now()
    try {
      const { version, node, isMixed } = await ask(port, `/r${Math.floor(Math.random() * routes)}/x`)
      if (isMixed || node !== nodes[version % 2]) result.mixed++
    } catch {
      result.lost++
    }
    result.times.push(performance.now() - sentAt)
  }
  const run = async () => {
    const startedAt = performance.now()
    while (!isOver) {
      while (result.sent < ((performance.now() - startedAt) / 1000) * rate) {
        result.sent++
        const one = send().finally(() => pending.delete(one))
        pending.add(one)
      }
      await sleep(1)
    }
    await Promise.all(pending)
    return result
  }
  const over = run()
  return () => {
    isOver = true
    return over
  }
}

async function measure(name) {
  const { file, configure, start, apply } = gateways[name]
  const servers = [await startNode(), await startNode()]
  const nodes = servers.map((server) => server.address().port)
  const port = await freePort()
  const path = join(folder, file)
  const write = (version) => {
    writeFileSync(`${path}.new`, configure(version, nodes[version % 2], name === 'nginx' ? port : undefined))
    renameSync(`${path}.new`, path)
  }
  write(0)
  const [program, ...args] = start(port, path)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', ...(name === 'nginx' ? [] : ['ipc'])] })
  const until = async (version) => {
    for (const end = performance.now() + 20_000; performance.now() < end; await sleep(1))
      if ((await ask(port, '/r0/x').catch(() => ({}))).version === version) return
    throw new Error(`${name} doesn't serve version ${version}`)
  }
  await until(0)
  const stop = load(port, nodes)
  await sleep(2 * PAUSE_MS)
  const delays = []
  for (let version = 1; version <= changes; version++) {
    const writtenAt = performance.now()
    write(version)
    apply(child)
    await until(version)
    delays.push(performance.now() - writtenAt)
    await sleep(PAUSE_MS)
  }
  const { times, ...counts } = await stop()
  const memory = memoryOf(child.pid)
  child.kill()
  for (const server of servers) server.close().closeAllConnections()
  times.sort((a, b) => a - b)
  delays.sort((a, b) => a - b)
  const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))].toFixed(1)
  return {
    gateway: name,
    ...counts,
    'to the first request, ms (longest)': `${median(delays).toFixed(0)} (${at(delays, 1)})`,
    'p50, p99, longest answer, ms': `${at(times, 0.5)}, ${at(times, 0.99)}, ${at(times, 1)}`,
    'MB after it': (memory / 1e6).toFixed(0),
  }
}

/** Of a process and its children, in bytes. */
function memoryOf(pid) {
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return children.reduce((sum, child) => sum + memoryOf(child), own)
}

/** What the heap holds for 1,000 routes that have services of their share, after a collection. */
async function heapOf(count) {
  const path = join(folder, `heap-${count}.json`)
  writeFileSync(path, configureJson(0, 9, count))
  const gateway = new URL('gateway.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, ['--expose-gc', gateway, String(await freePort()), path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [{ heap }] = await once(child, 'message')
  child.kill()
  return heap
}

if (!values.built) buildTribind()
try {
  const table = []
  for (const name of Object.keys(gateways)) table.push(await measure(name))
  console.table(table)
  const heaps = [await heapOf(1), await heapOf(1001), await heapOf(10_001)]
  const perThousand = [heaps[1] - heaps[0], (heaps[2] - heaps[1]) / 9].map((bytes) => (bytes / 1e6).toFixed(2))
  console.log(`1,000 routes hold ${perThousand[0]} MB; each 1,000 of 9,000 more ${perThousand[1]} MB`)
} finally {
  agent.destroy()
  rmSync(folder, { recursive: true, force: true })
}

// How soon `tribind -L` answers for the first time, and what it takes at rest, beside other programs of Node.js.
//
//   npm install --prefix /tmp/peers http-proxy@1 local-web-server@5
//   npm run build && PEERS=/tmp/peers/node_modules/ node bench/workers/start.mjs [RUNS]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const runs = Number(process.argv[2] ?? 7)
const path = (name) => fileURLToPath(new URL(name, import.meta.url))
// Where the peers are installed.
const modules = process.env['PEERS'] ?? path('../../node_modules/')
const port = 8291
const programs = {
  'tribind -L': [path('../../bin/tribind.mjs'), '-L', `http://127.0.0.1:${port}?open=true`],
  'tribind run': [path('../../bin/tribind.mjs'), 'run', path('app-at-port.mjs')],
  'http-proxy': [
    `${modules}http-proxy/bin/http-proxy`,
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
    '--target',
    '127.0.0.1:9',
  ],
  'local-web-server': [`${modules}local-web-server/bin/cli.js`, '--port', String(port), '--hostname', '127.0.0.1'],
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

async function start(args) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, PORT: String(port) } })
  for (;;) {
    // Any answer will do, that of a proxy without a target, too.
    const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (isUp) break
    if (child.exitCode !== null) return undefined
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const firstAnswer = performance.now() - startedAt
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const memory = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024
  child.kill('SIGKILL')
  await once(child, 'close')
  return { firstAnswer, memory }
}

const table = {}
for (const [name, args] of Object.entries(programs)) {
  if (!existsSync(args[0])) {
    table[name] = { firstAnswerMs: 'not installed' }
    continue
  }
  const results = []
  for (let i = 0; i < runs; i++) results.push(await start(args))
  const those = results.filter((one) => one !== undefined)
  if (those.length === 0) table[name] = { firstAnswerMs: 'does not start' }
  else
    table[name] = {
      firstAnswerMs: Math.round(median(those.map(({ firstAnswer }) => firstAnswer))),
      memoryMiB: Math.round(median(those.map(({ memory }) => memory))),
    }
}
console.table(table)

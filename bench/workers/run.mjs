// How many times the answers of one worker two workers send, how soon `tribind run` answers, and what its processes take.
//
//   npm run build && node bench/workers/run.mjs [SECONDS] [ROUNDS]
//
// The load has a process of its own: on a machine of two processors it takes a share of what the second worker could use, so the figure
// that the machine allows is below 2. ROUNDS of sha256 (200) make an answer dear enough that the load's share is small.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const seconds = Number(process.argv[2] ?? 10)
const rounds = process.argv[3] ?? '200'
const path = (name) => fileURLToPath(new URL(name, import.meta.url))
const bin = path('../../bin/tribind.mjs')
const port = 8199

async function serve(args, count) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [bin, 'run', path('app.mjs'), ...args], {
    env: { ...process.env, ROUNDS: rounds },
  })
  let log = ''
  child.stderr.on('data', (data) => (log += data))
  child.stdout.resume()
  const isUp = () => (count === 0 ? log.includes('Listening') : (log.match(/Worker \d+ serves/g) ?? []).length >= count)
  let firstAnswer
  while (!isUp() || firstAnswer === undefined) {
    if (child.exitCode !== null) throw new Error(`it ended:\n${log}`)
    firstAnswer ??= await fetch(`http://127.0.0.1:${port}/`).then(
      () => performance.now() - startedAt,
      () => undefined,
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const pids = [child.pid, ...Array.from(log.matchAll(/"pid":(\d+)/g), ([, pid]) => Number(pid))]
  return { child, firstAnswer, pids }
}

/** In MiB, without what processes share. */
function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Math.round(Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024)
}

async function measure(args, count) {
  const { child, firstAnswer, pids } = await serve(args, count)
  const memory = pids.map(memoryOf)
  const load = [path('load.mjs'), String(port), String(seconds), '32']
  const { stdout } = await promisify(execFile)(process.execPath, load)
  child.kill('SIGTERM')
  await once(child, 'close')
  return { perSecond: Number(stdout), firstAnswerMs: Math.round(firstAnswer), memoryMiB: memory.join(' + ') }
}

const table = {
  'in this process': await measure([], 0),
  '--workers 1': await measure(['--workers', '1'], 1),
  '--workers 2': await measure(['--workers', '2'], 2),
}
console.table(table)
const factor = table['--workers 2'].perSecond / table['--workers 1'].perSecond
console.log(
  `two workers answer ${factor.toFixed(2)} times as much as one, on ${availableParallelism()} processors that they share with the load`,
)

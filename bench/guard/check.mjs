// The guard: `npm run check:cost` in the root of the repository, on the build. It fails where a request costs, or a route holds, more than
// limits.mjs says.

import { spawnSync } from 'node:child_process'
import { createServer as createBareServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { measureAllocatedBytes } from '../micro/allocated-bytes.mjs'
import { checkAnswer } from '../micro/exchanges.mjs'
import { createServer, pipelineScenarios } from '../micro/pipeline-scenarios.mjs'
import { countListeners } from './count-listeners.mjs'
import { countPromises } from './count-promises.mjs'
import * as limits from './limits.mjs'

const scenarios = Object.entries(pipelineScenarios).map(([name, scenario]) => {
  const server = createServer(scenario)
  checkAnswer(server, scenario)
  return { name, scenario, server }
})

const failures = []
checkAllocatedBytes()
checkKeptBytes()
checkPromises()
await checkListeners()
for (const failure of failures) console.error(`\n${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

function checkAllocatedBytes() {
  for (const [name, bytes] of Object.entries(measureAllocatedBytes())) {
    report(name, 'bytes allocated', bytes, limits.allocatedBytes[name], limits.slack)
  }
}

function checkKeptBytes() {
  const program = fileURLToPath(new URL('../scale/measure-routes.mjs', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', program, 'tribind', '10000'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${program} failed`)
  const kept = JSON.parse(stdout)
  for (const name of Object.keys(limits.keptBytes))
    report(`${name} route`, 'bytes kept', kept[name], limits.keptBytes[name], limits.slack)
}

function checkPromises() {
  for (const { name, scenario, server } of scenarios) {
    report(name, 'promises made', countPromises(server, scenario, 1000), limits.promises)
  }
}

/** Over real connections, against those that bare node:http adds by itself. */
async function checkListeners() {
  const bare = createBareServer((_request, response) => response.end('Hello, World!'))
  await new Promise((resolve) => bare.listen(0, '127.0.0.1', resolve))
  const usual = await countListeners(bare.address().port, '/', 10)
  bare.close()
  for (const { name, scenario, server } of scenarios) {
    server.setAddress('127.0.0.1:0')
    await server.start()
    const counts = await countListeners(server.port, scenario.url, 10)
    await server.stop()
    const added = [...counts].map(([key, count]) => [key, count - (usual.get(key) ?? 0)]).filter(([, more]) => more > 0)
    const sum = added.reduce((total, [, more]) => total + more, 0)
    report(name, 'listeners added', sum, limits.listeners, 0, added.map(([key]) => key).join(', '))
  }
}

/** Prints a figure beside its limit, and takes note where it is above. */
function report(name, what, figure, limit, slack = 0, detail = '') {
  console.log(`${name.padEnd(14)}${what.padEnd(18)}${format(figure).padStart(8)}   limit ${limit}`)
  if (figure <= limit * (1 + slack)) return
  const more = `${format(figure - limit)}${limit > 0 ? ` (${((figure / limit - 1) * 100).toFixed(0)} %)` : ''} more`
  failures.push(
    `${name}: ${what}: ${format(figure)}, ${more} than the ${limit} in bench/guard/limits.mjs` +
      (detail && `: ${detail}`),
  )
}

function format(figure) {
  return Number.isInteger(figure) ? String(figure) : figure.toFixed(1)
}

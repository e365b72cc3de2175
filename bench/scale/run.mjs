// Many routes, many domains: `node bench/scale/run.mjs`, after `npm run build`; README.md says what the figures mean.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installPeers } from '../http/prepare.mjs'
import { median } from '../median.mjs'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,1000,10000,100000' },
    domains: { type: 'string', default: '1000' },
    tables: { type: 'string', default: 'find-my-way,tribind' },
    rounds: { type: 'string', default: '3' },
  },
})
const tables = values.tables.split(',')
const sizes = values.sizes.split(',').map(Number)
const figures = {
  bindMs: 'bind, ms',
  startMs: 'start, ms',
  bound: 'bound, B',
  served: 'served, B',
  lookUpNs: 'request, ns',
}

installPeers(fileURLToPath(new URL('.', import.meta.url)))
console.log(
  `${'routes'.padStart(7)} ${'table'.padEnd(22)} ${Object.values(figures)
    .map((name) => name.padEnd(20))
    .join('')}`,
)
for (const size of sizes)
  print(
    size,
    tables.map((table) => [table, table, size]),
  )
// As many routes again, in one domain and in many: only tribind's belong to domains.
if (values.domains !== '0')
  print(10_000, [
    ['tribind', 'tribind', 10_000],
    [`tribind, ${values.domains} domains`, 'tribind', 10_000, values.domains],
  ])

/** Measures contestants in turn, and prints medians and their ratios to the first. */
function print(size, contestants) {
  const runs = contestants.map(() => [])
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, [, ...args]] of contestants.entries()) runs[i].push(measure(args))
  for (const [i, [name]] of contestants.entries()) {
    const cells = Object.keys(figures).map((key) => {
      const ratio = median(runs[i].map((run, round) => run[key] / runs[0][round][key]))
      const figure = median(runs[i].map((run) => run[key]))
      return `${Math.round(figure)}${i === 0 ? '' : ` (${ratio.toFixed(2)})`}`.padEnd(20)
    })
    console.log(`${String(size).padStart(7)} ${name.padEnd(22)} ${cells.join('')}`)
  }
}

function measure(args) {
  const program = fileURLToPath(new URL('measure-routes.mjs', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', program, ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${args.join(' ')} failed`)
  return JSON.parse(stdout)
}

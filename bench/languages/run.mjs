// Lines, plural forms and Accept-Language against packages that do the same: `node bench/languages/run.mjs`; see README.md.

import assert from 'node:assert/strict'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { median } from '../median.mjs'
import { measureRounds } from '../micro/measure-rounds.mjs'

const CALLS_PER_SLICE = 5_000

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' } } })
installPeers(fileURLToPath(new URL('.', import.meta.url)))
buildTribind()
// Only now: what it imports may just have been installed and built.
const { createJobs } = await import('./contestants.mjs')
console.log(`Node.js ${process.version} on ${cpus().length} × ${cpus()[0]?.model}; ${values.rounds} rounds\n`)
console.log(`${'job'.padEnd(24)}${'contestant'.padEnd(22)}${'µs'.padStart(8)}  to tribind, lowest–highest`)
for (const [job, { inputs, expected, contestants }] of Object.entries(await createJobs())) {
  const prepare = () => Array.from({ length: CALLS_PER_SLICE }, inputs)
  for (const [name, call] of Object.entries(contestants))
    for (const input of prepare().slice(0, 500)) assert.equal(call(input), expected(input), name)
  const measured = measureRounds(
    Object.fromEntries(Object.entries(contestants).map(([name, call]) => [name, { call, prepare }])),
    Number(values.rounds),
  )
  for (const [name, nanos] of Object.entries(measured)) {
    const ratios = nanos.map((figure, round) => figure / measured.tribind[round])
    const spread = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
    console.log(`${job.padEnd(24)}${name.padEnd(22)}${(median(nanos) / 1000).toFixed(2).padStart(8)}  ${spread}`)
  }
}

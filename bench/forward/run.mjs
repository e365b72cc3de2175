// Forwarding: `npm run bench:forward` in the root of the repository; README.md says what each figure means.

import { parseArgs } from 'node:util'
import { whyNotPinned } from '../http/cores.mjs'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { stopWorkers } from '../http/worker.mjs'
import { median } from '../median.mjs'
import { measureScenario } from './measure.mjs'
import { isInstalled, programs, stopPrograms } from './native.mjs'
import { scenarios } from './scenarios.mjs'
import { formatRatio, formatTable } from './table.mjs'

const { values } = parseArgs({
  options: {
    launches: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.5' },
    'warm-up': { type: 'string', default: '1' },
    connections: { type: 'string', default: '64' },
    scenarios: { type: 'string', default: Object.keys(scenarios).join() },
    proxies: { type: 'string' },
    built: { type: 'boolean', default: false },
  },
})
const notPinned = whyNotPinned()
const options = {
  launches: Number(values.launches),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  warmUpSeconds: Number(values['warm-up']),
  connections: Number(values.connections),
  pinned: notPinned === undefined,
}
const asked = values.proxies?.split(',')

try {
  installPeers(new URL('.', import.meta.url).pathname)
  if (!values.built) buildTribind()
  if (notPinned) console.error(`NOT PINNED: ${notPinned}`)
  for (const name of values.scenarios.split(',')) {
    const scenario = scenarios[name]
    console.log(
      `\n${name}: ${scenario.title}\n${format(await measureScenario(scenario, takingPart(scenario), options))}`,
    )
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  stopWorkers()
  stopPrograms()
}

/** The first is there for the ratios; programs that aren't installed are left out. */
function takingPart({ proxies: [first, ...others] }) {
  const names = (asked ?? others).filter((name) => name !== first)
  return [first, ...names.filter((name) => !(name in programs) || isInstalled(name))]
}

function format(all) {
  const [[, base]] = Object.entries(all)
  const rows = Object.entries(all).map(([name, { micros, p99, perSecond }]) => [
    name,
    median(micros).toFixed(1),
    formatRatio(micros, base.micros),
    Math.min(...micros).toFixed(1),
    (Math.min(...micros) / Math.min(...base.micros)).toFixed(2),
    median(p99).toFixed(2),
    formatRatio(p99, base.p99),
    median(perSecond).toFixed(0),
    formatRatio(perSecond, base.perSecond),
  ])
  return formatTable([['', 'cpu µs', 'ratio', 'least', 'ratio', 'p99 ms', 'ratio', 'per second', 'ratio'], ...rows])
}

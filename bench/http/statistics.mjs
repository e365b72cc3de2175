// What the statistics of an entry point cost a request: `npm run bench:statistics` in the root of the repository.

import { median } from '../median.mjs'
import { whyNotPinned } from './cores.mjs'
import { measureScenario } from './measure.mjs'
import { buildTribind } from './prepare.mjs'
import { stopWorkers } from './worker.mjs'

/** The processor time of a request with them may be this much of that without (contract-live, section 9). */
const LIMIT = 1.02

const options = { launches: 24, rounds: 12, seconds: 0.1, warmUpSeconds: 0.5, connections: 64 }

const labels = {
  'tribind:plain': 'one entry point',
  'tribind:stats': 'with enableStats',
}

try {
  buildTribind()
  await compare()
} finally {
  stopWorkers()
}

async function compare() {
  const notPinned = whyNotPinned()
  if (notPinned) console.error(`NOT PINNED: ${notPinned}`)
  const measured = await measureScenario('hello', Object.keys(labels), options, !notPinned)
  const seriesOf = (name) => measured.find(({ framework }) => framework === name).series.cpuMicrosPerRequest
  const plain = seriesOf('tribind:plain')
  console.log(
    'hello, processor time per request: median and least of the rounds; the ratio is the median of those of the rounds\n',
  )
  for (const [name, label] of Object.entries(labels)) {
    const series = seriesOf(name)
    const ratio = median(series.map((micros, round) => micros / plain[round]))
    console.log(`${label.padEnd(20)}${format(median(series))}${format(Math.min(...series))}   ${ratio.toFixed(3)}`)
    if (name === 'tribind:stats' && ratio > LIMIT) {
      console.error(`${label}: ${ratio.toFixed(3)} times the processor time of a request, the limit is ${LIMIT}`)
      process.exitCode = 1
    }
  }
}

function format(micros) {
  return `${micros.toFixed(2).padStart(8)} µs`
}

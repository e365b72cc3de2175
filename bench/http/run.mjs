// The benchmark: `npm run bench` in the root of the repository; README.md says what each figure means.

import { writeFileSync } from 'node:fs'
import { whyNotPinned } from './cores.mjs'
import { describeRun } from './describe-run.mjs'
import { drawChart } from './draw-chart.mjs'
import { formatTable } from './format-table.mjs'
import { measureStartUp } from './measure-start-up.mjs'
import { measureScenario, startChecked } from './measure.mjs'
import { parseOptions, usage } from './options.mjs'
import { buildTribind, installPeers } from './prepare.mjs'
import { scenarios } from './scenarios.mjs'
import { summarize } from './summarize.mjs'
import { stopWorkers } from './worker.mjs'

for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
  process.on(signal, () => {
    stopWorkers()
    process.exit(128 + number)
  })
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else await run(options)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  stopWorkers()
}

async function run(options) {
  installPeers()
  if (options.frameworks.some((name) => name.startsWith('tribind'))) buildTribind()
  if (options.quick) await checkAll(options)
  else await measureAll(options)
}

/** Each framework starts in each of its scenarios and answers as bare node:http does. */
async function checkAll(options) {
  for (const [name, names] of findTakingPart(options)) {
    for (const { worker } of await startChecked(name, names, false)) worker.stop()
    console.log(`${name}: ${names.join(', ')} answer alike`)
  }
}

async function measureAll(options) {
  const notPinned = whyNotPinned()
  if (notPinned)
    console.error(`NOT PINNED: ${notPinned}. Server and load may share a core: the figures are worth less.`)
  const report = { ...describeRun(options, notPinned), scenarios: [] }
  console.log(formatHead(report))
  for (const [name, names] of findTakingPart(options)) {
    const { title, why, measure } = scenarios[name]
    const measureAny = measure === 'start-up' ? measureStartUp : measureScenario
    const rows = summarize(await measureAny(name, names, options, !notPinned))
    report.scenarios.push({ name, title, why, frameworks: rows })
    console.log(formatTable(`${name}: ${title} (${why})`, rows))
    warnOfIdleServers(rows)
  }
  if (options.jsonFile) writeFileSync(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`)
  if (options.svgFile) writeFileSync(options.svgFile, drawChart(report))
}

/** Each scenario with those who take part in it; none with nobody to compare with bare, unless bare alone was asked for. */
function findTakingPart(options) {
  return options.scenarios
    .map((name) => [name, options.frameworks.filter((framework) => scenarios[name].frameworks.includes(framework))])
    .filter(([, names]) => names.length > 1 || options.frameworks.length === 1)
}

function formatHead({ node, processor, versions, launches, rounds, seconds, connections }) {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Node.js ${node} on ${processor}; ${launches} launches with ${rounds} rounds of ${seconds} s, ${connections} connections\n${names.join(', ')}\n`
}

/** A server that wasn't busy all the time could do more than its requests per second say. */
function warnOfIdleServers(rows) {
  const idle = rows.filter(({ serverBusy }) => serverBusy?.median < 0.95)
  if (idle.length === 0) return
  const names = idle.map(({ framework }) => framework).join(', ')
  const reason = idle.some(({ loadBusy }) => loadBusy.median >= 0.95) ? 'the load' : 'something else on these cores'
  console.error(`Go by the processor time: ${reason} kept the server from being busy all the time (${names}).\n`)
}

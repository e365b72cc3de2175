// One scenario under load: a process for each framework, checked, warmed up, then measured in interleaved rounds.

import { checkAnswers } from './check-answers.mjs'
import { loadCore } from './cores.mjs'
import { fetchAnswer } from './fetch-answer.mjs'
import { takeTurns } from './rounds.mjs'
import { scenarios } from './scenarios.mjs'
import { startServer } from './start-server.mjs'
import { Worker } from './worker.mjs'

/** No server answers as many in a second; so a slice ends even if its clock doesn't. */
const maxRequestsPerSecond = 200_000

/**
 * Gives `{ framework, series }` for each framework: the figures of its rounds, by name.
 *
 * Every launch starts all processes anew and in another order: where its memory came to lie makes a process faster or slower
 * than its like for as long as it lives.
 */
export async function measureScenario(name, frameworks, options, pinned) {
  const series = new Map(frameworks.map((framework) => [framework, {}]))
  for (let launch = 0; launch < options.launches; launch += 1) {
    const first = Math.floor((launch * frameworks.length) / options.launches)
    const order = [...frameworks.slice(first), ...frameworks.slice(0, first)]
    for (const measured of await measureLaunch(name, order, options, pinned)) {
      const all = series.get(measured.framework)
      for (const [figure, values] of Object.entries(measured.series)) (all[figure] ??= []).push(...values)
    }
  }
  return frameworks.map((framework) => ({ framework, series: series.get(framework) }))
}

async function measureLaunch(name, frameworks, options, pinned) {
  const load = new Worker('load', 'load.mjs', [], pinned ? loadCore : undefined)
  const servers = await startChecked(name, frameworks, pinned)
  try {
    for (const server of servers) {
      await settle(server)
      await measureSlice(load, server, name, options, options.warmUpSeconds)
    }
    const measured = await takeTurns(servers, options.rounds, (server) =>
      measureSlice(load, server, name, options, options.seconds),
    )
    for (const [index, { worker }] of servers.entries()) {
      measured[index].series.rssBytes = [(await worker.ask('usage')).rssBytes]
    }
    return measured
  } finally {
    for (const { worker } of [...servers, { worker: load }]) worker.stop()
  }
}

/** The servers of all `frameworks`, which have proved that they answer alike. */
export async function startChecked(name, frameworks, pinned) {
  const servers = await Promise.all(frameworks.map((framework) => startServer(framework, name, pinned)))
  await checkAnswers(servers, scenarios[name])
  if (scenarios[name].provesHooks) {
    for (const { framework, worker, requests } of servers) {
      checkHooks(framework, (await worker.ask('usage')).hookMarks, requests.length)
    }
  }
  return servers
}

/** A regular expression of 10,000 routes is compiled anew at its second use: for seconds, in which a load would time out. */
async function settle({ port, requests }) {
  for (const request of [...requests, ...requests]) await fetchAnswer(port, request)
}

async function measureSlice(load, server, name, { connections }, seconds) {
  const { status = 200, provesHooks } = scenarios[name]
  await load.ask('open', { port: server.port, count: connections })
  const before = await server.worker.ask('usage')
  const maxRequests = Math.ceil(seconds * maxRequestsPerSecond)
  const details = { requests: server.requests, status, seconds, maxRequests }
  const slice = await load.ask('run', details, (seconds + 30) * 1000).catch((error) => {
    throw new Error(`${server.framework}: ${name}: ${error.message}`)
  })
  const after = await server.worker.ask('usage')
  await load.ask('close')
  if (provesHooks) checkHooks(server.framework, after.hookMarks - before.hookMarks, slice.answered)
  return describeSlice(slice, after.cpuMicros - before.cpuMicros)
}

function describeSlice({ answered, elapsedMs, p50Ms, p99Ms, loadCpuMicros }, cpuMicros) {
  return {
    requestsPerSecond: (answered / elapsedMs) * 1000,
    cpuMicrosPerRequest: cpuMicros / answered,
    p50Ms,
    p99Ms,
    serverBusy: cpuMicros / 1000 / elapsedMs,
    loadBusy: loadCpuMicros / 1000 / elapsedMs,
  }
}

function checkHooks(framework, ran, answered) {
  if (ran !== answered) throw new Error(`${framework}: both hooks ran for ${ran} of ${answered} requests`)
}

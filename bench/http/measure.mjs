// One scenario: a server process for each framework, checked, warmed up, then measured in interleaved rounds.

import { checkAnswers } from './check-answers.mjs'
import { loadCore, serverCore } from './cores.mjs'
import { scenarios } from './scenarios.mjs'
import { Worker } from './worker.mjs'

/** No server answers as many in a second; so a slice ends even if its clock doesn't. */
const maxRequestsPerSecond = 200_000

/** Gives `{ framework, slices, rssBytes }` for each framework, with a slice for each round. */
export async function measureScenario(name, options, pinned) {
  const load = new Worker('load', 'load.mjs', [], pinned ? loadCore : undefined)
  const servers = await startServers(name, options.frameworks, pinned)
  try {
    await checkAnswers(servers, scenarios[name])
    for (const server of servers) await measureSlice(load, server, name, options, options.warmUpSeconds)
    for (let round = 0; round < options.rounds; round += 1) {
      // Every second round runs backwards, so that no framework always follows the same one.
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        server.slices.push(await measureSlice(load, server, name, options, options.seconds))
      }
    }
    return await Promise.all(servers.map(finish))
  } finally {
    for (const { worker } of [...servers, { worker: load }]) worker.stop()
  }
}

function startServers(name, frameworks, pinned) {
  return Promise.all(
    frameworks.map(async (framework) => {
      const worker = new Worker(
        `${framework}: ${name}`,
        'serve.mjs',
        [framework, name],
        pinned ? serverCore : undefined,
      )
      const { port } = await worker.ask('listen')
      return { framework, worker, port, slices: [] }
    }),
  )
}

async function measureSlice(load, server, name, { connections }, seconds) {
  const { paths, status = 200 } = scenarios[name]
  await load.ask('open', { port: server.port, count: connections })
  const before = await server.worker.ask('usage')
  const maxRequests = Math.ceil(seconds * maxRequestsPerSecond)
  const slice = await load.ask('run', { paths, status, seconds, maxRequests }, (seconds + 10) * 1000).catch((error) => {
    throw new Error(`${server.framework}: ${name}: ${error.message}`)
  })
  const after = await server.worker.ask('usage')
  await load.ask('close')
  if (name === 'controller') checkHooks(server.framework, after.hookMarks - before.hookMarks, slice.answered)
  const cpuMicros = after.cpuMicros - before.cpuMicros
  return {
    requests: slice.answered,
    requestsPerSecond: (slice.answered / slice.elapsedMs) * 1000,
    cpuMicrosPerRequest: cpuMicros / slice.answered,
    p50Ms: slice.p50Ms,
    p99Ms: slice.p99Ms,
    serverBusy: cpuMicros / 1000 / slice.elapsedMs,
    loadBusy: slice.loadCpuMicros / 1000 / slice.elapsedMs,
  }
}

function checkHooks(framework, ran, answered) {
  if (ran !== answered) throw new Error(`${framework}: both hooks ran for ${ran} of ${answered} requests`)
}

async function finish({ framework, worker, slices }) {
  const { rssBytes } = await worker.ask('usage')
  return { framework, slices, rssBytes }
}

// How long each framework takes from the start of its process to its first answer.

import { fetchAnswer } from './fetch-answer.mjs'
import { startChecked } from './measure.mjs'
import { takeTurns } from './rounds.mjs'
import { startServer } from './start-server.mjs'

/** Gives `{ framework, series }` for each framework: the figures of its rounds, by name. */
export async function measureStartUp(name, frameworks, { launches, rounds }, pinned) {
  // The first start of each also brings its files into the memory of the system.
  for (const { worker } of await startChecked(name, frameworks, pinned)) worker.stop()
  const entries = frameworks.map((framework) => ({ framework }))
  return takeTurns(entries, launches * rounds, ({ framework }) => startOnce(framework, name, pinned))
}

async function startOnce(framework, name, pinned) {
  const startedAt = performance.now()
  const { worker, port, requests } = await startServer(framework, name, pinned)
  try {
    const { status } = await fetchAnswer(port, requests[0])
    const startMs = performance.now() - startedAt
    if (status !== 200) throw new Error(`${framework}: ${name}: answered ${status} instead of 200`)
    const { cpuMicros, rssBytes } = await worker.ask('usage')
    return { startMs, cpuMs: cpuMicros / 1000, rssBytes }
  } finally {
    worker.stop()
  }
}

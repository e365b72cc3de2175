// The process that serves: started by run.mjs with the name of a contestant and how many routes never change.

import { contestants } from './contestants.mjs'
import { INVALID_OF, SWITCH_MS } from './contract.mjs'

const [name, routes] = process.argv.slice(2)
const contestant = await contestants[name](Number(routes))

let version = 1
await contestant.switchTo(version, true)
const times = []
let timer
let counts = { switched: 0, refused: 0, wronglyTaken: 0 }
let turn = 0
let busy = Promise.resolve()

/** One switch; the parent is told of the version once it serves, since from then on no older one may answer. */
async function switchOnce() {
  turn += 1
  const isValid = turn % INVALID_OF !== 0
  const startedAt = performance.now()
  try {
    await contestant.switchTo(version + 1, isValid)
    version += 1
    if (!isValid) counts.wronglyTaken += 1
    counts.switched += 1
    times.push(performance.now() - startedAt)
    process.send({ serves: version })
  } catch {
    counts.refused += 1
  }
}

const actions = {
  begin() {
    timer = setInterval(() => (busy = busy.then(switchOnce)), SWITCH_MS)
  },
  async end() {
    clearInterval(timer)
    await busy
    times.sort((a, b) => a - b)
    return { ...counts, medianMs: times[times.length >> 1], longestMs: times.at(-1) }
  },
  /** Heap after so many switches, and before them. */
  async heap(count) {
    const measure = async () => {
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        globalThis.gc()
      }
      return process.memoryUsage().heapUsed
    }
    const switchMany = async (many) => {
      for (let i = 0; i < many; i++) await switchOnce()
    }
    // Until then, code is compiled.
    await switchMany(Math.min(count, 50))
    const before = await measure()
    await switchMany(count)
    return { before, after: await measure() }
  },
  close: () => contestant.close(),
}

process.on('message', async ({ id, action, argument }) => {
  process.send({ id, result: (await actions[action](argument)) ?? null })
  if (action === 'close') process.disconnect()
})
process.send({ port: contestant.port, serves: version })

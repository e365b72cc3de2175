// Counts, for each scenario, by how much requests make the heap grow. Run by allocated-bytes.mjs, which gives it its flags.

import { getHeapStatistics } from 'node:v8'
import { median } from '../median.mjs'
import { createExchanges } from './exchanges.mjs'
import { createServer, pipelineScenarios } from './pipeline-scenarios.mjs'

const REQUESTS = 100_000
const WARM_UP_BATCHES = 30
const BATCH = 5_000

const bytes = {}
for (const [name, scenario] of Object.entries(pipelineScenarios)) {
  const server = createServer(scenario)
  for (let i = 0; i < WARM_UP_BATCHES; i++) countBatch(server, scenario)
  const batches = Array.from({ length: REQUESTS / BATCH }, () => countBatch(server, scenario))
  // The median: where optimized code is thrown away and made again, that is in one batch or two.
  bytes[name] = median(batches) / BATCH
}
console.log(JSON.stringify(bytes))

/** What the requests themselves take isn't counted: they are there before. */
function countBatch(server, scenario) {
  const exchanges = createExchanges(BATCH, scenario)
  globalThis.gc({ type: 'minor' })
  const before = getHeapStatistics().used_heap_size
  for (const { request, response } of exchanges) server.handle(request, response)
  return getHeapStatistics().used_heap_size - before
}

import { getHeapStatistics } from 'node:v8'
import { median } from '../median.mjs'
import { createExchanges } from './exchanges.mjs'
import { createServer, pipelineScenarios } from './pipeline-scenarios.mjs'
const [name] = process.argv.slice(2)
const scenario = pipelineScenarios[name]
function countBatch(server, scenario) {
  const exchanges = createExchanges(5000, scenario)
  globalThis.gc({ type: 'minor' })
  const before = getHeapStatistics().used_heap_size
  for (const { request, response } of exchanges) server.handle(request, response)
  return getHeapStatistics().used_heap_size - before
}
const server = createServer(scenario)
for (let i = 0; i < 4; i++) countBatch(server, scenario)
console.log(name, median(Array.from({ length: 20 }, () => countBatch(server, scenario))) / 5000)

// The way of a request through the pipeline without a socket: time and allocated bytes.

import { measureAllocatedBytes } from './allocated-bytes.mjs'
import { checkAnswer, createExchanges } from './exchanges.mjs'
import { measureRounds } from './measure-rounds.mjs'
import { createServer, pipelineScenarios } from './pipeline-scenarios.mjs'

const REQUESTS_PER_SLICE = 5_000

/** For each scenario `{ nanos, bytes }`: one figure a round, and bytes allocated per request. */
export function measurePipeline(rounds) {
  const contestants = {}
  for (const [name, scenario] of Object.entries(pipelineScenarios)) {
    const server = createServer(scenario)
    checkAnswer(server, scenario)
    contestants[name] = {
      prepare: () => createExchanges(REQUESTS_PER_SLICE, scenario),
      call: ({ request, response }) => {
        server.handle(request, response)
        return response.writableEnded
      },
    }
  }
  const bytes = measureAllocatedBytes()
  return Object.entries(measureRounds(contestants, rounds)).map(([name, nanos]) => ({
    name,
    nanos,
    bytes: bytes[name],
  }))
}

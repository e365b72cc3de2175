// Requests and their responses, made ready before anything is measured.

import { RequestStandIn, ResponseStandIn } from './stand-ins.mjs'

/** As many as are asked for; each has a URL of its own, as from a socket, which nobody has looked at yet. */
export function createExchanges(count, { url }) {
  const bytes = Buffer.from(url)
  return Array.from({ length: count }, () => {
    const request = new RequestStandIn('GET', bytes.latin1Slice())
    return { request, response: new ResponseStandIn(request) }
  })
}

/** Throws unless the server gives each exchange the scenario's answer. */
export function checkAnswer(server, scenario) {
  const [{ request, response }] = createExchanges(1, scenario)
  server.handle(request, response)
  const { status = 200, body } = scenario
  if (response.statusCode === status && response.body === body) return
  throw new Error(
    `${scenario.url} gives ${response.statusCode} ${JSON.stringify(response.body)}, not ${status} ${JSON.stringify(body)}`,
  )
}

// How many promises a request makes.

import { createHook } from 'node:async_hooks'
import { createExchanges } from '../micro/exchanges.mjs'

/** Counts those that are made until `requests` synchronous requests are answered; by request. */
export function countPromises(server, scenario, requests) {
  const exchanges = createExchanges(requests, scenario)
  let promises = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises++
    },
  }).enable()
  for (const { request, response } of exchanges) server.handle(request, response)
  hook.disable()
  return promises / requests
}

import { Exit } from '../base/exit.ts'
import { isPromise } from '../base/in-turn.ts'
import { printablePath } from '../net/printable-path.ts'
import type { Exchange } from './exchange.ts'

/** Runs the endpoint of the route that serves, where one does. */
export function runEndpoint(exchange: Exchange): void | Promise<void> {
  // A handler is called on its own, without a `this`.
  const endpoint = exchange.plan.served?.endpoint
  const result = endpoint?.(exchange.request)
  if (result === undefined) return
  return isPromise(result) ? writeWhenSettled(exchange, result) : exchange.response.writeResult(result)
}

/**
 * Writes what the endpoint's promise becomes. It is awaited, but no longer than until the endpoint has opened an event
 * stream: that goes out while the rest of it runs on.
 *
 * An endpoint that fails before anything went out fails its request; one that fails later, its stream.
 */
function writeWhenSettled(exchange: Exchange, result: PromiseLike<unknown>): Promise<void> {
  const { response } = exchange
  // One promise, and one turn of the microtask queue, for all of it: most handlers of an application are async.
  return new Promise((resolve, reject) => {
    let runsOn = false
    const fail = (thrown: unknown) => (runsOn ? failAlongside(exchange, thrown) : reject(thrown as Error))
    const ended = Promise.resolve(result).then((value) => {
      try {
        response.writeResult(value)
        resolve()
      } catch (thrown) {
        fail(thrown)
      }
    }, fail)
    const goOn = () => {
      runsOn = true
      response.alongside = ended
      resolve()
    }
    // In the next turn: what fails in this one can still be answered.
    response.onEventStream = () => setImmediate(goOn)
    if (response.isEventStream) setImmediate(goOn)
  })
}

function failAlongside({ core, response }: Exchange, thrown: unknown): void {
  if (thrown instanceof Exit || response.failEventStream(thrown)) return
  core.events?.failed(thrown, false)
  // What fails because its client has left is no fault of the application's.
  const level = response.raw.destroyed ? 'info' : 'error'
  core.settings.logger[level](`${core.method} ${printablePath(core.rawPath)} failed after its response`, {
    error: thrown,
    requestId: core.id,
  })
}

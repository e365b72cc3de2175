import { Exit } from '../base/exit.ts'
import { printablePath } from '../net/printable-path.ts'
import { publishError } from '../observe/diagnostics.ts'
import type { Exchange } from './exchange.ts'
import { writeResult } from './service.ts'

/**
 * Writes what a service gives in the end. It is waited for, but no longer than until it has opened an event stream: that
 * goes out while the rest of the handler runs alongside.
 *
 * A handler that fails before anything went out fails its request; one that fails later, its stream.
 */
export function writeWhenServed(exchange: Exchange, serving: PromiseLike<unknown>): Promise<void> {
  const { request, response } = exchange
  // One promise, and one turn of the microtask queue, for all of it: most handlers of an application are async.
  return new Promise((resolve, reject) => {
    let isAlongside = false
    const fail = (thrown: unknown) => (isAlongside ? failAlongside(exchange, thrown) : reject(thrown as Error))
    const ended = Promise.resolve(serving).then((result) => {
      try {
        resolve(writeResult(request, result) as void)
      } catch (thrown) {
        fail(thrown)
      }
    }, fail)
    const goOn = () => {
      isAlongside = true
      response.alongside = ended
      resolve()
    }
    // In the next turn: what fails in this one can still be answered.
    response.onEventStream = () => setImmediate(goOn)
    if (response.isEventStream) setImmediate(goOn)
  })
}

function failAlongside({ request, response, server }: Exchange, thrown: unknown): void {
  if (thrown instanceof Exit || response.failEventStream(thrown)) return
  publishError(request, thrown)
  // What fails because its client has gone is nobody's fault.
  const level = response.raw.destroyed ? 'info' : 'error'
  server.logger[level](`${request.method} ${printablePath(request.rawPath)} failed after its response`, {
    error: thrown,
    requestId: request.id,
  })
}

import { StateError } from '../base/errors.ts'
import { Exit, exitRequest } from '../base/exit.ts'
import { isPromise } from '../base/is-promise.ts'
import { Continuation } from './continuation.ts'
import { untilStreaming } from './alongside.ts'
import { publishError } from './diagnostics.ts'
import { drive } from './drive.ts'
import type { Exchange, Interceptor } from './exchange.ts'
import { writeResult } from './service.ts'

/** Runs the middleware from the outermost on and, inside the last of them, the service. */
export function serve(exchange: Exchange): void | PromiseLike<unknown> {
  return exchange.plan.middleware.length === 0 ? runService(exchange) : drive(passLevel(exchange, 0))
}

function runService(exchange: Exchange): void | PromiseLike<unknown> {
  const serving = exchange.plan.served?.service(exchange.request)
  return isPromise(serving) ? untilStreaming(exchange, serving) : serving
}

function* passLevel(exchange: Exchange, index: number): Generator<unknown, void, unknown> {
  const middleware = exchange.plan.middleware[index]
  const { request, response, server } = exchange
  try {
    if (middleware === undefined) yield runService(exchange)
    else yield* passMiddleware(exchange, middleware, index)
  } catch (thrown) {
    const isError = !(thrown instanceof Exit)
    if (isError && !request.isExited()) throw thrown
    if (isError) {
      publishError(request, thrown)
      server.logger.error('Failed after exitAll', { error: thrown })
    }
  }
  if (response.pending !== undefined) yield response.pending
  if (request.isExited()) {
    // What the middleware around still does in its `catch` and `finally` no longer changes this response.
    exchange.restore ??= response.detach()
    throw exitRequest
  }
}

function* passMiddleware(
  exchange: Exchange,
  middleware: Interceptor,
  index: number,
): Generator<unknown, void, unknown> {
  const { request } = exchange
  const { reader } = middleware
  const outer = reader && request.readParamsWith(reader)
  let inner: Continuation | undefined
  let isOver = false
  const next = () => {
    if (isOver) return refuseLateNext(exchange)
    if (inner !== undefined) throw new StateError('next() was called twice in one middleware')
    if (outer) request.readParamsWith(outer)
    inner = new Continuation(
      () => drive(passLevel(exchange, index + 1)),
      () => reader && !isOver && request.readParamsWith(reader),
    )
    return inner
  }
  let failure: { readonly thrown: unknown } | undefined
  try {
    const result = middleware.run(request, next)
    yield result === inner ? inner?.takeUnobserved() : writeResult(request, result)
  } catch (thrown) {
    if (!(thrown instanceof Exit)) failure = { thrown }
  }
  isOver = true
  try {
    // Set off without being waited for: neither its end nor its failure is lost.
    yield (inner as Continuation | undefined)?.takeUnobserved()
  } catch (thrown) {
    failure ??= { thrown }
  }
  if (outer) request.readParamsWith(outer)
  if (failure !== undefined) throw failure.thrown
}

/** Too late to run anything; and a timer that calls it must not end the process by what it throws. */
function refuseLateNext({ request, server }: Exchange): Promise<void> {
  server.logger.error('next() was called after its middleware had ended', { requestId: request.id })
  return Promise.resolve()
}

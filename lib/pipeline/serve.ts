import { StateError } from '../base/errors.ts'
import { Exit, exitRequest } from '../base/exit.ts'
import { isPromise } from '../base/is-promise.ts'
import type { ParamsReader } from '../http/request.ts'
import { writeWhenServed } from './alongside.ts'
import { Continuation } from './continuation.ts'
import type { Exchange, Interceptor } from './exchange.ts'
import { reportFailure } from '../observe/report-failure.ts'
import { writeResult } from './service.ts'

/** Runs the middleware from the outermost on and, inside the last of them, the service; a promise only where one of them gives one. */
export function serve(exchange: Exchange): void | PromiseLike<unknown> {
  return exchange.plan.middleware.length === 0 ? runService(exchange) : passLevel(exchange, 0)
}

function runService(exchange: Exchange): void | PromiseLike<unknown> {
  // A handler is called on its own, without a `this`.
  const service = exchange.plan.served?.service
  const result = service?.(exchange.request)
  return isPromise(result) ? writeWhenServed(exchange, result) : writeResult(exchange.request, result)
}

function passLevel(exchange: Exchange, index: number): void | Promise<void> {
  const middleware = exchange.plan.middleware[index]
  try {
    const passing = middleware === undefined ? runService(exchange) : new Passage(exchange, middleware, index).run()
    if (isPromise(passing)) return passLevelAsync(exchange, passing)
  } catch (thrown) {
    failLevel(exchange, thrown)
  }
  return endLevel(exchange)
}

async function passLevelAsync(exchange: Exchange, passing: PromiseLike<unknown>): Promise<void> {
  try {
    await passing
  } catch (thrown) {
    failLevel(exchange, thrown)
  }
  await endLevel(exchange)
}

function failLevel({ request }: Exchange, thrown: unknown): void {
  if (thrown instanceof Exit) return
  if (!request.isExited()) throw thrown
  reportFailure(request, thrown, 'Failed after exitAll')
}

function endLevel(exchange: Exchange): void | Promise<void> {
  const { pending } = exchange.response
  if (pending !== undefined) return pending.then(() => leaveIfExited(exchange))
  leaveIfExited(exchange)
}

function leaveIfExited(exchange: Exchange): void {
  if (!exchange.request.isExited()) return
  // What the middleware around still does in its `catch` and `finally` no longer changes this response.
  exchange.restore ??= exchange.response.detach()
  throw exitRequest
}

/** The way of a request through one middleware. */
class Passage {
  readonly #exchange: Exchange
  readonly #middleware: Interceptor
  readonly #index: number
  #inner: Continuation | undefined
  #outerReader: ParamsReader | undefined
  #failure: { readonly thrown: unknown } | undefined
  #isOver = false

  constructor(exchange: Exchange, middleware: Interceptor, index: number) {
    this.#exchange = exchange
    this.#middleware = middleware
    this.#index = index
  }

  run(): void | Promise<void> {
    const { request } = this.#exchange
    const { reader, run } = this.#middleware
    this.#outerReader = reader && request.readParamsWith(reader)
    try {
      const result = run(request, () => this.#next())
      const inner = this.#inner
      const pending = result === inner ? inner?.takeUnobserved() : writeResult(request, result)
      if (isPromise(pending)) return this.#runOn(pending)
    } catch (thrown) {
      this.#fail(thrown)
    }
    return this.#leave()
  }

  async #runOn(pending: PromiseLike<unknown>): Promise<void> {
    try {
      await pending
    } catch (thrown) {
      this.#fail(thrown)
    }
    await this.#leave()
  }

  #next(): Promise<void> {
    if (this.#isOver) return refuseLateNext(this.#exchange)
    if (this.#inner !== undefined) throw new StateError('next() was called twice in one middleware')
    this.#readParamsWith(this.#outerReader)
    this.#inner = new Continuation(
      () => passLevel(this.#exchange, this.#index + 1),
      () => this.#isOver || this.#readParamsWith(this.#middleware.reader),
    )
    return this.#inner
  }

  /** What is set off inside without being waited for: neither its end nor its failure is lost. */
  #leave(): void | Promise<void> {
    this.#isOver = true
    try {
      const pending = this.#inner?.takeUnobserved()
      if (pending !== undefined) return this.#leaveAfter(pending)
    } catch (thrown) {
      this.#failure ??= { thrown }
    }
    this.#end()
  }

  async #leaveAfter(pending: Promise<unknown>): Promise<void> {
    try {
      await pending
    } catch (thrown) {
      this.#failure ??= { thrown }
    }
    this.#end()
  }

  #end(): void {
    this.#readParamsWith(this.#outerReader)
    if (this.#failure !== undefined) throw this.#failure.thrown
  }

  #fail(thrown: unknown): void {
    if (!(thrown instanceof Exit)) this.#failure = { thrown }
  }

  #readParamsWith(reader: ParamsReader | undefined): void {
    if (reader !== undefined) this.#exchange.request.readParamsWith(reader)
  }
}

/** Too late to run anything; and a timer that calls it must not end the process by what it throws. */
function refuseLateNext({ request, server }: Exchange): Promise<void> {
  server.logger.error('next() was called after its middleware had ended', { requestId: request.id })
  return Promise.resolve()
}

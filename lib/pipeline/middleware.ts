import { StateError } from '../base/errors.ts'
import { Exit, exitRequest } from '../base/exit.ts'
import { done, isPromise, runInTurn, type Sequence } from '../base/in-turn.ts'
import { ObservedPromise, type Work } from '../base/observed-promise.ts'
import type { ParamsReader } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'
import { reportFailure } from '../observe/report-failure.ts'
import type { Exchange, Interceptor } from './exchange.ts'

/** Given to `next` of a middleware of ours, runs what is inside once more, after it has failed. */
export const runAgain: unique symbol = Symbol('runAgain')

/** Runs the middleware from the outermost on and, inside the last of them, the endpoint. */
export function runMiddleware(exchange: Exchange): void | Promise<void> {
  return runInTurn(new MiddlewareCall(exchange, 0))
}

/** One middleware with what is inside of it; the innermost one is the endpoint. */
class MiddlewareCall implements Sequence, Work {
  readonly #exchange: Exchange
  readonly #index: number
  #inner: ObservedPromise | undefined = undefined
  #outerReader: ParamsReader | undefined = undefined
  #failure: { readonly thrown: unknown } | undefined = undefined
  #isOver = false
  /** Whether it ended by an exit or returned a value: then it meant to end here. */
  #isDeliberate = false

  constructor(exchange: Exchange, index: number) {
    this.#exchange = exchange
    this.#index = index
  }

  /**
   * Calls it, waits for what it left running inside, then for a file it has begun to serve, and ends. One step does all that
   * needs no waiting; after a failure or `exitAll`, the end has a step of its own, as what it throws is for those around.
   */
  run(step: number): unknown {
    if (step === 0) {
      const middleware = this.#middleware
      const result = middleware === undefined ? runEndpoint(this.#exchange) : this.#call(middleware)
      if (result !== undefined) return result
    }
    const pending = (step <= 1 ? this.#takeInner() : undefined) ?? this.#takePending(step)
    if (pending !== undefined) return pending
    if (step < 3 && (this.#failure !== undefined || this.#exchange.core.isExited)) return undefined
    this.#end()
    return done
  }

  /** Keeps what was thrown until the end, but for exits: they end this function alone. */
  failed(step: number, thrown: unknown): number {
    if (step === 3) throw thrown
    const { core } = this.#exchange
    if (thrown instanceof Exit) this.#isDeliberate = true
    else if (core.isExited) reportFailure(core, thrown, 'Failed after exitAll')
    else this.#failure ??= { thrown }
    return step + 1
  }

  #takePending(step: number): Promise<void> | undefined {
    return step <= 2 && this.#failure === undefined ? takePending(this.#exchange) : undefined
  }

  /** `undefined` for the endpoint. */
  get #middleware(): Interceptor | undefined {
    return this.#exchange.plan.middleware[this.#index]
  }

  #call({ reader, run }: Interceptor): unknown {
    const { core } = this.#exchange
    this.#outerReader = reader && core.readParamsWith(reader)
    const result = run(core.face as Request, (again?: unknown) => this.#next(again))
    // What `next()` returned is taken in the next step.
    if (result === undefined || result === this.#inner) return undefined
    return isPromise(result) ? Promise.resolve(result).then((value) => this.#write(value)) : this.#write(result)
  }

  #write(result: unknown): void {
    if (result === undefined) return
    this.#isDeliberate = true
    this.#exchange.response.writeResult(result)
  }

  #next(again: unknown): Promise<void> {
    if (this.#isOver) return refuseLateNext(this.#exchange)
    if (this.#inner !== undefined && again !== runAgain)
      throw new StateError('next() was called twice in one middleware: call it once, and keep its promise', {
        failure: 'ERR_TRIBIND_NEXT_TWICE',
      })
    if (this.#inner !== undefined) forgetAnswer(this.#exchange)
    this.#readParamsWith(this.#outerReader)
    this.#inner = new ObservedPromise(this)
    return this.#inner
  }

  /** Runs what is inside. */
  begin(): void | Promise<void> {
    return runInTurn(new MiddlewareCall(this.#exchange, this.#index + 1))
  }

  /** What is inside has ended. */
  ended(): void {
    if (!this.#isOver) this.#readParamsWith(this.#middleware?.reader)
  }

  /** What was started inside and isn't awaited: neither its end nor its failure is lost. */
  #takeInner(): Promise<void> | undefined {
    if (this.#isOver) return undefined
    this.#isOver = true
    return this.#inner?.takeUnobserved()
  }

  #end(): void {
    const { core, response } = this.#exchange
    this.#readParamsWith(this.#outerReader)
    this.#noteEnd()
    const failure = this.#failure
    if (!core.isExited) {
      if (failure !== undefined) throw failure.thrown
      return
    }
    if (failure !== undefined) reportFailure(core, failure.thrown, 'Failed before what it left running exited')
    // What the middleware around still does in its `catch` and `finally` no longer changes this response.
    this.#exchange.restore ??= response.detach()
    throw exitRequest
  }

  #readParamsWith(reader: ParamsReader | undefined): void {
    if (reader !== undefined) this.#exchange.core.readParamsWith(reader)
  }

  /** From here on, the status of a response that nothing was done to is known. */
  #noteEnd(): void {
    if (this.#inner !== undefined) return
    const isStop = this.#middleware !== undefined && !this.#isDeliberate && this.#failure === undefined
    if (isStop) this.#exchange.stoppedBy = this.#middleware
    this.#exchange.response.served = this.#exchange
  }
}

/** What of an answer was begun inside, before it failed, is not that of the next attempt. */
function forgetAnswer(exchange: Exchange): void {
  exchange.stoppedBy = undefined
  exchange.response.served = undefined
  exchange.response.fail(0, '')
}

/** What is pending, such as a file: its failure is that of who waits here, and who catches that has handled it. */
function takePending({ response }: Exchange): Promise<void> | undefined {
  const { pending } = response
  return pending?.catch((error: unknown) => {
    if (response.pending === pending) response.pending = undefined
    throw error
  })
}

/** It is too late to run anything; and a timer that calls it must not end the process by what it throws. */
function refuseLateNext({ core }: Exchange): Promise<void> {
  core.log('error', 'next() was called after its middleware had ended')
  return Promise.resolve()
}

/** Runs the endpoint of the route that serves, where one does. */
export function runEndpoint(exchange: Exchange): void | Promise<void> {
  // A handler is called on its own, without a `this`.
  const { endpoint } = exchange.plan
  const result = endpoint?.(exchange.core.face as Request)
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
    if (response.source !== undefined && response.isEventStream) setImmediate(goOn)
  })
}

function failAlongside({ core, response }: Exchange, thrown: unknown): void {
  if (thrown instanceof Exit || response.failEventStream(thrown)) return
  core.events?.failed(thrown, false)
  // What fails because its client has left isn't an error of the application.
  const level = response.raw.destroyed ? 'info' : 'error'
  core.log(level, `${core.logName} failed after its response`, { error: thrown })
}

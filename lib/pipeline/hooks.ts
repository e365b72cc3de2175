import { Exit } from '../base/exit.ts'
import { done, isPromise, runInTurn, type Sequence } from '../base/in-turn.ts'
import type { ParamsReader, RequestCore } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'
import type { Exchange, Interceptor } from './exchange.ts'
import { failureOf } from './handle-failure.ts'

const noNext = () => Promise.resolve()

/** Runs one hook, with parameters of its own where its pattern has some. */
export function runHook(exchange: Exchange, hook: Interceptor): unknown {
  const { core } = exchange
  return hook.reader === undefined ? hook.run(core.face as Request, noNext) : runWithParams(core, hook.reader, hook)
}

function runWithParams(core: RequestCore, reader: ParamsReader, hook: Interceptor): unknown {
  const before = core.readParamsWith(reader)
  let isPending = false
  try {
    const result = hook.run(core.face as Request, noNext)
    isPending = isPromise(result)
    return isPromise(result) ? Promise.resolve(result).finally(() => core.readParamsWith(before)) : undefined
  } finally {
    if (!isPending) core.readParamsWith(before)
  }
}

/** Runs the handlers of the response's status; not again those that have failed, and none for the answer of another server. */
export function runStatusHandlers(exchange: Exchange): void | Promise<void> {
  const { status, isRelayed } = exchange.response
  if (isRelayed) return
  const handlers = exchange.plan.statusHandlers.get(status)
  if (handlers === undefined || exchange.failure?.statuses.has(status)) return
  return runInTurn(new StatusHandlersRun(exchange, handlers))
}

class StatusHandlersRun implements Sequence {
  readonly #exchange: Exchange
  readonly #handlers: readonly Interceptor[]
  readonly #status: number

  constructor(exchange: Exchange, handlers: readonly Interceptor[]) {
    this.#exchange = exchange
    this.#handlers = handlers
    this.#status = exchange.response.status
  }

  run(index: number): unknown {
    const handler = this.#handlers[index]
    if (handler === undefined || this.#exchange.core.isExited) return done
    const result = runHook(this.#exchange, handler)
    return isPromise(result) ? result : this.pending
  }

  /** The file a handler serves: one that is missing is the handler's failure. */
  get pending(): Promise<void> | undefined {
    return this.#exchange.response.pending
  }

  failed(index: number, thrown: unknown): number {
    if (thrown instanceof Exit && thrown.reach !== 'request')
      return thrown.reach === 'event' ? this.#handlers.length : index + 1
    if (!(thrown instanceof Exit)) failureOf(this.#exchange).statuses.add(this.#status)
    throw thrown
  }
}

import { checkFunction } from '../base/check-function.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import { Exit } from '../base/exit.ts'
import { ObservedPromise } from '../base/observed-promise.ts'
import { coreOf, type Request } from '../http/request.ts'
import { printValue } from '../options/print-value.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/**
 * Returns one middleware that stands for several, the first of which is the outermost.
 *
 * @throws ConfigError for anything but an array that has at least one function
 */
export function chain(middlewares: readonly Middleware[]): Middleware {
  if (!Array.isArray(middlewares) || middlewares.length === 0)
    throw new ConfigError(`chain: expected an array of middlewares, got ${printValue(middlewares)}`, {
      failure: 'ERR_TRIBIND_OPTION_VALUE',
    })
  const all: readonly Middleware[] = middlewares.map((one: Middleware, i) => checkFunction('chain', one, `item ${i}`))
  return named('chain', (request, next) => {
    return new Call(all, request, next).run(0)
  })
}

/** The way of one request through a chain. */
class Call {
  readonly #all: readonly Middleware[]
  readonly #request: Request
  readonly #next: Next
  /** What `next` is called with. */
  #again: readonly unknown[] = []

  constructor(all: readonly Middleware[], request: Request, next: Next) {
    this.#all = all
    this.#request = request
    this.#next = next
  }

  async run(i: number): Promise<void> {
    const middleware = this.#all[i]
    if (middleware === undefined) return Reflect.apply(this.#next, undefined, this.#again) as Promise<void>
    let inner: ObservedPromise | undefined
    const next = (...again: readonly unknown[]) => {
      if (inner !== undefined) this.#repeat(again)
      inner = new ObservedPromise({ begin: () => this.run(i + 1) })
      return inner
    }
    const result = await this.#call(middleware, next)
    // What it started and didn't await is part of it too.
    await inner?.takeUnobserved()
    if (result !== undefined) coreOf(this.#request).response.writeResult(result)
  }

  /** @param again what a middleware passes that may run what is inside of it again, such as `retry` */
  #repeat(again: readonly unknown[]): void {
    if (again.length === 0)
      throw new StateError('next() was called twice in one middleware: call it once, and keep its promise', {
        failure: 'ERR_TRIBIND_NEXT_TWICE',
      })
    this.#again = again
  }

  /** An exit ends this one alone, unless it was `exitAll`. */
  async #call(middleware: Middleware, next: Next): Promise<unknown> {
    try {
      return await middleware(this.#request, next)
    } catch (thrown) {
      if (thrown instanceof Exit && !coreOf(this.#request).isExited) return undefined
      throw thrown
    }
  }
}

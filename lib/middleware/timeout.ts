import { AsyncLocalStorage } from 'node:async_hooks'
import { Readable } from 'node:stream'
import { Exit } from '../base/exit.ts'
import { HttpError } from '../base/http-error.ts'
import { Cookie } from '../http/cookies/cookie.ts'
import { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { ResponseCore } from '../http/response-core.ts'
import { parseValue } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import { type Duration, duration } from '../options/option-kinds.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** The value of `timeout`, which is read as milliseconds. */
export const timeoutOption: Option<Duration, 'always', number> = duration(1, { required: true })

/** Tells what runs inside a timeout from what answers in its place. */
const insides = new AsyncLocalStorage<Countdown>()

/**
 * Returns a middleware that answers 503 if what it wraps takes longer.
 *
 * What it wraps continues to run, but no longer changes the response, and its failure is only logged. If the response has
 * already begun, through `response.raw`, the connection is closed. The time ends when the service has answered: how long
 * a streamed body takes is not counted.
 *
 * @param time from 1 ms: milliseconds or a text such as `5s`; anything else is a `ConfigError`
 */
export function timeout(time: Duration): Middleware {
  const ms = parseValue('timeout', 'time', timeoutOption, time)
  return named('timeout', (request, next) => {
    return new Countdown(request).run(next, ms)
  })
}

class Countdown {
  readonly #request: Request
  readonly #outer = insides.getStore()
  #isOver = false

  constructor(request: Request) {
    this.#request = request
  }

  run(next: Next, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#isOver = true
        muteLate(this.#request, isLate)
        reject(new HttpError(503, undefined, { failure: 'ERR_TRIBIND_TIMEOUT' }))
      }, ms)
      const end = (settle: () => void) => {
        clearTimeout(timer)
        settle()
      }
      insides.run(this, next).then(
        () => end(resolve),
        (thrown: unknown) => (this.#isOver ? this.#report(thrown) : end(() => reject(thrown))),
      )
    })
  }

  /** Whether this one, or one around it, was answered without it. */
  get isLate(): boolean {
    return this.#isOver || this.#outer?.isLate === true
  }

  #report(thrown: unknown): void {
    const { id, server } = this.#request
    if (!(thrown instanceof Exit)) server.logger.error('Failed after its timeout', { error: thrown, requestId: id })
  }
}

function isLate(): boolean {
  return insides.getStore()?.isLate === true
}

type Callable = (...args: unknown[]) => unknown

/** Members that change nothing. */
const readers = new Set(['constructor', 'content', 'get', 'all', 'lend'])

/**
 * Makes a response, also that of `node:http`, and its cookies ignore calls that come too late.
 *
 * Late and other code hold the same objects, so each call is checked.
 */
function muteLate(request: Request, isLate: () => boolean): void {
  const core = coreOf(request)
  core.response.lend().isLate = isLate
  mute(core.response, ResponseCore.prototype, isLate)
  mute(core.cookie, Cookie.prototype, isLate)
  // `exitAll` still ends the function it is called in, but nothing else.
  mute(core, RequestCore.prototype, isLate, ['exitAll'])
}

function mute(target: object, prototype: object, isLate: () => boolean, only?: readonly string[]): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (readers.has(name) || only?.includes(name) === false) continue
    if (typeof descriptor.value === 'function') {
      const method = descriptor.value as Callable
      const value = (...args: unknown[]) => (isLate() ? discard(args) : Reflect.apply(method, target, args))
      Object.defineProperty(target, name, { value, configurable: true })
    } else if (descriptor.set !== undefined) {
      const get = () => Reflect.get(prototype, name, target) as unknown
      const set = (value: unknown) => isLate() || Reflect.set(prototype, name, value, target)
      Object.defineProperty(target, name, { get, set, configurable: true })
    }
  }
}

/** Releases what a source holds that will not be read. */
function discard(args: readonly unknown[]): void {
  for (const arg of args) if (arg instanceof Readable) arg.on('error', () => {}).destroy()
}

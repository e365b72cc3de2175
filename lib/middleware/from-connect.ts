import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigError } from '../base/errors.ts'
import { Exit } from '../base/exit.ts'
import { toHttpError } from '../base/http-error.ts'
import { isPromise } from '../base/in-turn.ts'
import { holdHead } from '../http/output/held-head.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { printValue } from '../options/print-value.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'

interface Connect {
  handle(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown
}

/**
 * Middleware as Connect and Express know it: it calls `next` or ends the response, or its promise comes to either.
 *
 * Its parameters may be typed as Express's own request and response, as those of most packages are.
 */
// Of a method, since only parameters of methods may be narrower than said.
export type ConnectMiddleware = Connect['handle']

/**
 * Makes Connect middleware usable with `use` and `bindMiddleware`.
 *
 * It gets the request and response of `node:http`; what Express adds to them, such as `res.redirect`, isn't there: use
 * `fromExpress` for middleware that needs it. Status, header fields and cookies set before are on its response, and what it
 * sets is on ours afterwards. Where it ends the response, the rest is left out as after `exitAll`. An error it passes to
 * `next` is thrown; the `status` of one that has it becomes that of the answer, and its message too if it has `expose`, as
 * those of `http-errors` do.
 *
 * @throws ConfigError for what isn't a function, and for one of four parameters: error handlers aren't supported
 */
export function fromConnect(middleware: ConnectMiddleware): Middleware {
  if (typeof middleware !== 'function')
    throw new ConfigError(`fromConnect: expected a function (req, res, next), got ${printValue(middleware)}`, {
      failure: 'ERR_TRIBIND_ARGUMENT_NOT_A_FUNCTION',
    })
  if (middleware.length > 3) {
    throw new ConfigError(
      'fromConnect: expected a function (req, res, next), got an error handler (error, req, res, next): catch what `await next()` throws instead',
      { failure: 'ERR_TRIBIND_CONNECT_ERROR_HANDLER' },
    )
  }
  const title = `Connect middleware "${middleware.name}"`
  const run = (request: Request, next: Next) => new Crossing(request, next, title).pass(middleware)
  // Under its name it is in the list of routes.
  return Object.defineProperty(run, 'name', { value: middleware.name })
}

/** One request on its way through a middleware made for Connect or Express. */
export class Crossing {
  readonly #request: Request
  readonly #core: RequestCore
  readonly #next: Next
  readonly #name: string
  #inner: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined
  /** Whether `next` was called or the response ended; until then, status and header fields are lent to the middleware. */
  #isOver = false
  #settle = () => {}

  /** @param name how the log names the middleware */
  constructor(request: Request, next: Next, name: string) {
    this.#request = request
    this.#core = coreOf(request)
    this.#next = next
    this.#name = name
  }

  pass(middleware: ConnectMiddleware): unknown {
    const { raw, response, url, settings } = this.#core
    response.lend().lendHead()
    if (settings.sessions !== undefined) this.#lendSession()
    try {
      const result = middleware(Object.assign(raw, { originalUrl: url }), response.raw, this.#forward)
      // As from `return next()`.
      if (this.#inner !== undefined && result === this.#inner) return result
      if (isPromise(result)) return this.#finishAsync(result)
    } catch (error) {
      this.#fail(error)
    }
    return this.#isSettled ? this.#outcome() : this.#settled().then(() => this.#outcome())
  }

  /** Makes our session `req.session`, and has it saved before the head goes out, which its cookie belongs to. */
  #lendSession(): void {
    const core = this.#core
    if (!Object.hasOwn(core.raw, 'session')) {
      Object.defineProperties(core.raw, {
        session: changeable(core.raw, 'session', () => core.openGuestSession()),
        sessionID: changeable(core.raw, 'sessionID', () => core.openGuestSession() && core.openSession().id),
      })
    }
    const save = () => (this.#isOver ? undefined : core.saveSession())
    holdHead(core.response.raw, save, (error) => void this.#forward(error))
  }

  // What is inside runs in here, so that it is in the asynchronous context that the middleware may have made for it.
  readonly #forward = (error?: unknown): Promise<void> | undefined => {
    if (this.#isOver) {
      if (isFailure(error)) this.#reportLate(error)
      else this.#tellLate()
      return this.#inner
    }
    this.#isOver = true
    this.#core.response.lend().takeBackHead()
    if (isFailure(error)) this.#failure = { error }
    else this.#inner = this.#next()
    this.#settle()
    return this.#inner
  }

  async #finishAsync(result: PromiseLike<unknown>): Promise<void> {
    try {
      const settled = this.#settled()
      await Promise.race([result, settled])
      await settled
      if (this.#inner !== undefined) await result
    } catch (error) {
      this.#fail(error)
    }
    // The pipeline takes up what is inside, unless the middleware has waited for it: then it may have handled its failure.
    if (this.#inner !== undefined) return
    Promise.resolve(result).catch((error: unknown) => error === this.#failure?.error || this.#reportLate(error))
    await this.#outcome()
  }

  get #isSettled(): boolean {
    const { raw } = this.#core.response
    return this.#isOver || raw.writableEnded || raw.closed
  }

  /** Resolves once it has called `next` or ended the response, or the client has gone. */
  #settled(): Promise<void> {
    if (this.#isSettled) return Promise.resolve()
    const { raw } = this.#core.response
    return new Promise((resolve) => {
      this.#settle = resolve
      // A wrapper such as compression ends the response later than it is told to.
      raw.once('finish', resolve)
      raw.once('close', resolve)
    })
  }

  #outcome(): Promise<void> | undefined {
    if (this.#failure !== undefined) this.#fail(this.#failure.error)
    if (this.#isOver) return this.#inner
    this.#isOver = true
    const { response } = this.#core
    if (response.raw.headersSent) response.status = response.raw.statusCode
    this.#request.exitAll()
  }

  #fail(error: unknown): never {
    if (!this.#isOver) this.#core.response.lend().takeBackHead()
    this.#isOver = true
    if (this.#failure !== undefined && this.#failure.error !== error) this.#reportLate(this.#failure.error)
    throw error instanceof Exit ? error : (toHttpError(error, false) ?? error)
  }

  /** Tells of a failure that can't become the response any more; often it is only that the client has left. */
  #reportLate(error: unknown): void {
    if (error instanceof Exit) return
    const level = this.#core.response.lend().hasLeft ? 'info' : 'error'
    this.#core.events?.failed(error, false)
    this.#core.log(level, `${this.#name} failed after it had ended`, { error })
  }

  #tellLate(): void {
    const level = this.#core.response.lend().hasLeft ? 'debug' : 'warn'
    this.#core.log(level, `${this.#name} called next() after it had ended: it has no effect`, { call: 'next' })
  }
}

/** Of what `next` is given, Express takes these two words for the way out of a router, and everything false for none. */
function isFailure(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router'
}

/** A property that is computed until it is set. */
function changeable(owner: object, name: string, get: () => unknown): PropertyDescriptor {
  const set = (value: unknown) => Object.defineProperty(owner, name, { value, writable: true })
  return { get, set, configurable: true, enumerable: true }
}

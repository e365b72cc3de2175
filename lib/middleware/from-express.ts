import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigError } from '../base/errors.ts'
import type { Application } from '../http/application.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { flag } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'
import { type ConnectMiddleware, Crossing } from './from-connect.ts'
import { type ExpressApplication, expressPackage, hostOf } from './express-host.ts'

interface ErrorHandling {
  handle(error: unknown, request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown
}

/** An error handler of Express, for failures of the middleware listed before it. */
export type ExpressErrorHandler = ErrorHandling['handle']

/** The options of `fromExpress`. */
export interface FromExpressOptions {
  /** Where it is mounted: requests for other paths pass it by, and `req.url` lacks this prefix. Default `/`. */
  path?: string
  /** Whether a form or JSON is parsed before it runs, for `req.body`. Default true. */
  body?: boolean
}

/** The table of the options of `fromExpress`. */
export const fromExpressOptions: OptionTable<FromExpressOptions> = defineOptions(
  {
    path: option((value) => typeof value === 'string' && value.startsWith('/'), 'a path that starts with "/"', {
      default: '/',
    }),
    body: flag({ default: true }),
  },
  { owner: 'fromExpress' },
)

/**
 * Makes middleware, a router or an application of Express usable with `use` and `bindMiddleware`.
 *
 * It runs in an application of the installed package `express`, one for each server, with its request and response:
 * `res.redirect`, `req.get` and all others are those of Express. `req.ip`, `req.protocol` and `req.host` are those of tribind.
 * Otherwise as `fromConnect`. Several run in their order; error handlers, of four parameters, may be among them.
 *
 * @throws ConfigError where `express` isn't installed, for what isn't a function, and for a bad option
 */
export function fromExpress(guest: ConnectMiddleware, options?: FromExpressOptions): Middleware
export function fromExpress(
  guests: readonly (ConnectMiddleware | ExpressErrorHandler)[],
  options?: FromExpressOptions,
): Middleware
export function fromExpress(given: unknown, options: FromExpressOptions = {}): Middleware {
  const { path, body } = fromExpressOptions.parse(options)
  const guests = [given].flat()
  for (const guest of guests) {
    if (typeof guest !== 'function')
      throw new ConfigError(`fromExpress: expected a function (req, res, next), got ${printValue(guest)}`, {
        failure: 'ERR_TRIBIND_ARGUMENT_NOT_A_FUNCTION',
      })
  }
  // A missing package fails at the start.
  expressPackage()
  const name = guests.map((guest) => (guest as { name: string }).name).join(', ')
  const entrance = new Entrance(guests, path)
  const cross = (request: Request, next: Next) =>
    new Crossing(request, next, `Express middleware "${name}"`).pass(entrance.of(coreOf(request)))
  const run = (request: Request, next: Next) => {
    const parsed = body ? parseBody(coreOf(request)) : undefined
    return parsed === undefined ? cross(request, next) : parsed.then(() => cross(request, next))
  }
  return Object.defineProperty(run, 'name', { value: name })
}

/** The way into guests, which is another one in each server. */
class Entrance {
  readonly #guests: unknown
  readonly #path: string
  readonly #ways = new WeakMap<Application, ExpressApplication>()

  constructor(guests: unknown, path: string) {
    this.#guests = guests
    this.#path = path
  }

  of(core: RequestCore): ConnectMiddleware {
    const host = hostOf(core)
    let way = this.#ways.get(core.server)
    if (way === undefined) {
      // The application with a router of these guests alone, which keeps the parameters of our route.
      const router = { value: expressPackage().Router({ mergeParams: true }) }
      way = Object.create(host.application, { router }) as ExpressApplication
      way.use(this.#path, this.#guests)
      this.#ways.set(core.server, way)
    }
    host.admit(core)
    return (request, response, next) => way.handle(request, response, next)
  }
}

/** Parses what `req.body` is to be, unless it is there. What can't be parsed is left to the code that asks for it. */
function parseBody(core: RequestCore): Promise<void> | undefined {
  const raw = core.raw as IncomingMessage & { body?: unknown }
  if (raw.body !== undefined) return undefined
  const parsed = core.openBody().parseAhead()
  if (parsed === undefined) return undefined
  return parsed.then(
    (value) => {
      raw.body = value
    },
    () => {},
  )
}

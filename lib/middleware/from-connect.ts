import { ConfigError } from '../base/errors.ts'
import { printValue } from '../options/print-value.ts'
import type { Request } from '../http/request.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'
import { type ConnectMiddleware, Crossing } from './crossing.ts'

/**
 * Makes Connect middleware usable with `use` and `bindMiddleware`.
 *
 * It gets the request and response of `node:http`; what Express adds to them, such as `res.redirect`, isn't there: use
 * `fromExpress` for middleware that needs it. Status,
 * header fields and cookies set before are on its response, and what it sets is on ours afterwards. Where it ends the
 * response, the rest is left out as after `exitAll`. An error it passes to `next` is thrown; the `status` of one that has
 * it becomes that of the answer, and its message too if it has `expose`, as those of `http-errors` do.
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

import { HttpError } from '../base/http-error.ts'
import { parseValue } from '../options/define-options.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { ipListOption } from './ip-option.ts'

/**
 * Lets in the clients at the listed addresses and ranges, and answers all others 403; so is one whose address isn't known, such
 * as over a Unix socket. The address is `request.ip`, which `trustProxy` decides.
 *
 * @param addresses addresses, ranges such as `10.0.0.0/8`, and `loopback`, `linklocal` and `uniquelocal`
 * @throws ConfigError for anything else
 */
export function ipAllow(addresses: readonly string[]): Middleware {
  const ranges = parseValue('ipAllow', 'addresses', ipListOption, addresses)
  return function ipAllow(request, next) {
    if (ranges.has(request.ip)) return next()
    throw new HttpError(403, undefined, { failure: 'ERR_TRIBIND_ADDRESS_REFUSED' })
  }
}

import { HttpError } from '../base/http-error.ts'
import { AddressRanges, rangeWords } from '../net/address-ranges.ts'
import { parseValue } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** The value of `ipAllow` and of `ipDeny`, which is read as the ranges that it lists. */
export const ipListOption: Option<readonly string[], 'always', AddressRanges> = {
  isValid: (value) => Array.isArray(value) && value.length > 0 && value.every(isEntry),
  words: `an array that has at least one of ${rangeWords}`,
  required: true,
  convert: (value) => {
    const ranges = new AddressRanges()
    for (const entry of value as readonly string[]) ranges.add(entry)
    return ranges
  },
  json: () => ({ type: 'array', items: { type: 'string' }, minItems: 1 }),
}

/**
 * Lets in the clients at the listed addresses and ranges, and answers all others 403; so is one whose address isn't known, such
 * as over a Unix socket. The address is `request.ip`, which `trustProxy` decides.
 *
 * @param addresses addresses, ranges such as `10.0.0.0/8`, and `loopback`, `linklocal` and `uniquelocal`
 * @throws ConfigError for anything else
 */
export function ipAllow(addresses: readonly string[]): Middleware {
  const ranges = parseValue('ipAllow', 'addresses', ipListOption, addresses)
  return named('ipAllow', (request, next) => {
    if (ranges.has(request.ip)) return next()
    throw new HttpError(403, undefined, { failure: 'ERR_TRIBIND_ADDRESS_REFUSED' })
  })
}

/**
 * Answers the clients at the listed addresses and ranges 403, and lets all others in; so is one whose address isn't known, such
 * as over a Unix socket. The address is `request.ip`, which `trustProxy` decides.
 *
 * @param addresses addresses, ranges such as `10.0.0.0/8`, and `loopback`, `linklocal` and `uniquelocal`
 * @throws ConfigError for anything else
 */
export function ipDeny(addresses: readonly string[]): Middleware {
  const ranges = parseValue('ipDeny', 'addresses', ipListOption, addresses)
  return named('ipDeny', (request, next) => {
    if (!ranges.has(request.ip)) return next()
    throw new HttpError(403, undefined, { failure: 'ERR_TRIBIND_ADDRESS_REFUSED' })
  })
}

function isEntry(value: unknown): boolean {
  return typeof value === 'string' && new AddressRanges().add(value)
}

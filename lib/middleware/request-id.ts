import { coreOf } from '../http/request.ts'
import { type Checks, flag } from '../options/option-checks.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { checkOptions, isToken } from './check-options.ts'

/** What `requestId` can be told. */
export interface RequestIdOptions {
  /** Default `X-Request-Id`. */
  header?: string
  /**
   * Whether an id that comes with the request is taken over; only behind a proxy that sets it. It has 1 to 128 letters,
   * digits and `._~:=@+/-`; anything else is replaced. Default false.
   */
  trust?: boolean
}

const checks: Checks<RequestIdOptions> = {
  header: [isToken, 'a name of a header field'],
  trust: flag,
}

/**
 * Sends `request.id` with every answer.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  checkOptions('requestId', options, checks)
  const { header = 'X-Request-Id', trust = false } = options
  return function requestId(request, next) {
    const given = trust ? request.header(header) : undefined
    if (given !== undefined && /^[\w.~:=@+/-]{1,128}$/.test(given)) coreOf(request).id = given
    request.response.setHeader(header, request.id)
    return next()
  }
}

import { coreOf } from '../http/request.ts'
import { isToken } from '../net/token.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { flag, textSchema } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** The options of `requestId`. */
export interface RequestIdOptions {
  /** Default `X-Request-Id`. */
  header?: string
  /**
   * Whether an id that comes with the request is taken over; only behind a proxy that sets it. It has 1 to 128 letters,
   * digits and `._~:=@+/-`; anything else is replaced. Default false.
   */
  trust?: boolean
}

/** The table of the options of `requestId`. */
export const requestIdOptions: OptionTable<RequestIdOptions> = defineOptions(
  {
    header: option(isToken, 'the name of a header field', { default: 'X-Request-Id', json: () => textSchema }),
    trust: flag({ default: false }),
  },
  { owner: 'requestId' },
)

/**
 * Sends `request.id` with every answer.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  const { header, trust } = requestIdOptions.parse(options)
  return named('requestId', (request, next) => {
    const given = trust ? request.header(header) : undefined
    if (given !== undefined && /^[\w.~:=@+/-]{1,128}$/.test(given)) coreOf(request).id = given
    request.response.setHeader(header, request.id)
    return next()
  })
}

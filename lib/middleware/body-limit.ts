import { HttpError } from '../base/http-error.ts'
import { limitBody } from '../http/body/body-flow.ts'
import { drainBody } from '../http/body/drain-body.ts'
import { coreOf } from '../http/request.ts'
import { parseValue } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import { bytes } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** The value of `bodyLimit`. */
export const bodyLimitOption: Option<number, 'always'> = bytes({ required: true })

/**
 * Sets how large the body of a request may be, in place of `maxBodySize` of the server, for what `forward` relays too: a larger
 * one is answered 413, by its Content-Length at once, else as soon as more has come in. Of several, the smallest counts.
 *
 * @param limit in bytes
 * @throws ConfigError for anything but an integer from 0
 */
export function bodyLimit(limit: number): Middleware {
  const most = parseValue('bodyLimit', 'limit', bodyLimitOption, limit)
  return named('bodyLimit', (request, next) => {
    const core = coreOf(request)
    const { raw, response } = core
    limitBody(core, most)
    if (Number(raw.headers['content-length'] ?? 0) <= most) return next()
    const refusal = new HttpError(413, `The body is larger than ${most} bytes`, {
      failure: 'ERR_TRIBIND_BODY_TOO_LARGE',
    })
    const drained = drainBody(raw, response.raw)
    // A connection that is closed after the answer must be empty by then; the others are emptied meanwhile.
    if (response.raw.shouldKeepAlive) throw refusal
    return drained.then(() => Promise.reject(refusal))
  })
}

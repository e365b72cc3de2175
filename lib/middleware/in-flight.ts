import { HttpError } from '../base/http-error.ts'
import { coreOf } from '../http/request.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { integer } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** The options of `inFlight`. */
export interface InFlightOptions {
  /** How many requests may be under way at a time. */
  amount: number
}

/** The table of the options of `inFlight`. */
export const inFlightOptions: OptionTable<InFlightOptions> = defineOptions(
  { amount: integer({ from: 1 }, { required: true }) },
  { owner: 'inFlight' },
)

/**
 * Answers 429 while as many requests as that are under way inside.
 *
 * A request is under way until its response has ended or its client has left: streams, event streams and WebSockets count
 * while they are open.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function inFlight(options: InFlightOptions): Middleware {
  const { amount } = inFlightOptions.parse(options)
  const underWay = new WeakSet<object>()
  let count = 0
  return named('inFlight', (request, next) => {
    const core = coreOf(request)
    // Where it is tried again, it is the same request.
    if (underWay.has(core)) return next()
    if (count >= amount) throw new HttpError(429, undefined, { failure: 'ERR_TRIBIND_IN_FLIGHT' })
    count++
    underWay.add(core)
    core.onRelease(() => count--)
    return next()
  })
}

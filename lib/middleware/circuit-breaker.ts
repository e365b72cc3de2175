import { HttpError } from '../base/http-error.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf } from '../http/request.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { type Duration, duration, integer } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { Circuit, type Outcome } from './circuit.ts'
import { statusOfThrown } from './status-of-thrown.ts'

/** The options of `circuitBreaker`. */
export interface CircuitBreakerOptions {
  /** How many failures in a row open it. Default 5. */
  failures?: number
  /** How long it stays open. Default `10s`. */
  duration?: Duration
}

type ReadOptions = Complete<CircuitBreakerOptions> & { readonly duration: number }

/** The table of the options of `circuitBreaker`. */
export const circuitBreakerOptions: OptionTable<CircuitBreakerOptions, ReadOptions> = defineOptions<
  CircuitBreakerOptions,
  ReadOptions
>(
  { failures: integer({ from: 1 }, { default: 5 }), duration: duration(1, { default: '10s' }) },
  { owner: 'circuitBreaker' },
)

/**
 * Answers 503 with `Retry-After`, without running what is inside, after that has failed several times in a row; then lets one
 * request through at a time, until one succeeds.
 *
 * An error that is answered with 5xx is a failure, and so is a response with such a status.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  const { failures, duration } = circuitBreakerOptions.parse(options)
  const circuit = new Circuit(failures, duration)
  return async function circuitBreaker(request, next) {
    const core = coreOf(request)
    const entry = circuit.enter(performance.now())
    if ('wait' in entry) throw refuse(entry.wait)
    const settle = (status: number | undefined) => {
      const change = circuit.settle(entry.phase, outcomeOf(core, status), performance.now())
      if (change === 'opened') core.log('warn', `circuitBreaker opens for ${duration} ms: ${core.logName} failed`)
      else if (change === 'closed') core.log('info', `circuitBreaker closes: ${core.logName} succeeded`)
    }
    // A trial that hangs is not to keep all others out when its client has left.
    if (entry.isTrial) core.signal.addEventListener('abort', () => settle(undefined), { once: true })
    try {
      await next()
    } catch (thrown) {
      settle(statusOfThrown(thrown))
      throw thrown
    }
    settle(core.response.effectiveStatus)
  }
}

function outcomeOf({ response: { raw } }: RequestCore, status = 200): Outcome {
  if (raw.destroyed && !raw.writableFinished) return 'left'
  return status >= 500 ? 'failed' : 'succeeded'
}

function refuse(wait: number): HttpError {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(wait / 1000))) }
  return new HttpError(503, undefined, { failure: 'ERR_TRIBIND_CIRCUIT_OPEN', headers })
}

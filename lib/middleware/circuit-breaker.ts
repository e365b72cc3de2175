import { HttpError } from '../base/http-error.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf } from '../http/request.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { type Duration, duration, integer } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
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
  return named('circuitBreaker', async (request, next) => {
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
  })
}

function outcomeOf({ response: { raw } }: RequestCore, status = 200): Outcome {
  if (raw.destroyed && !raw.writableFinished) return 'left'
  return status >= 500 ? 'failed' : 'succeeded'
}

function refuse(wait: number): HttpError {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(wait / 1000))) }
  return new HttpError(503, undefined, { failure: 'ERR_TRIBIND_CIRCUIT_OPEN', headers })
}

/** What has become of a request: it failed, it didn't, or its client has left before that could be known. */
export type Outcome = 'failed' | 'succeeded' | 'left'

/** Says whether requests pass: all of them, none for a time, and then one at a time until one succeeds. */
export class Circuit {
  readonly #failures: number
  readonly #duration: number
  /** In a row. */
  #failed = 0
  /** `undefined` while all pass. */
  #openUntil: number | undefined
  #isTrying = false
  /** Counts the changes: what was let in before the last one tells nothing any more. */
  #phase = 0

  constructor(failures: number, duration: number) {
    this.#failures = failures
    this.#duration = duration
  }

  /**
   * Lets a request in, and returns the phase to settle it with.
   *
   * @param now in milliseconds, by a clock that never goes back
   * @returns for one that isn't let in, how long none will be, in milliseconds
   */
  enter(now: number): { readonly phase: number; readonly isTrial: boolean } | { readonly wait: number } {
    if (this.#openUntil === undefined) return { phase: this.#phase, isTrial: false }
    if (this.#isTrying || now < this.#openUntil) return { wait: Math.max(0, this.#openUntil - now) }
    this.#isTrying = true
    return { phase: ++this.#phase, isTrial: true }
  }

  /** Returns what has changed with the outcome of a request. */
  settle(phase: number, outcome: Outcome, now: number): 'opened' | 'closed' | undefined {
    if (phase !== this.#phase) return undefined
    const wasTrial = this.#isTrying
    this.#isTrying = false
    if (outcome === 'left') return undefined
    if (outcome === 'succeeded') {
      this.#failed = 0
      return wasTrial ? this.#change(undefined) : undefined
    }
    this.#failed++
    return wasTrial || this.#failed >= this.#failures ? this.#change(now + this.#duration) : undefined
  }

  #change(openUntil: number | undefined): 'opened' | 'closed' {
    this.#phase++
    this.#failed = 0
    this.#openUntil = openUntil
    return openUntil === undefined ? 'closed' : 'opened'
  }
}

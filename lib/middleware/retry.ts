import { setTimeout as wait } from 'node:timers/promises'
import { hasBody } from '../http/body/request-body.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf } from '../http/request.ts'
import { show, viewOf } from '../http/show-request.ts'
import { idempotentMethods } from '../net/methods.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { type Duration, duration, integer } from '../options/option-kinds.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'
import { runAgain } from '../pipeline/middleware.ts'
import { named } from './named.ts'
import { statusOfThrown } from './status-of-thrown.ts'

/** The options of `retry`. */
export interface RetryOptions {
  /** How many times a request is tried again at most. */
  attempts: number
  /** The longest pause before the first further attempt; it doubles with each. 0: none. Default `100ms`. */
  backoff?: Duration
}

type ReadOptions = Complete<RetryOptions> & { readonly backoff: number }

/** The table of the options of `retry`. */
export const retryOptions: OptionTable<RetryOptions, ReadOptions> = defineOptions<RetryOptions, ReadOptions>(
  { attempts: integer({ from: 1, to: 100 }, { required: true }), backoff: duration(0, { default: '100ms' }) },
  { owner: 'retry' },
)

const MAX_PAUSE_MS = 10_000

/**
 * Runs what is inside again where it has failed with 502, 503 or 504, as `forward` does for a node that it can't connect to.
 *
 * Only what was thrown counts, not an answer with such a status. A request with a body or a method that isn't idempotent is never
 * tried again, nor one whose answer has begun or whose client has left. Before each further attempt it waits for a random time,
 * up to `backoff`, then up to twice that, and so on, at most 10 s.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function retry(options: RetryOptions): Middleware {
  const { attempts, backoff } = retryOptions.parse(options)
  return named('retry', (request, next) => {
    const core = coreOf(request)
    if (!idempotentMethods.includes(core.method) || hasBody(core.raw)) return next()
    return tryAgain(core, next as NextAgain, attempts, (attempt) => Math.min(backoff * 2 ** attempt, MAX_PAUSE_MS))
  })
}

type NextAgain = (again?: typeof runAgain) => ReturnType<Next>

async function tryAgain(
  core: RequestCore,
  next: NextAgain,
  attempts: number,
  pauseOf: (attempt: number) => number,
): Promise<void> {
  const view = viewOf(core)
  for (let attempt = 0; ; attempt++) {
    try {
      return await next(attempt === 0 ? undefined : runAgain)
    } catch (error) {
      if (attempt === attempts || !mayTryAgain(core, error)) throw error
      // A client that leaves meanwhile is not waited for.
      await wait(Math.random() * pauseOf(attempt), undefined, { signal: core.signal }).catch(() =>
        Promise.reject(error),
      )
      core.log('info', `${core.logName} is tried again`, { error })
    }
    // What still runs of an attempt that was given up may have left it changed.
    show(core, view)
  }
}

function mayTryAgain({ response, isExited }: RequestCore, error: unknown): boolean {
  return isTemporary(statusOfThrown(error)) && !isExited && !response.sent && !response.raw.destroyed
}

function isTemporary(status: number | undefined): boolean {
  return status === 502 || status === 503 || status === 504
}

import { HttpError } from '../base/http-error.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { workersOfProcess } from '../base/workers.ts'
import type { RequestCore } from '../http/request-core.ts'
import { isRequestKey, keySchema, keyWords, readKey, type RequestKey } from '../http/request-key.ts'
import { coreOf, type Request } from '../http/request.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { type Duration, duration, integer } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
import { TokenBuckets } from './token-buckets.ts'
import { isIP } from 'node:net'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** What a limiter of the package rate-limiter-flexible says of a request. */
export interface RateLimiterResult {
  readonly remainingPoints: number
  readonly msBeforeNext: number
}

/** A limiter of the package rate-limiter-flexible: its promise rejects with a result where the limit is reached. */
export interface RateLimiter {
  readonly points?: number
  readonly duration?: number
  consume(key: string): Promise<RateLimiterResult>
}

/** The options of `rateLimit`. */
export interface RateLimitOptions {
  /** How many requests each client may send in a period, on average. Required unless there is a limiter. */
  average?: number
  /** The time that `average` is for. Default `1s`. */
  period?: Duration
  /** How many requests may come at once. Default: `average`. */
  burst?: number
  /** What clients are told apart by; `ip` takes IPv6 addresses by their first 64 bits. Default `ip`. */
  key?: RequestKey | 'session'
  /** How many clients are known at a time; of more, the one that was let in longest ago is forgotten. Default 100,000. */
  maxKeys?: number
  /** Decides instead of a count in this process, such as one of rate-limiter-flexible on Redis. */
  limiter?: RateLimiter
}

type ReadRateLimitOptions = Complete<RateLimitOptions, 'average' | 'burst' | 'limiter'> & { readonly period: number }

/** The table of the options of `rateLimit`. */
export const rateLimitOptions: OptionTable<RateLimitOptions, ReadRateLimitOptions> = defineOptions<
  RateLimitOptions,
  ReadRateLimitOptions
>(
  {
    average: integer({ from: 1 }),
    period: duration(1, { default: '1s' }),
    burst: integer({ from: 1 }, { defaultText: '`average`' }),
    key: {
      ...option<RequestKey | 'session', { default: 'ip' }>(
        (value) => value === 'session' || isRequestKey(value),
        `"session", ${keyWords}`,
        { default: 'ip' },
      ),
      json: () => ({ anyOf: [{ const: 'session' }, keySchema] }),
    },
    maxKeys: integer({ from: 1 }, { default: 100_000 }),
    limiter: option(isLimiter, 'an object with a method "consume"'),
  },
  { owner: 'rateLimit', check: findConflict },
)

/**
 * Limits how many requests each client sends, with a bucket of tokens in this process; those beyond are answered 429 with
 * `Retry-After`. Each answer has `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const read = rateLimitOptions.parse(options)
  if (read.limiter === undefined)
    workersOfProcess()?.warn(
      'Each worker counts for itself what rateLimit lets through, so that clients may send as much to each: set the option "limiter" to one that all share, such as rate-limiter-flexible on Redis (docs/workers.md)',
    )
  const limit = read.limiter === undefined ? limitByBuckets(read) : limitBy(read.limiter)
  return named('rateLimit', (request, next) => {
    const core = coreOf(request)
    const goOn = (verdict: Verdict) => {
      tell(core, verdict)
      return next()
    }
    const verdict = limit(shorten(keyOf(read.key, core, request)))
    return verdict instanceof Promise ? verdict.then(goOn) : goOn(verdict)
  })
}

/** What a limit says of a request. */
interface Verdict {
  readonly isPassed: boolean
  /** The policy by its name, and its parameters (section 3 of the draft). */
  readonly policy: readonly [name: string, parameters: string]
  readonly left: number
  /** Until all may come again, in milliseconds. */
  readonly untilFull: number
  /** Until one more may come, in milliseconds. */
  readonly wait: number
}

/** @throws HttpError 429 for a request beyond the limit */
function tell({ response }: RequestCore, { isPassed, policy, left, untilFull, wait }: Verdict): void {
  const [name, parameters] = policy
  if (parameters !== '') response.joinHeader('RateLimit-Policy', `"${name}"${parameters}`)
  response.joinHeader('RateLimit', `"${name}";r=${Math.max(0, left)};t=${inSeconds(untilFull)}`)
  if (isPassed) return
  const headers = { 'Retry-After': String(Math.max(1, inSeconds(wait))) }
  throw new HttpError(429, undefined, { failure: 'ERR_TRIBIND_RATE_LIMIT', headers })
}

function limitByBuckets(options: ReadRateLimitOptions): (key: string) => Verdict {
  const { average = 1, period, burst: size = average, maxKeys } = options
  const interval = period / average
  const buckets = new TokenBuckets({ interval, size, maxKeys })
  const time = period % 1000 === 0 ? `${period / 1000}s` : `${period}ms`
  const policy = [`${average}-in-${time}`, `;q=${size};w=${inSeconds(interval * size)}`] as const
  return (key) => {
    const { isTaken, ...state } = buckets.take(key, performance.now())
    return { isPassed: isTaken, policy, ...state }
  }
}

function limitBy(limiter: RateLimiter): (key: string) => Promise<Verdict> {
  const { points, duration: seconds } = limiter
  const parameters = points === undefined ? '' : `;q=${points}${seconds ? `;w=${Math.ceil(seconds)}` : ''}`
  const say = (isPassed: boolean, { remainingPoints: left, msBeforeNext: wait }: RateLimiterResult): Verdict => ({
    isPassed,
    policy: ['limiter', parameters],
    left,
    untilFull: wait,
    wait,
  })
  return async (key) => {
    try {
      return say(true, await limiter.consume(key))
    } catch (reason) {
      // A store that fails is no client that asks too often.
      if (reason instanceof Error || !isResult(reason)) throw reason
      return say(false, reason)
    }
  }
}

/** @throws StateError for the key `session` where the server has no sessions */
function keyOf(key: RequestKey | 'session', core: RequestCore, request: Request): string {
  if (key === 'session' && core.settings.sessions === undefined) core.openSession()
  const told = key === 'session' ? core.session?.storedId : readKey(key, core, request)
  // A client without a session or field is told by its address.
  if (told === undefined || told === core.ip) return networkOf(core.ip)
  // What a client sends must not be the address of another.
  return typeof key === 'string' && key.includes(':') ? `=${told}` : told
}

/** Clients choose how long their fields are. */
function shorten(key: string): string {
  return key.length > 64 ? crypto().createHash('sha256').update(key).digest('base64') : key
}

function inSeconds(ms: number): number {
  // What is added up in fractions of a millisecond is off by less than a microsecond.
  return Math.ceil(ms / 1000 - 1e-6)
}

function isLimiter(value: unknown): boolean {
  return isObject(value) && typeof Reflect.get(value, 'consume') === 'function'
}

function isResult(value: unknown): value is RateLimiterResult {
  return isObject(value) && typeof Reflect.get(value, 'msBeforeNext') === 'number'
}

function findConflict({ average, limiter, burst }: RateLimitOptions): string | undefined {
  if ((average === undefined) === (limiter === undefined)) return 'set exactly one of "average" and "limiter"'
  return limiter !== undefined && burst !== undefined ? 'option "burst" has no effect beside "limiter"' : undefined
}

/** Returns the network that a client has to itself: of IPv6 the first 64 bits (RFC 6177), an IPv4 address as it is. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = (address.split('%')[0] as string).split('::')
  const groupsOf = (text = '') => (text === '' ? [] : text.split(':'))
  const [first, last] = [groupsOf(head), groupsOf(tail)]
  // An IPv4 address at the end is two groups.
  const count = first.length + last.length + (address.includes('.') ? 1 : 0)
  const groups = [...first, ...Array<string>(Math.max(0, 8 - count)).fill('0'), ...last]
  return `${groups.slice(0, 4).join(':')}::/64`
}

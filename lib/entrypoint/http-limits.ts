import type { Complete, RowsOf } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import { bytes, type Duration, duration, flag, integer } from '../options/option-kinds.ts'

/** The timeouts and limits of `node:http`, under the same names. docs/limits.md has a reason for each default. */
export interface HttpLimits {
  /** How long the head of a request may take, from the start of a connection; then 408. 0 for no limit. Default 20,000 ms, or `requestTimeout` if that is less. */
  headersTimeout?: Duration
  /** How long a whole request with its body may take to arrive; then 408. 0 for no limit. Default 120,000 ms. */
  requestTimeout?: Duration
  /** How often both timeouts are checked; they take effect up to this much later. Default 5,000 ms. */
  connectionsCheckingInterval?: Duration
  /** How long a connection may wait for its next request before it is closed. 0 for no limit. Default 72,000 ms. */
  keepAliveTimeout?: Duration
  /** How long a connection may be inactive in both directions before it is cut. 0 for no limit. Default 300,000 ms. */
  timeout?: Duration
  /** How long a client that has closed its side of the connection waits for the next byte of its responses before it counts as gone; 0 for as long as `timeout`. Default 500 ms. */
  halfClosedTimeout?: Duration
  /** The size of a request's head, in bytes; a larger one is answered 431. Default 16 KiB. */
  maxHeaderSize?: number
  /** How many connections an address accepts; more are closed at once. Default 10,000. */
  maxConnections?: number
  /** How many requests a connection serves before it is closed. 0 for any number. Default 0. */
  maxRequestsPerSocket?: number
  /** How many requests of a connection are served while one before them is unanswered; then nothing more is read from it. Default 100. */
  maxPipelinedRequests?: number
  /** How much of its responses an HTTP/2 client may leave waiting before its further requests wait too, in bytes. Default 16 MiB. */
  maxUnsentBytes?: number
  /** Whether the system probes silent clients (TCP keep-alive). Default true. */
  keepAlive?: boolean
  /** How long a client is silent before the first probe, in milliseconds. 0 for the system's own time. Default 0. */
  keepAliveInitialDelay?: Duration
  /** How much of a body is buffered before its source is paused, in bytes. Default: that of `node:stream`. */
  highWaterMark?: number
}

/** How long a head may take, unless the whole request has less time. */
const HEADERS_TIMEOUT_MS = 20_000

type TimeName =
  | 'headersTimeout'
  | 'requestTimeout'
  | 'connectionsCheckingInterval'
  | 'keepAliveTimeout'
  | 'timeout'
  | 'halfClosedTimeout'
  | 'keepAliveInitialDelay'

/** The limits with their defaults; times are in milliseconds. */
export type ReadLimits = Complete<Omit<HttpLimits, TimeName>, 'highWaterMark'> & Readonly<Record<TimeName, number>>

/** Some of the limits, as their table returns them. */
export type ParsedLimits = Partial<ReadLimits>

const scope = 'entrypoint'

/** The rows of these options. */
export const limitRows: RowsOf<HttpLimits, ReadLimits> = {
  requestTimeout: duration(0, { default: 120_000, scope }),
  headersTimeout: duration(0, {
    createDefault: ({ requestTimeout }) => Math.min(HEADERS_TIMEOUT_MS, Number(requestTimeout) || Infinity),
    defaultText: '20,000 ms, or `requestTimeout` if that is less',
    scope,
  }),
  connectionsCheckingInterval: duration(0, { default: 5_000, scope }),
  keepAliveTimeout: duration(0, { default: 72_000, scope }),
  timeout: duration(0, { default: 300_000, scope }),
  halfClosedTimeout: duration(0, { default: 500, scope }),
  maxHeaderSize: bytes({ default: 16 * 1024, scope }),
  maxConnections: integer({ from: 1 }, { default: 10_000, scope }),
  maxRequestsPerSocket: integer({ from: 0 }, { default: 0, scope }),
  maxPipelinedRequests: integer({ from: 1 }, { default: 100, scope }),
  maxUnsentBytes: bytes({ default: 16 * 1024 * 1024, scope }),
  keepAlive: flag({ default: true, scope }),
  keepAliveInitialDelay: duration(0, { default: 0, scope }),
  highWaterMark: bytes({ defaultText: '65,536 (16,384 on Node 20)', scope }),
}

/** The same rows without defaults, for the limits of one entry point: what they leave open is as the server has it. */
export const inheritedLimitRows: RowsOf<HttpLimits, ParsedLimits> = withoutDefaults(limitRows)

function withoutDefaults(rows: typeof limitRows): RowsOf<HttpLimits, ParsedLimits> {
  const inherited = Object.entries(rows).map(([name, row]) => {
    const { isValid, words, convert, json } = row as Option<number | boolean>
    return [name, { isValid, words, json, ...(convert && { convert }), defaultText: "the server's" }]
  })
  return Object.fromEntries(inherited) as RowsOf<HttpLimits, ParsedLimits>
}

/** Returns the limits of an entry point: its own, and those of the server for what it leaves open. */
export function inheritLimits(own: ParsedLimits, server: ReadLimits): ReadLimits {
  const limits = { ...limitsOf(server), ...limitsOf(own) }
  if (own.headersTimeout !== undefined || own.requestTimeout === undefined) return limits
  return { ...limits, headersTimeout: Math.min(server.headersTimeout, own.requestTimeout || Infinity) }
}

/** Returns the limits among options. */
export function limitsOf<T extends ParsedLimits>(options: T): Pick<T, keyof HttpLimits & keyof T> {
  const limits = Object.entries(options).filter(([name]) => name in limitRows)
  return Object.fromEntries(limits) as Pick<T, keyof HttpLimits & keyof T>
}

/**
 * Returns what is wrong with the limits together, or `undefined`.
 *
 * @param place where they are nested, with a dot at its end
 */
export function findLimitProblem(
  { headersTimeout = 0, requestTimeout = 0 }: ParsedLimits,
  place = '',
): string | undefined {
  if (requestTimeout === 0 || headersTimeout <= requestTimeout) return undefined
  return `option "${place}headersTimeout" (${headersTimeout}) must not be longer than "requestTimeout" (${requestTimeout})`
}

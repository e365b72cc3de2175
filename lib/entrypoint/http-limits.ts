/** The timeouts and limits of `node:http`, under their names there; docs/limits.md has the reasons of the defaults. */
export interface HttpLimits {
  /** How long a request's head may take, also the first of a connection that says nothing; then 408. 0 for ever. Default 20,000 ms. */
  headersTimeout?: number
  /** How long a whole request may take to come, body and all; then 408. 0 for ever. Default 120,000 ms. */
  requestTimeout?: number
  /** How often the two are looked at: they bite up to so much later. Default 5,000 ms. */
  connectionsCheckingInterval?: number
  /** How long a connection may wait for its next request before it is closed. 0 for ever. Default 72,000 ms. */
  keepAliveTimeout?: number
  /** How long a connection may stand still, nothing coming and nothing going, before it is cut. 0 for ever. Default 300,000 ms. */
  timeout?: number
  /** Of a request's head, in bytes; a larger one is 431. Default 16 KiB. */
  maxHeaderSize?: number
  /** How many connections an address takes; those beyond are closed at once. Default 10,000. */
  maxConnections?: number
  /** How many requests a connection takes before it is closed after the answer to the last. 0 for any number. Default 0. */
  maxRequestsPerSocket?: number
  /** Whether the system asks clients that are silent whether they are still there. Default true. */
  keepAlive?: boolean
  /** How long a client is silent before the system asks, in milliseconds. 0 for the system's own time. Default 0. */
  keepAliveInitialDelay?: number
  /** How much of a body or an answer waits in memory before its source is paused, in bytes. Default: that of `node:stream`. */
  highWaterMark?: number
}

/** The longest a head may take, unless the whole request may not take that long. */
const HEADERS_TIMEOUT_MS = 20_000

const defaults: Required<Omit<HttpLimits, 'headersTimeout' | 'keepAliveInitialDelay' | 'highWaterMark'>> = {
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 72_000,
  timeout: 300_000,
  maxHeaderSize: 16 * 1024,
  maxConnections: 10_000,
  maxRequestsPerSocket: 0,
  keepAlive: true,
}

/** Returns the limits, completed with defaults. */
export function completeLimits<T extends HttpLimits>(given: T): T & typeof defaults & { headersTimeout: number } {
  const limits = { ...defaults, ...given }
  const headersTimeout = given.headersTimeout ?? Math.min(HEADERS_TIMEOUT_MS, limits.requestTimeout || Infinity)
  return { ...limits, headersTimeout }
}

import type { Counter, Histogram, Registry } from 'prom-client'
import type { PromClient } from './prom-client-package.ts'

/** In seconds. */
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The metrics of requests. */
export interface RequestFamilies {
  readonly requests: Counter
  readonly errors: Counter
  readonly durations: Histogram
}

/** Creates the metrics that are counted as requests end. */
export function createRequestFamilies({ Counter, Histogram }: PromClient, registry: Registry): RequestFamilies {
  const registers = [registry]
  return {
    requests: new Counter({
      name: 'tribind_requests_total',
      help: 'Requests that are over, by method and status.',
      labelNames: ['entry_point', 'route', 'method', 'code'],
      registers,
    }),
    errors: new Counter({
      name: 'tribind_request_errors_total',
      help: 'Requests that were answered 5xx, or cut short by the server.',
      labelNames: ['entry_point', 'route'],
      registers,
    }),
    durations: new Histogram({
      name: 'tribind_request_duration_seconds',
      help: 'From the arrival of a request until it is over.',
      labelNames: ['entry_point', 'route'],
      buckets,
      registers,
    }),
  }
}

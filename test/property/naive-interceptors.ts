import { capture, compareNaively, expandPatterns, isOfDomain, type NaivePattern } from './naive-router.ts'

/** A hook or middleware as it was registered. */
export interface NaiveInterceptor extends NaivePattern {
  /** An event, or `middleware`. */
  readonly stage: string
  /** Of a group's own middleware, that group: its routes alone are what it runs for. */
  readonly group?: number | undefined
}

/** A request, and what serves it. */
export interface NaiveExchange {
  /** The methods as which the hooks that run are bound, besides ALL. */
  readonly methods: readonly string[]
  readonly host: string
  readonly path: readonly string[]
  /** The groups in which the route was bound that serves, or that a preflight asks for. */
  readonly groups: readonly number[]
}

/** The indices of the interceptors that run at a stage of a request, in their order; each is there once. */
export function runNaively(all: readonly NaiveInterceptor[], stage: string, exchange: NaiveExchange): number[] {
  const methods = new Set([...exchange.methods, 'ALL'])
  const passed = expandPatterns(all).filter(({ index, method, domain, segments }) => {
    const { stage: own, group } = all[index] as NaiveInterceptor
    if (own !== stage) return false
    if (group !== undefined) return exchange.groups.includes(group)
    return (
      methods.has(method) &&
      (domain === '' || isOfDomain(exchange.host, domain)) &&
      capture(segments, exchange.path) !== undefined
    )
  })
  const sorted = stage === 'middleware' ? passed : passed.toSorted(compareNaively)
  return [...new Set(sorted.map(({ index }) => index))]
}

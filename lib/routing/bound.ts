import type { Method } from '../net/methods.ts'
import { ANY_DOMAIN, isWildcard } from './domain.ts'
import type { Route } from './route.ts'

/** A value bound to one method, one route and one domain. A pattern with lists becomes several of these. */
export interface Bound<T> {
  readonly method: Method
  readonly route: Route
  /** A host, a `*.` domain, or `''` for every host. */
  readonly domain: string
  /** Its place in the order of registration, unique. */
  readonly order: number
  readonly value: T
}

/**
 * Compares by the total order of everything that is bound. Returns a negative number if `a` goes before `b`.
 *
 * Of those that match a request, the first in this order serves (routes) or runs first (hooks).
 */
export function compareBound(a: Bound<unknown>, b: Bound<unknown>): number {
  return (
    domainRank(a.domain) - domainRank(b.domain) ||
    Number(a.route.parameters > 0) - Number(b.route.parameters > 0) ||
    b.route.length - a.route.length ||
    b.route.plainCharacters - a.route.plainCharacters ||
    a.route.parameters - b.route.parameters ||
    b.route.fields - a.route.fields ||
    b.route.wholeSegments - a.route.wholeSegments ||
    Number(a.method === 'ALL') - Number(b.method === 'ALL') ||
    a.order - b.order
  )
}

// Of two `*.` domains that a host belongs to, the longer is the closer.
function domainRank(domain: string): number {
  if (domain === ANY_DOMAIN) return 0
  return isWildcard(domain) ? -domain.length : -Infinity
}

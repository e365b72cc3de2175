import type { Steps } from '../base/steps.ts'
import type { Method } from '../net/methods.ts'
import type { Bound } from './bound.ts'
import { DomainRoutes } from './domain-routes.ts'
import type { Ranked } from './wire-tree.ts'

/** A route of an index. Its rank is unique there. */
export interface RouteEntry<R> extends Ranked {
  readonly bound: Bound<R>
}

/** How many routes are added between two places to pause. */
const STEP = 8

/** Routes that are bound together, by domain. It never changes once it is built, and any number of tables can share it. */
export class RouteIndex<R> {
  /** In the order of precedence. */
  readonly bounds: readonly Bound<R>[]
  readonly byDomain: ReadonlyMap<string, DomainRoutes<RouteEntry<R>>>

  private constructor(bounds: readonly Bound<R>[], byDomain: ReadonlyMap<string, DomainRoutes<RouteEntry<R>>>) {
    this.bounds = bounds
    this.byDomain = byDomain
  }

  /** @param bounds in the order of precedence, as `compareBound` defines it */
  static *build<R>(bounds: readonly Bound<R>[]): Steps<RouteIndex<R>> {
    const byDomain = new Map<string, DomainRoutes<RouteEntry<R>>>()
    let rank = 0
    const groups = groupBy(bounds, (bound) => bound.domain)
    yield
    for (const [domain, group] of groups) {
      const routes = new DomainRoutes<RouteEntry<R>>(new Set<Method>(group.map(({ method }) => method)))
      byDomain.set(domain, routes)
      yield
      for (const bound of group) {
        routes.add(bound.method, bound.route, { bound, rank: rank++ })
        if (rank % STEP === 0) yield
      }
      yield
    }
    return new RouteIndex(bounds, byDomain)
  }
}

/** Groups values by a key. The groups, and the values in each, keep their order. */
export function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

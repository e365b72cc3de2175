import { httpMethods, type Method } from '../net/methods.ts'
import { compareBound, type Bound } from './bound.ts'
import { ANY_DOMAIN, isWildcard, isWithin } from './domain.ts'
import { DomainRoutes, type DomainRoutesOptions } from './domain-routes.ts'
import { groupBy } from './group-by.ts'
import { HEAD_AS_GET } from './method-groups.ts'
import type { Target } from './target.ts'

export interface RouteTableOptions<R, T> extends DomainRoutesOptions<R, T> {
  /** Whether a host with routes of its own never uses those bound without a domain. */
  readonly strictDomains: boolean
  /** Domains that have routes, in this or another table. They count for `strictDomains`. */
  readonly otherDomains?: Iterable<string>
}

/** The frozen table of all routes. It is built once and finds the route of a request by look-ups and a search in a tree. */
export class RouteTable<R, T> {
  /** The routes to search for each domain, those of the closest domain first. */
  readonly #searches = new Map<string, readonly DomainRoutes<R, T>[]>()
  readonly #anyHost: readonly DomainRoutes<R, T>[]
  #longestWildcard = 0

  constructor(bounds: readonly Bound<R>[], options: RouteTableOptions<R, T>) {
    const byDomain = groupBy(bounds.toSorted(compareBound), (bound) => bound.domain)
    for (const domain of (options.strictDomains && options.otherDomains) || []) {
      if (domain !== ANY_DOMAIN && !byDomain.has(domain)) byDomain.set(domain, [])
    }
    const built = new Map([...byDomain].map(([domain, routes]) => [domain, new DomainRoutes(routes, options)]))
    const anyDomain = built.get(ANY_DOMAIN)
    this.#anyHost = anyDomain === undefined ? [] : [anyDomain]
    built.delete(ANY_DOMAIN)

    const wildcards = [...built.keys()].filter(isWildcard).sort((a, b) => b.length - a.length)
    this.#longestWildcard = wildcards[0]?.length ?? 0
    for (const [domain, routes] of built) {
      const wider = wildcards.filter((wildcard) => wildcard !== domain && isWithin(domain, wildcard))
      const rest = options.strictDomains ? [] : this.#anyHost
      this.#searches.set(domain, [
        routes,
        ...wider.map((wildcard) => built.get(wildcard) as DomainRoutes<R, T>),
        ...rest,
      ])
    }
  }

  /** Returns the value of the route that serves the target; `undefined` if none does. */
  find(target: Target): T | undefined {
    const domains = this.#searches.size === 0 ? this.#anyHost : this.#domainsOf(target.host)
    const found = search(domains, target.method, target)
    return found === undefined && target.method === 'HEAD' ? search(domains, HEAD_AS_GET, target) : found
  }

  /** Returns the methods for which the target's path has a route (RFC 9110, section 10.2.1: `Allow`). */
  allowedMethods(target: Target): Method[] {
    const { host, rawPath, segments } = target
    return httpMethods.filter((method) => this.find({ method, host, rawPath, segments }) !== undefined)
  }

  #domainsOf(host: string): readonly DomainRoutes<R, T>[] {
    const exact = this.#searches.get(host)
    if (exact !== undefined) return exact
    // No `*.` domain is longer than the longest: a host of a thousand labels costs no more than one of a few.
    let dot = host.indexOf('.', Math.max(1, host.length - this.#longestWildcard + 1))
    for (; dot > 0; dot = host.indexOf('.', dot + 1)) {
      const below = this.#searches.get('*' + host.slice(dot))
      if (below !== undefined) return below
    }
    return this.#anyHost
  }
}

function search<R, T>(domains: readonly DomainRoutes<R, T>[], method: string, target: Target): T | undefined {
  for (const domain of domains) {
    const found = domain.find(method, target)
    if (found !== undefined) return found
  }
  return undefined
}

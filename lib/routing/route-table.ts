import { httpMethods, type Method } from '../net/methods.ts'
import { type Bound, compareBound } from './bound.ts'
import { ANY_DOMAIN, isWildcard } from './domain.ts'
import type { DomainRoutes } from './domain-routes.ts'
import { HEAD_AS_GET, type MethodGroups } from './method-groups.ts'
import type { RouteEntry, RouteIndex } from './route-index.ts'
import type { Target } from './target.ts'

/** Creates what `find` returns for a route when it serves requests of these methods, such as `['GET', 'ALL']`. */
export type CreateValue<R, T> = (bound: Bound<R>, methods: readonly Method[]) => T

/** Routes of a table, and the value of each of them there, created when a request first needs it. */
export class TablePart<R, T> {
  readonly index: RouteIndex<R>
  readonly groups: MethodGroups
  /** By the rank of the route, then by the number of the group of methods. */
  readonly values: (T | undefined)[]
  readonly #createValue: CreateValue<R, T>

  constructor(index: RouteIndex<R>, groups: MethodGroups, createValue: CreateValue<R, T>) {
    this.index = index
    this.groups = groups
    this.values = Array.from({ length: index.bounds.length * groups.methods.length })
    this.#createValue = createValue
  }

  /** @param group the number of a group of methods */
  create({ bound, rank }: RouteEntry<R>, group: number): T {
    const { methods } = this.groups
    const value = this.#createValue(bound, methods[group] as readonly Method[])
    this.values[rank * methods.length + group] = value
    return value
  }
}

export interface RouteTableOptions {
  /** Whether a host with routes of its own never uses those bound without a domain. */
  readonly strictDomains: boolean
  /** Domains that have routes, in this or another table. They count for `strictDomains`. */
  readonly otherDomains?: Iterable<string>
}

/** The table of all routes. It never changes and finds the route of a request by look-ups and a search in a tree. */
export class RouteTable<R, T> {
  readonly #parts: readonly TablePart<R, T>[]
  readonly #strictDomains: boolean
  /** The routes to search for each domain, those of the closest domain first; `undefined` before its first request. */
  readonly #searches = new Map<string, readonly DomainSearch<R, T>[] | undefined>()
  readonly #anyHost: readonly DomainSearch<R, T>[]
  #longestWildcard = 0

  constructor(parts: readonly TablePart<R, T>[], { strictDomains, otherDomains = [] }: RouteTableOptions) {
    this.#parts = parts
    this.#strictDomains = strictDomains
    for (const { index } of parts) this.#addDomains(index.byDomain.keys())
    if (strictDomains) this.#addDomains(otherDomains)
    this.#anyHost = this.#searchesOf([ANY_DOMAIN])
  }

  /** Returns the value of the route that serves the target; `undefined` if none does. */
  find(target: Target): T | undefined {
    const domains = this.#domainsOf(target.host)
    const found = search(domains, target.method, target)
    return found === undefined && target.method === 'HEAD' ? search(domains, HEAD_AS_GET, target) : found
  }

  /** Returns whether a route serves the target. */
  has(target: Target): boolean {
    const { host, method } = target
    const isServed = (name: string) => this.#domainsOf(host).some((domain) => domain.has(name, target))
    return isServed(method) || (method === 'HEAD' && isServed(HEAD_AS_GET))
  }

  /** Returns the methods for which the target's path has a route (RFC 9110, section 10.2.1: `Allow`). */
  allowedMethods(target: Target): Method[] {
    const { host, rawPath, segments } = target
    return httpMethods.filter((method) => this.has({ method, host, rawPath, segments }))
  }

  #addDomains(domains: Iterable<string>): void {
    for (const domain of domains) {
      if (domain === ANY_DOMAIN) continue
      this.#searches.set(domain, undefined)
      if (isWildcard(domain)) this.#longestWildcard = Math.max(this.#longestWildcard, domain.length)
    }
  }

  #domainsOf(host: string): readonly DomainSearch<R, T>[] {
    if (this.#searches.size === 0) return this.#anyHost
    const exact = this.#searchesFor(host)
    if (exact !== undefined) return exact
    // No `*.` domain is longer than the longest: a host of a thousand labels costs no more than one of a few.
    let dot = host.indexOf('.', Math.max(1, host.length - this.#longestWildcard + 1))
    for (; dot > 0; dot = host.indexOf('.', dot + 1)) {
      const below = this.#searchesFor(`*${host.slice(dot)}`)
      if (below !== undefined) return below
    }
    return this.#anyHost
  }

  /** Decides at the first request what to search for a domain: of many, most are seldom asked for. */
  #searchesFor(domain: string): readonly DomainSearch<R, T>[] | undefined {
    const known = this.#searches.get(domain)
    if (known !== undefined || !this.#searches.has(domain)) return known
    const searches = this.#searchesOf([domain, ...widerDomains(domain), ...(this.#strictDomains ? [] : [ANY_DOMAIN])])
    this.#searches.set(domain, searches)
    return searches
  }

  #searchesOf(domains: readonly string[]): DomainSearch<R, T>[] {
    return domains.flatMap((domain) => {
      const found = this.#parts.flatMap((part) => {
        const routes = part.index.byDomain.get(domain)
        return routes === undefined ? [] : { routes, part }
      })
      return found.length === 0 ? [] : new DomainSearch(found as [Searched<R, T>, ...Searched<R, T>[]])
    })
  }
}

/** Returns the other `*.` domains that a host, or each host below a `*.` domain, belongs to, the longest first. */
function widerDomains(domain: string): string[] {
  const domains: string[] = []
  const from = isWildcard(domain) ? 2 : 1
  for (let dot = domain.indexOf('.', from); dot > 0; dot = domain.indexOf('.', dot + 1))
    domains.push(`*${domain.slice(dot)}`)
  return domains
}

interface Searched<R, T> {
  readonly routes: DomainRoutes<RouteEntry<R>>
  readonly part: TablePart<R, T>
}

/** The routes of one domain in all parts of a table. */
class DomainSearch<R, T> {
  readonly #routes: DomainRoutes<RouteEntry<R>>
  readonly #part: TablePart<R, T>
  /** None where one part alone has routes of the domain, which is the rule. */
  readonly #others: readonly Searched<R, T>[]

  constructor([{ routes, part }, ...others]: readonly [Searched<R, T>, ...Searched<R, T>[]]) {
    this.#routes = routes
    this.#part = part
    this.#others = others
  }

  find(method: string, target: Target): T | undefined {
    let entry = this.#routes.find(method, target)
    let part = this.#part
    for (const other of this.#others) {
      const found = other.routes.find(method, target)
      if (found === undefined || (entry !== undefined && compareBound(entry.bound, found.bound) < 0)) continue
      entry = found
      part = other.part
    }
    if (entry === undefined) return undefined
    const { groups, values } = part
    // A call would take longer than this look-up.
    const group = method === 'GET' ? groups.forGet : (groups.numbers.get(method) ?? 0)
    return values[entry.rank * groups.methods.length + group] ?? part.create(entry, group)
  }

  has(method: string, target: Target): boolean {
    return (
      this.#routes.find(method, target) !== undefined ||
      this.#others.some(({ routes }) => routes.find(method, target) !== undefined)
    )
  }
}

function search<R, T>(domains: readonly DomainSearch<R, T>[], method: string, target: Target): T | undefined {
  for (const domain of domains) {
    const found = domain.find(method, target)
    if (found !== undefined) return found
  }
  return undefined
}

import { httpMethods, type Method } from '../base/methods.ts'
import type { RequestPath } from '../base/path.ts'
import { compareBound, type Bound } from './bound.ts'
import { ANY_DOMAIN, isWildcard, isWithin } from './domain.ts'
import { groupBy } from './group-by.ts'
import { RouteTree } from './route-tree.ts'
import { VerbatimRoutes } from './verbatim-routes.ts'
import { undecided, WireTree } from './wire-tree.ts'

/** What the table asks of a request. */
export interface Target extends RequestPath {
  readonly method: string
  /** Lower case, no port; read only when something is bound to a domain. */
  readonly host: string
}

export interface RouteTableOptions<R, T> {
  /** Under it, a host with routes of its own never sees those bound to no domain. */
  readonly strictDomains: boolean
  /** Domains that have routes, here or in another table: they count under `strictDomains`. */
  readonly otherDomains?: Iterable<string>
  /** The methods that anything else than routes tells apart; `createValue` is asked for each of them on its own. */
  readonly otherMethods: Iterable<Method>
  /** Makes what `find` gives for a route when it serves requests that take part in these methods, such as `['GET', 'ALL']`. */
  readonly createValue: (bound: Bound<R>, methods: readonly Method[]) => T
}

/** The routes of one domain that serve one method, `ALL` included. */
interface MethodRoutes<T> {
  readonly verbatim: VerbatimRoutes<T>
  /** Finds most of the others, also before anything of their path is split or decoded. */
  readonly wire: WireTree<T>
  readonly tree: RouteTree<T>
}

type DomainRoutes<T> = ReadonlyMap<string, MethodRoutes<T>>

// RFC 9110, section 9.3.2: HEAD is GET without the content; where nobody bound it, the routes and hooks of GET serve it.
const HEAD_AS_GET = 'HEAD as GET'
const methodGroups = new Map<string, readonly Method[]>([
  ...httpMethods.map((method) => [method, [method, 'ALL']] as const),
  [HEAD_AS_GET, ['HEAD', 'GET', 'ALL']],
])

/** The methods whose hooks take part in a request that no route serves; HEAD has those of GET too. */
export function methodsOf(method: string): readonly Method[] {
  return methodGroups.get(method === 'HEAD' ? HEAD_AS_GET : method) ?? ['ALL']
}

/** The frozen table of all routes: built once, it finds the route of a request by look-ups and a walk down a tree. */
export class RouteTable<R, T> {
  /** For each domain that has routes: where to look, the closest domain first. */
  readonly #searches = new Map<string, readonly DomainRoutes<T>[]>()
  readonly #anyHost: readonly DomainRoutes<T>[]
  #longestWildcard = 0

  constructor(bounds: readonly Bound<R>[], options: RouteTableOptions<R, T>) {
    const byDomain = groupBy(bounds.toSorted(compareBound), (bound) => bound.domain)
    for (const domain of (options.strictDomains && options.otherDomains) || []) {
      if (domain !== ANY_DOMAIN && !byDomain.has(domain)) byDomain.set(domain, [])
    }
    const built = new Map([...byDomain].map(([domain, routes]) => [domain, buildDomain(routes, options)]))
    const anyDomain = built.get(ANY_DOMAIN)
    this.#anyHost = anyDomain === undefined ? [] : [anyDomain]
    built.delete(ANY_DOMAIN)

    const wildcards = [...built.keys()].filter(isWildcard).sort((a, b) => b.length - a.length)
    this.#longestWildcard = wildcards[0]?.length ?? 0
    for (const [domain, routes] of built) {
      const wider = wildcards.filter((wildcard) => wildcard !== domain && isWithin(domain, wildcard))
      const rest = options.strictDomains ? [] : this.#anyHost
      this.#searches.set(domain, [routes, ...wider.map((wildcard) => built.get(wildcard) as DomainRoutes<T>), ...rest])
    }
  }

  /** What was made for the route that serves the target; `undefined` where none does. */
  find(target: Target): T | undefined {
    const domains = this.#searches.size === 0 ? this.#anyHost : this.#domainsOf(target.host)
    const found = search(domains, target.method, target)
    return found === undefined && target.method === 'HEAD' ? search(domains, HEAD_AS_GET, target) : found
  }

  /** The methods under which the target's path has a route (RFC 9110, section 10.2.1: `Allow`). */
  allowedMethods(target: Target): Method[] {
    const { host, rawPath, segments } = target
    return httpMethods.filter((method) => this.find({ method, host, rawPath, segments }) !== undefined)
  }

  #domainsOf(host: string): readonly DomainRoutes<T>[] {
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

function search<T>(domains: readonly DomainRoutes<T>[], method: string, target: Target): T | undefined {
  for (const domain of domains) {
    const routes = domain.get(method) ?? (domain.get('ALL') as MethodRoutes<T>)
    const value = routes.verbatim.find(target.rawPath)
    if (value !== undefined) return value
    let found = routes.wire.find(target.rawPath)
    if (found === undecided) found = target.segments && routes.tree.find(target.segments)
    if (found !== undefined) return found
  }
  return undefined
}

/** The routes of one domain by method; a method that nothing tells apart has no entry of its own and is served as `ALL`. */
function buildDomain<R, T>(bounds: readonly Bound<R>[], options: RouteTableOptions<R, T>): DomainRoutes<T> {
  const named = new Set([...bounds.map((bound) => bound.method), ...options.otherMethods])
  const domain = new Map([['ALL', buildMethod(bounds, ['ALL'], options)]])
  for (const [name, methods] of methodGroups) {
    if (methods.some((method) => method !== 'ALL' && named.has(method))) {
      domain.set(name, buildMethod(bounds, methods, options))
    }
  }
  return domain
}

function buildMethod<R, T>(
  bounds: readonly Bound<R>[],
  methods: readonly Method[],
  { createValue }: RouteTableOptions<R, T>,
): MethodRoutes<T> {
  const routes = bounds
    .filter((bound) => methods.includes(bound.method))
    .map((bound) => ({ route: bound.route, value: createValue(bound, methods) }))
  return { verbatim: new VerbatimRoutes(routes), wire: new WireTree(routes), tree: new RouteTree(routes) }
}

import type { Method } from '../net/methods.ts'
import { isVerbatim } from '../net/path.ts'
import type { Bound } from './bound.ts'
import { methodGroups } from './method-groups.ts'
import { RouteTree } from './route-tree.ts'
import type { Route } from './route.ts'
import type { Target } from './target.ts'
import { undecided, WireTree } from './wire-tree.ts'

export interface DomainRoutesOptions<R, T> {
  /** Methods that something other than routes distinguishes; `createValue` is called for each of them separately. */
  readonly otherMethods: Iterable<Method>
  /** Creates the value that `find` returns for a route when it serves requests of these methods, such as `['GET', 'ALL']`. */
  readonly createValue: (bound: Bound<R>, methods: readonly Method[]) => T
}

/** The routes of one domain. */
export class DomainRoutes<R, T> {
  /** A method that nothing distinguishes has no entry and is served as `ALL`. */
  readonly #byMethod = new Map<string, MethodRoutes<R, T>>()
  readonly #forAll: MethodRoutes<R, T>
  /** The routes for GET, which most requests are: looking them up would take 10 ns each. */
  readonly #forGet: MethodRoutes<R, T>

  /** @param bounds the first has precedence over the second … */
  constructor(bounds: readonly Bound<R>[], { otherMethods, createValue }: DomainRoutesOptions<R, T>) {
    const named = new Set<Method>(['ALL', ...bounds.map((bound) => bound.method), ...otherMethods])
    // HEAD as GET, for example, is GET if nothing is bound to HEAD: sharing the table halves the memory.
    const shared = new Map<string, MethodRoutes<R, T>>()
    const routesFor = (methods: readonly Method[]): MethodRoutes<R, T> => {
      const key = methods.join()
      const routes = shared.get(key) ?? new MethodRoutes(bounds, methods, createValue)
      shared.set(key, routes)
      return routes
    }
    for (const [name, methods] of methodGroups) {
      const told = methods.filter((method) => named.has(method))
      if (told.length > 1) this.#byMethod.set(name, routesFor(told))
    }
    this.#forAll = routesFor(['ALL'])
    this.#forGet = this.#byMethod.get('GET') ?? this.#forAll
  }

  /** Returns the value of the route that serves the target as a request of the method. */
  find(method: string, target: Target): T | undefined {
    return (method === 'GET' ? this.#forGet : (this.#byMethod.get(method) ?? this.#forAll)).find(target)
  }
}

/** The routes of one domain that serve one method, including those bound as `ALL`. */
class MethodRoutes<R, T> {
  readonly #verbatim: VerbatimRoutes<T>
  readonly #wire: WireTree<T>
  readonly #tree: RouteTree<T>

  constructor(
    bounds: readonly Bound<R>[],
    methods: readonly Method[],
    createValue: DomainRoutesOptions<R, T>['createValue'],
  ) {
    const routes = bounds
      .filter((bound) => methods.includes(bound.method))
      .map((bound) => ({ route: bound.route, value: createValue(bound, methods) }))
    this.#verbatim = new VerbatimRoutes(routes)
    this.#wire = new WireTree(routes)
    this.#tree = new RouteTree(routes)
  }

  /** Returns the value of the first route that matches. The first two find most, without splitting or decoding the path. */
  find(target: Target): T | undefined {
    const verbatim = this.#verbatim.find(target.rawPath)
    if (verbatim !== undefined) return verbatim
    const found = this.#wire.find(target.rawPath)
    if (found === undecided) return target.segments && this.#tree.find(target.segments)
    if (found !== undefined) target.isPlain = true
    return found
  }
}

/**
 * Routes without parameters, by the path as it comes on the wire. Most requests are found here by one look-up, without
 * splitting or decoding their path.
 */
class VerbatimRoutes<T> {
  readonly #byPath = new Map<string, T>()
  /** Whether there is a path of that length: looking up one from a socket takes the time of its hash, 40 ns. */
  readonly #hasLength: boolean[] = []

  /** @param routes the first has precedence over the second … */
  constructor(routes: readonly { readonly route: Route; readonly value: T }[]) {
    for (const { route, value } of routes) {
      if (route.parameters > 0 || !isVerbatim(route.text) || this.#byPath.has(route.text)) continue
      this.#byPath.set(route.text, value)
      while (this.#hasLength.length <= route.text.length) this.#hasLength.push(false)
      this.#hasLength[route.text.length] = true
    }
  }

  find(path: string): T | undefined {
    return path.length < this.#hasLength.length && this.#hasLength[path.length] ? this.#byPath.get(path) : undefined
  }
}

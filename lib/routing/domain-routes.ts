import type { Method } from '../net/methods.ts'
import { isVerbatim } from '../net/path.ts'
import { methodGroups } from './method-groups.ts'
import { RouteTree } from './route-tree.ts'
import type { Route } from './route.ts'
import type { Target } from './target.ts'
import type { WireForm } from './wire-form.ts'
import { better, type Ranked, undecided, WireTree } from './wire-tree.ts'

/** The routes of one domain, each with a value. */
export class DomainRoutes<T extends Ranked> {
  /** A method that nothing is bound to has no entry and is served as `ALL`. */
  readonly #byMethod = new Map<string, MethodRoutes<T>>()
  readonly #forAll: MethodRoutes<T>
  /** The routes for GET, which most requests are: looking them up would take 10 ns each. */
  readonly #forGet: MethodRoutes<T>
  readonly #tables: readonly MethodRoutes<T>[]

  /** @param methods those that routes will be added for */
  constructor(methods: ReadonlySet<Method>) {
    // HEAD as GET, for example, is GET if nothing is bound to HEAD: sharing the table halves the memory.
    const shared = new Map<string, MethodRoutes<T>>()
    const routesFor = (served: readonly Method[]): MethodRoutes<T> => {
      const key = served.join()
      const routes = shared.get(key) ?? new MethodRoutes(served)
      shared.set(key, routes)
      return routes
    }
    for (const [name, served] of methodGroups) {
      const bound = served.filter((method) => method === 'ALL' || methods.has(method))
      if (bound.length > 1) this.#byMethod.set(name, routesFor(bound))
    }
    this.#forAll = routesFor(['ALL'])
    this.#forGet = this.#byMethod.get('GET') ?? this.#forAll
    this.#tables = [...shared.values()]
  }

  /** Adds a route, behind all of a lower rank. */
  add(method: Method, route: Route, value: T): void {
    for (const table of this.#tables) if (table.methods.includes(method)) table.add(route, value)
  }

  /** Returns the value of the route that serves the target as a request of the method. */
  find(method: string, target: Target): T | undefined {
    return (method === 'GET' ? this.#forGet : (this.#byMethod.get(method) ?? this.#forAll)).find(target)
  }
}

/** The routes of one domain that serve one method, including those bound as `ALL`. */
class MethodRoutes<T extends Ranked> {
  /** Those that its routes are bound to. */
  readonly methods: readonly Method[]
  readonly #verbatim = new VerbatimRoutes<T>()
  readonly #wire = new WireTree<T>()
  /** The routes without a wire form. */
  readonly #tree = new RouteTree<T>()

  constructor(methods: readonly Method[]) {
    this.methods = methods
  }

  add(route: Route, value: T): void {
    this.#verbatim.add(route, value)
    const wire = wireFormOf(route)
    if (wire !== undefined) return this.#wire.add(wire, value)
    this.#wire.addMissing(value)
    this.#tree.add(route, value)
  }

  /** Returns the value of the first route that matches. The first two find most, without splitting or decoding the path. */
  find(target: Target): T | undefined {
    const verbatim = this.#verbatim.find(target.rawPath)
    if (verbatim !== undefined) return verbatim
    const found = this.#wire.find(target.rawPath)
    if (found === undecided) return this.#findDecoded(target.segments)
    if (found !== undefined) target.isPlain = true
    return found
  }

  #findDecoded(segments: readonly string[] | undefined): T | undefined {
    return segments && better(this.#wire.findDecoded(segments), this.#tree.find(segments))
  }
}

/** Returns the wire form of a route, which those without parameters don't keep. */
function wireFormOf({ parameters, text, wire }: Route): WireForm | undefined {
  if (parameters > 0 || !isVerbatim(text)) return wire
  return { texts: [text === '/' ? '' : text], names: [], hasRest: false }
}

/**
 * Routes without parameters, by the path as it comes on the wire. Most requests are found here by one look-up, without
 * splitting or decoding their path.
 */
class VerbatimRoutes<T> {
  readonly #byPath = new Map<string, T>()
  /** Whether there is a path of that length: looking up one from a socket takes the time of its hash, 40 ns. */
  readonly #hasLength: boolean[] = []

  add({ parameters, text }: Route, value: T): void {
    if (parameters > 0 || !isVerbatim(text) || this.#byPath.has(text)) return
    this.#byPath.set(text, value)
    while (this.#hasLength.length <= text.length) this.#hasLength.push(false)
    this.#hasLength[text.length] = true
  }

  find(path: string): T | undefined {
    return path.length < this.#hasLength.length && this.#hasLength[path.length] ? this.#byPath.get(path) : undefined
  }
}

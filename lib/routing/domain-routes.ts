import type { Method } from '../base/methods.ts'
import type { Bound } from './bound.ts'
import { methodGroups } from './method-groups.ts'
import { RouteTree } from './route-tree.ts'
import type { Target } from './target.ts'
import { VerbatimRoutes } from './verbatim-routes.ts'
import { undecided, WireTree } from './wire-tree.ts'

export interface DomainRoutesOptions<R, T> {
  /** The methods that anything else than routes tells apart; `createValue` is asked for each of them on its own. */
  readonly otherMethods: Iterable<Method>
  /** Makes what `find` gives for a route when it serves requests that take part in these methods, such as `['GET', 'ALL']`. */
  readonly createValue: (bound: Bound<R>, methods: readonly Method[]) => T
}

/** The routes of one domain. */
export class DomainRoutes<R, T> {
  /** A method that nothing tells apart has no entry and is served as `ALL`. */
  readonly #byMethod = new Map<string, MethodRoutes<T>>()
  readonly #forAll: MethodRoutes<T>
  /** Most requests are GET; to look them up would cost 10 ns each. */
  readonly #forGet: MethodRoutes<T>

  /** @param bounds the first has precedence over the second … */
  constructor(bounds: readonly Bound<R>[], { otherMethods, createValue }: DomainRoutesOptions<R, T>) {
    const create = (methods: readonly Method[]): MethodRoutes<T> =>
      new MethodRoutes(
        bounds
          .filter((bound) => methods.includes(bound.method))
          .map((bound) => ({ route: bound.route, value: createValue(bound, methods) })),
      )
    const named = new Set([...bounds.map((bound) => bound.method), ...otherMethods])
    for (const [name, methods] of methodGroups) {
      if (methods.some((method) => method !== 'ALL' && named.has(method))) this.#byMethod.set(name, create(methods))
    }
    this.#forAll = create(['ALL'])
    this.#forGet = this.#byMethod.get('GET') ?? this.#forAll
  }

  /** What was made for the route that serves the target as a request of the method. */
  find(method: string, target: Target): T | undefined {
    return (method === 'GET' ? this.#forGet : (this.#byMethod.get(method) ?? this.#forAll)).find(target)
  }
}

/** The routes of one domain that serve one method, those bound as `ALL` included. */
class MethodRoutes<T> {
  readonly #verbatim: VerbatimRoutes<T>
  readonly #wire: WireTree<T>
  readonly #tree: RouteTree<T>

  constructor(routes: ConstructorParameters<typeof WireTree<T>>[0]) {
    this.#verbatim = new VerbatimRoutes(routes)
    this.#wire = new WireTree(routes)
    this.#tree = new RouteTree(routes)
  }

  /** The first two find most, before anything of the path is split or decoded. */
  find(target: Target): T | undefined {
    const verbatim = this.#verbatim.find(target.rawPath)
    if (verbatim !== undefined) return verbatim
    const found = this.#wire.find(target.rawPath)
    if (found === undecided) return target.segments && this.#tree.find(target.segments)
    if (found !== undefined) target.isPlain = true
    return found
  }
}

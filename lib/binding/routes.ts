import type { RouteInfo } from '../http/application.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { Binder } from './binder.ts'
import { DomainRegistrar } from './domain.ts'
import type { NamingStyle } from './name-to-uri.ts'
import {
  CODE_LAYER,
  type Registered,
  type RegisteredBindings,
  type RegisteredInterceptor,
  Registry,
} from './registry.ts'

export interface RoutesOptions {
  /** How a method's name becomes a segment of a path. Default `kebab`. */
  readonly nameToUri?: NamingStyle
  /** Whether binding a route again replaces the first instead of failing. Default false. */
  readonly routeOverwrite?: boolean
}

/** All that an application binds. It needs no server. */
export class Routes extends DomainRegistrar {
  /** For objects that offer the same calls on the same routes. */
  readonly binder: Binder
  readonly #registry: Registry

  constructor({ nameToUri = 'kebab', routeOverwrite = false }: RoutesOptions = {}) {
    const registry = new Registry({ layer: CODE_LAYER, place: 0, nameToUri, routeOverwrite })
    const binder = new Binder(registry)
    super(binder)
    this.binder = binder
    this.#registry = registry
  }

  /** What is bound so far. A dispatcher is built from it. */
  get bindings(): RegisteredBindings {
    return this.#registry.bindings
  }

  /** Warnings of legal patterns that look like a mistake, such as `/a-:id`. */
  get warnings(): readonly string[] {
    return this.#registry.warnings
  }

  /** Lists routes, WebSockets, static folders, hooks and status handlers, each in matching order, then middleware. */
  routes(): RouteInfo[] {
    return listRoutes(this.bindings)
  }

  /** Calls a function after each registration. */
  onChange(listener: () => void): void {
    this.#registry.onChange = listener
  }

  /** Returns all that is bound. From now on, each registration is a `RouteError`. */
  freeze(): RegisteredBindings {
    this.#registry.freeze()
    return this.bindings
  }
}

/** Lists routes, WebSockets, static folders, hooks and status handlers, each in matching order, then middleware. */
function listRoutes({ routes, webSockets, statics, interceptors }: RegisteredBindings): RouteInfo[] {
  const isMiddleware = ({ value }: Bound<RegisteredInterceptor>) => value.stage === 'middleware'
  const hooks = interceptors.filter((bound) => !isMiddleware(bound))
  return [
    ...describe(routes.toSorted(compareBound)),
    ...describe(webSockets.toSorted(compareBound)),
    ...describe(statics.toSorted(compareBound)),
    ...describe(hooks.toSorted(compareBound), ({ value }) => ({ hook: String(value.stage) })),
    ...describe(interceptors.filter(isMiddleware)),
  ]
}

function describe<T extends Registered>(
  bounds: readonly Bound<T>[],
  more: (bound: Bound<T>) => Pick<RouteInfo, 'hook'> = () => ({}),
): RouteInfo[] {
  return bounds.map((bound, i) => {
    const { method, route, domain, value } = bound
    const { type, name, entryPoint } = value
    const own = entryPoint === undefined ? {} : { entryPoint }
    return { method, route: route.text, domain, type, name, ...more(bound), ...own, priority: bounds.length - i }
  })
}

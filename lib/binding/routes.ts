import type { RouteInfo } from '../http/application.ts'
import { runAtOnce } from '../base/steps.ts'
import { Binder } from './binder.ts'
import { DomainRegistrar } from './domain.ts'
import { listRoutes, sortBindings } from './list-routes.ts'
import type { NamingStyle } from './name-to-uri.ts'
import { CODE_LAYER, type RegisteredBindings, Registry } from './registry.ts'

export interface RoutesOptions {
  /** How a method's name becomes a segment of a path. Default `kebab`. */
  readonly nameToUri?: NamingStyle
  /** Whether binding a route again replaces the first instead of failing. Default false. */
  readonly routeOverwrite?: boolean
  /** Whether errors are answered as problems, for documents of the routes. Default false. */
  readonly problems?: boolean
}

/** All that an application binds on the server itself: the layer `code`. It needs no server. */
export class Routes extends DomainRegistrar {
  /** For objects that offer the same calls on the same routes. */
  readonly binder: Binder
  readonly registry: Registry

  constructor({ nameToUri = 'kebab', routeOverwrite = false, problems = false }: RoutesOptions = {}) {
    const registry = new Registry({ layer: CODE_LAYER, place: 0, nameToUri, routeOverwrite, problems })
    const binder = new Binder(registry)
    super(binder)
    this.binder = binder
    this.registry = registry
  }

  /** What is bound so far. A dispatcher is built from it. */
  get bindings(): RegisteredBindings {
    return this.registry.bindings
  }

  /** Warnings of legal patterns that look like a mistake, such as `/a-:id`. */
  get warnings(): readonly string[] {
    return this.registry.warnings
  }

  /** Lists routes, WebSockets, static folders, hooks and status handlers, each in matching order, then middleware. */
  routes(): RouteInfo[] {
    return listRoutes([runAtOnce(sortBindings(this.bindings))])
  }

  /** Calls a function after each registration. */
  onChange(listener: () => void): void {
    this.registry.onChange = listener
  }

  /** Returns all that is bound. From now on, each registration is a `RouteError`. */
  freeze(): RegisteredBindings {
    this.registry.freeze()
    return this.bindings
  }
}

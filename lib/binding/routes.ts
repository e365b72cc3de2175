import type { RouteInfo } from '../http/application.ts'
import { Binder } from './binder.ts'
import { DomainRegistrar } from './domain.ts'
import { listRoutes } from './list-routes.ts'
import type { NamingStyle } from './name-to-uri.ts'
import { type RegisteredBindings, Registry } from './registry.ts'

export interface RoutesOptions {
  /** How a method's name becomes a segment of a path. Default `kebab`. */
  readonly nameToUri?: NamingStyle
  /** Whether a route bound twice replaces the first instead of failing. Default false. */
  readonly routeOverwrite?: boolean
}

/** All that an application binds; it needs no server. */
export class Routes extends DomainRegistrar {
  /** For what offers the same calls on the same routes. */
  readonly binder: Binder
  readonly #registry: Registry

  constructor({ nameToUri = 'kebab', routeOverwrite = false }: RoutesOptions = {}) {
    const registry = new Registry({ nameToUri, routeOverwrite })
    const binder = new Binder(registry)
    super(binder)
    this.binder = binder
    this.#registry = registry
  }

  /** What is bound so far: what a dispatcher is built from. */
  get bindings(): RegisteredBindings {
    return this.#registry.bindings
  }

  /** What is legal and looks like a mistake, such as `/a-:id`, in words. */
  get warnings(): readonly string[] {
    return this.#registry.warnings
  }

  /** Lists routes in matching order, then WebSockets, static folders, hooks and status handlers in theirs, then middleware. */
  routes(): RouteInfo[] {
    return listRoutes(this.bindings)
  }

  /** Calls a function after each registration. */
  onChange(listener: () => void): void {
    this.#registry.onChange = listener
  }

  /** Returns all that is bound; from now on, each registration is a `RouteError`. */
  freeze(): RegisteredBindings {
    this.#registry.freeze()
    return this.bindings
  }
}

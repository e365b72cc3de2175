import type { RouteInfo } from '../http/application.ts'
import { DuplicateRouteError, RouteError } from '../base/errors.ts'
import type { Interceptor } from '../pipeline/exchange.ts'
import type { BoundEndpoint } from '../pipeline/plan.ts'
import type { Bound } from '../routing/bound.ts'
import { ANY_DOMAIN } from '../routing/domain.ts'
import type { Pattern } from '../routing/pattern.ts'
import type { NamingStyle } from './name-to-uri.ts'
import type { RegistrationSite } from './registration-site.ts'

/** What a registered route is called where people read about it. */
export interface Registered {
  readonly type: RouteInfo['type']
  /** Of the function, or `Class.method`. */
  readonly name: string
}

export interface RegisteredService extends BoundEndpoint, Registered {
  readonly site: RegistrationSite
}

interface PatternedService {
  readonly pattern: Pattern
  readonly value: RegisteredService
}

export interface RegisteredInterceptor extends Interceptor, Registered {}

export interface RegistryOptions {
  readonly nameToUri: NamingStyle
  readonly routeOverwrite: boolean
}

/** All that an application has registered, in order. A call either adds everything it stands for or nothing. */
export class Registry {
  readonly options: RegistryOptions
  /** Counts changes, so that what was built from the registry knows whether it is still right. */
  version = 0
  readonly #isClosed: () => boolean
  readonly #routes = new Map<string, Bound<RegisteredService>>()
  readonly #interceptors: Bound<RegisteredInterceptor>[] = []
  #order = 0

  /** @param isClosed whether the server was started: nothing can be added then */
  constructor(options: RegistryOptions, isClosed: () => boolean) {
    this.options = options
    this.#isClosed = isClosed
  }

  get routes(): Bound<RegisteredService>[] {
    return this.#in('route')
  }

  get webSockets(): Bound<RegisteredService>[] {
    return this.#in('websocket')
  }

  /** Static folders: they serve what no route does. */
  get statics(): Bound<RegisteredService>[] {
    return this.#in('static')
  }

  get interceptors(): readonly Bound<RegisteredInterceptor>[] {
    return this.#interceptors
  }

  /** @throws DuplicateRouteError naming both, unless routes may be overwritten */
  addRoutes(services: readonly PatternedService[]): void {
    const added = new Map<string, Bound<RegisteredService>>()
    for (const { pattern, value } of services) {
      for (const bound of this.#expand(pattern, value)) {
        const key = `${tableOf(value)} ${bound.method} ${bound.domain} ${bound.route.shape}`
        const other = added.get(key) ?? this.#routes.get(key)
        if (other !== undefined && !this.options.routeOverwrite) throw duplicate(bound, other)
        added.set(key, bound)
      }
    }
    for (const [key, bound] of added) this.#routes.set(key, bound)
    this.version++
  }

  addInterceptors(interceptors: readonly { readonly pattern: Pattern; readonly value: RegisteredInterceptor }[]): void {
    for (const { pattern, value } of interceptors) this.#interceptors.push(...this.#expand(pattern, value))
    this.version++
  }

  /** @throws RouteError while the server runs */
  checkOpen(pattern: string): void {
    if (this.#isClosed()) throw new RouteError(`pattern "${pattern}": nothing can be bound once the server was started`)
  }

  #in(table: string): Bound<RegisteredService>[] {
    return [...this.#routes.values()].filter(({ value }) => tableOf(value) === table)
  }

  #expand<T>({ methods, domains, route }: Pattern, value: T): Bound<T>[] {
    return methods.flatMap((method) =>
      domains.map((domain) => ({ method, domain, route, value, order: this.#order++ })),
    )
  }
}

function duplicate(bound: Bound<RegisteredService>, other: Bound<RegisteredService>): DuplicateRouteError {
  const describe = ({ route, value }: Bound<RegisteredService>) =>
    `${value.type} ${value.name} on "${route.text}" at ${String(value.site)}`
  const domain = bound.domain === ANY_DOMAIN ? '' : `@${bound.domain}`
  return new DuplicateRouteError(
    `"${bound.method}:${bound.route.text}${domain}" is bound twice: ${describe(bound)}, and before that ${describe(other)}`,
  )
}

/** A WebSocket, a folder and a page may have the same path: a request says what it wants, and a folder comes last. */
function tableOf({ type }: Registered): string {
  return type === 'websocket' || type === 'static' ? type : 'route'
}

import { DuplicateRouteError, RouteError } from '../base/errors.ts'
import type { Steps } from '../base/steps.ts'
import type { RouteInfo } from '../http/application.ts'
import type { Interceptor, Origin } from '../pipeline/exchange.ts'
import type { BoundEndpoint } from '../pipeline/plan.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { ANY_DOMAIN } from '../routing/domain.ts'
import type { Pattern } from '../routing/pattern.ts'
import type { NamingStyle } from './name-to-uri.ts'

/** What the list of routes and error messages contain about something bound. */
export interface Registered {
  readonly type: RouteInfo['type']
  /** The name of the function, or `Class.method`. */
  readonly name: string
  readonly origin: Origin
  readonly layer: string
  /** The name of the entry point that alone has it; `undefined` if all have it. */
  readonly entryPoint: string | undefined
}

export interface RegisteredEndpoint extends BoundEndpoint, Registered {
  /** What the application bound: a function, an object, a class, or the path of a folder. */
  readonly subject: unknown
}

export interface RegisteredInterceptor extends Interceptor, Registered {}

/** All that is bound, frozen. A dispatcher is built from it. */
export interface RegisteredBindings {
  readonly routes: readonly Bound<RegisteredEndpoint>[]
  readonly webSockets: readonly Bound<RegisteredEndpoint>[]
  /** Static folders, which serve what no route matches. */
  readonly statics: readonly Bound<RegisteredEndpoint>[]
  /** In order of registration. */
  readonly interceptors: readonly Bound<RegisteredInterceptor>[]
}

/** The layer of what is bound on the server itself. */
export const CODE_LAYER = 'code'

/** What documents of the routes tell of. */
export interface ServedRoutes {
  /** Returns those of all layers, in matching order. */
  readonly routes: () => readonly Bound<RegisteredEndpoint>[]
  /** Returns the hooks, middleware and mappers of all layers. */
  readonly interceptors: () => readonly Bound<RegisteredInterceptor>[]
  /** Whether they change only with the version. */
  readonly isFrozen: boolean
  readonly version: number
  /** Whether there are other layers than `code`. */
  readonly hasLayers: boolean
  /** Whether errors are answered as problems. */
  readonly problems: boolean
}

export interface RegistryOptions {
  /** The name of the layer that everything is bound in. */
  readonly layer: string
  /** The place of the layer among all, from 0. */
  readonly place: number
  readonly nameToUri: NamingStyle
  readonly routeOverwrite: boolean
  /** Whether errors are answered as problems. */
  readonly problems: boolean
}

interface Patterned<T> {
  readonly pattern: Pattern
  readonly value: T
}

/** Creates the error of a call that comes too late. @param entryPoint the one that alone was to have what is bound */
type RefuseBinding = (entryPoint?: string) => Error

// No layer has as many bindings, and there are not as many layers.
const LAYER_SPAN = 2 ** 30
const OWN_SPAN = 2 ** 50

/** Keeps all that is bound in one layer, in order. A call either adds everything it stands for or nothing. */
export class Registry {
  readonly options: RegistryOptions
  /** Called after each change. */
  onChange: () => void = () => {}
  /** The registries of the other layers, which no route may be bound in twice. */
  others: () => Iterable<Registry> = () => []
  /** What is served, this layer and the others. */
  served: () => ServedRoutes = () => ({
    routes: () => this.bindings.routes.toSorted(compareBound),
    interceptors: () => this.bindings.interceptors,
    isFrozen: this.isFrozen,
    version: 1,
    hasLayers: false,
    problems: this.options.problems,
  })
  readonly #endpoints = new BoundEndpoints()
  readonly #interceptors: Bound<RegisteredInterceptor>[] = []
  readonly #warnings = new Map<string, string>()
  #order = 0
  #refuse: RefuseBinding | undefined = undefined

  constructor(options: RegistryOptions) {
    this.options = options
  }

  /** Warnings of legal patterns that look like a mistake, one for each segment concerned. */
  get warnings(): readonly string[] {
    return [...this.#warnings.values()]
  }

  /** Returns what is bound so far. Later calls don't change it. */
  get bindings(): RegisteredBindings {
    const endpoints = [...this.#endpoints]
    const inTable = (table: string) => Object.freeze(endpoints.filter(({ value }) => tableOf(value) === table))
    return Object.freeze({
      routes: inTable('route'),
      webSockets: inTable('websocket'),
      statics: inTable('static'),
      interceptors: Object.freeze([...this.#interceptors]),
    })
  }

  /** Whether further calls are refused. */
  get isFrozen(): boolean {
    return this.#refuse !== undefined
  }

  /** Refuses all further calls. @param refuse creates the error that they throw */
  freeze(refuse: RefuseBinding = createFrozenError): void {
    this.#refuse ??= refuse
  }

  /**
   * @param entryPoint the one that alone is to have what is bound
   * @throws the error of `freeze` after it
   */
  checkOpen(entryPoint?: string): void {
    if (this.#refuse !== undefined) throw this.#refuse(entryPoint)
  }

  /** Checks that no route is bound in another layer too. @throws DuplicateRouteError naming both, unless routes may be overwritten */
  *checkAgainst(other: Registry): Steps<void> {
    for (const bound of this.#endpoints) {
      this.#refuseIfIn(other, bound)
      yield
    }
  }

  /** Returns the endpoints that another registry doesn't have in the same place, for what the application bound there. */
  findChanged(other: Registry): Set<object> {
    const isKept = (bound: Bound<RegisteredEndpoint>) => {
      const kept = other.#endpoints.inPlaceOf(bound)?.value
      return kept !== undefined && kept.subject === bound.value.subject && kept.name === bound.value.name
    }
    const changed = [...this.#endpoints].filter((bound) => !isKept(bound))
    return new Set(changed.map(({ value }) => value))
  }

  /** @throws DuplicateRouteError naming both, unless routes may be overwritten */
  addEndpoints(endpoints: readonly Patterned<RegisteredEndpoint>[]): void {
    const added = new BoundEndpoints()
    for (const { pattern, value } of endpoints) {
      for (const bound of this.#expand(pattern, value)) {
        const other = added.inPlaceOf(bound) ?? this.#endpoints.inPlaceOf(bound)
        if (other !== undefined && !this.options.routeOverwrite) throw duplicate(bound, other)
        for (const registry of this.others()) this.#refuseIfIn(registry, bound)
        added.set(bound)
      }
    }
    for (const bound of added) this.#endpoints.set(bound)
    this.#added(endpoints)
  }

  addInterceptors(interceptors: readonly Patterned<RegisteredInterceptor>[]): void {
    for (const { pattern, value } of interceptors) this.#interceptors.push(...this.#expand(pattern, value))
    this.#added(interceptors)
  }

  #refuseIfIn(other: Registry, bound: Bound<RegisteredEndpoint>): void {
    const known = other.#endpoints.inPlaceOf(bound)
    if (known !== undefined && !this.options.routeOverwrite) throw duplicate(bound, known)
  }

  #added(all: readonly Patterned<Registered>[]): void {
    for (const { pattern, value } of all) this.#warnOfPlainColons(pattern, value)
    this.onChange()
  }

  /** Warns of `:name` within a segment, which is plain text here and a parameter in other frameworks. */
  #warnOfPlainColons({ route }: Pattern, { origin }: Registered): void {
    if (!/[^/]:/.test(route.text)) return
    for (const segment of route.segments) {
      if (segment.kind !== 'text' || !segment.text.includes(':') || this.#warnings.has(segment.text)) continue
      const [, name] = /:([\p{L}_][\p{L}\p{M}\p{Nd}_]*)/u.exec(segment.text) ?? []
      if (name === undefined) continue
      const advice = `":${name}" is plain text within a segment, write "{${name}}" for a parameter`
      this.#warnings.set(segment.text, `route "${route.text}" at ${origin.toString()}: ${advice}`)
    }
  }

  #expand<T extends Registered>({ methods, domains, route }: Pattern, value: T): Bound<T>[] {
    return methods.flatMap((method) =>
      domains.map((domain) => ({ method, domain, route, value, order: this.#nextOrder(value) })),
    )
  }

  /**
   * Returns the place among all that is bound, in whatever layer. Interceptors are in order of their layers. Of the same
   * route, that of an entry point goes before that of the server, and under `routeOverwrite` that of the later layer before
   * that of the earlier.
   */
  #nextOrder({ type, entryPoint }: Registered): number {
    const { place, routeOverwrite } = this.options
    const order = this.#order++
    if (type === 'hook' || type === 'middleware' || type === 'status') return place * LAYER_SPAN + order
    const ofLayer = (routeOverwrite ? -place : place) * LAYER_SPAN
    return order + ofLayer - (entryPoint === undefined ? 0 : OWN_SPAN)
  }
}

function createFrozenError(entryPoint?: string): RouteError {
  const [where, call] =
    entryPoint === undefined
      ? ['the server itself after it was started', '…']
      : [`entry point "${entryPoint}" after the server was started`, `routes.entryPoint("${entryPoint}")…`]
  return new RouteError(
    `nothing can be bound on ${where}: bind before the start, or bind in a layer, server.layer(name).replace((routes) => ${call})`,
    { failure: 'ERR_TRIBIND_ROUTE_FROZEN' },
  )
}

function duplicate(bound: Bound<RegisteredEndpoint>, other: Bound<RegisteredEndpoint>): DuplicateRouteError {
  const isInCode = bound.value.layer === CODE_LAYER && other.value.layer === CODE_LAYER
  const describe = ({ value }: Bound<Registered>) => `${value.type} ${value.name}`
  const place = ({ value }: Bound<Registered>) =>
    `at ${value.origin.toString()}${isInCode ? '' : ` in layer "${value.layer}"`}`
  const domain = bound.domain === ANY_DOMAIN ? '' : `@${bound.domain}`
  const otherRoute = other.route.text === bound.route.text ? '' : ` on "${other.route.text}"`
  return new DuplicateRouteError(
    `"${bound.method}:${bound.route.text}${domain}" is bound twice: ${describe(bound)} ${place(bound)}, ` +
      `and before that ${describe(other)}${otherRoute} ${place(other)}`,
  )
}

/** Endpoints, at most one in each place: a table, a method, a domain, the shape of a route and an entry point. */
class BoundEndpoints {
  /** By the shape, and before that by the rest: a key of all for each route would be another text of its length. */
  readonly #byShape = new Map<string, Map<string, Bound<RegisteredEndpoint>>>()

  /** Returns what has the place of an endpoint. */
  inPlaceOf(bound: Bound<RegisteredEndpoint>): Bound<RegisteredEndpoint> | undefined {
    return this.#byShape.get(groupOf(bound))?.get(bound.route.shape)
  }

  set(bound: Bound<RegisteredEndpoint>): void {
    const group = groupOf(bound)
    const byShape = this.#byShape.get(group) ?? new Map<string, Bound<RegisteredEndpoint>>()
    this.#byShape.set(group, byShape.set(bound.route.shape, bound))
  }

  *[Symbol.iterator](): Iterator<Bound<RegisteredEndpoint>> {
    for (const byShape of this.#byShape.values()) yield* byShape.values()
  }
}

function groupOf({ method, domain, value }: Bound<Registered>): string {
  return `${tableOf(value)} ${method} ${domain} ${value.entryPoint ?? ''}`
}

/** Returns the table that something is bound in. A WebSocket, a folder and a page may have the same path. */
function tableOf({ type }: Registered): string {
  return type === 'websocket' || type === 'static' ? type : 'route'
}

import {
  type ConfigurationIssue,
  type Handler,
  type LayerRoutes,
  type Middleware,
  type Registrar,
  RouteError,
} from '../../index.ts'
import { bindFrom, formatPattern, parseRoute } from '../../kit.ts'
import type { Service } from '../model/kind.ts'
import type { Part } from '../model/part.ts'
import type { ReadRoute } from '../model/route-table.ts'
import { unavailable } from '../services/internal.ts'
import { needsRest } from '../services/compose.ts'
import { isHandler } from './is-handler.ts'
import type { Maker } from './maker.ts'

/** By the path of the route, why it has no place: others have it, or a part of it. */
export type TakenRoutes = ReadonlyMap<string, readonly ConfigurationIssue[]>

/** What a route is bound with. */
interface Bindable {
  readonly service: Service
  readonly middlewares: readonly Middleware[]
  readonly places: readonly Registrar[]
}

/** Binds the routes of one provider in its layer. */
export class LayerBinder {
  /** What is wrong with routes, beside what the model says. */
  readonly issues: Map<Part, ConfigurationIssue[]> = new Map()
  /** The routes that don't serve. */
  readonly disabled: Set<Part> = new Set()
  /** The routes that are bound at some of their entry points alone. */
  readonly halfBound: Set<Part> = new Set()
  readonly #routes: LayerRoutes
  readonly #maker: Maker
  readonly #taken: TakenRoutes

  constructor(routes: LayerRoutes, maker: Maker, taken: TakenRoutes) {
    this.#routes = routes
    this.#maker = maker
    this.#taken = taken
  }

  bind(route: Part): void {
    const { path, provider } = route.place
    bindFrom({ toString: () => `provider "${provider}", ${path}` }, () => {
      const bindable = this.#prepare(route)
      const taken = this.#taken.get(path)
      if (taken !== undefined) this.issues.set(route, [...taken])
      else if (bindable !== undefined && this.#bindAll(route, bindable)) return
      this.disabled.add(route)
      this.#keepPlace(route)
    })
  }

  /** Returns `undefined` for a route that can't serve; all that is wrong with it was noted. */
  #prepare(route: Part): Bindable | undefined {
    const { service: reference, middlewares: references = [] } = route.read as ReadRoute
    const service = this.#maker.make(reference && route.targets.get(reference)) as Service | undefined
    const made = references.map((one) => this.#maker.middlewares(route.targets.get(one)))
    const places = this.#placesOf(route)
    if (service !== undefined && !this.#fits(route, service)) return undefined
    const middlewares = made.filter((one) => one !== undefined).flat()
    const isWhole = !route.isBroken && places !== undefined && made.every((one) => one !== undefined)
    return isWhole && service !== undefined ? { service, middlewares, places } : undefined
  }

  /** Returns what the route is bound on, or `undefined` where an entry point isn't known. */
  #placesOf(route: Part): Registrar[] | undefined {
    const { entryPoints } = route.read as ReadRoute
    if (entryPoints === undefined) return [this.#routes]
    const places = entryPoints.map((name, i) => {
      try {
        return this.#routes.entryPoint(name)
      } catch (error) {
        // Without the call of code, which isn't what the document has.
        const message = (error as Error).message.replace(/^.*?: (?=there is no entry point)/s, '')
        this.#note(route, `entryPoints.${i}`, new Error(message, { cause: error }))
        return undefined
      }
    })
    return places.includes(undefined) ? undefined : (places as Registrar[])
  }

  #fits(route: Part, service: Service): boolean {
    const { segments, hasInnerRest = false } = route.pattern?.route ?? {}
    if (route.isBroken || !(needsRest in service)) return true
    if (segments?.at(-1)?.kind === 'rest' && !hasInnerRest) return true
    const message = 'must have one "*", at its end, such as "/files/*path": what it takes is the path in the folder'
    this.#note(route, 'pattern', new Error(message))
    return false
  }

  #bindAll(route: Part, { service, middlewares, places }: Bindable): boolean {
    const { pattern } = route.read as ReadRoute
    let bound = 0
    try {
      for (const place of places) {
        bindOn(place, pattern, service, middlewares)
        bound++
      }
      return true
    } catch (error) {
      if (!(error instanceof RouteError)) throw error
      if (bound > 0) this.halfBound.add(route)
      this.#note(route, 'pattern', error)
      return false
    }
  }

  /** Answers 503 wherever the route would serve, as far as that isn't taken. Where that isn't known, on all entry points. */
  #keepPlace(route: Part): void {
    for (const place of this.#placesOfBroken(route))
      for (const pattern of this.#patternsOf(route)) {
        try {
          place.bindHandler(pattern, unavailable)
        } catch (error) {
          // Another route has it.
          if (!(error instanceof RouteError)) throw error
        }
      }
  }

  #placesOfBroken(route: Part): readonly Registrar[] {
    const isKnown = !(this.issues.get(route) ?? []).some(({ path }) => path.includes('.entryPoints.'))
    return (isKnown && this.#placesOf(route)) || [this.#routes]
  }

  /** Lists the places of a route one by one; with all below it for one whose methods are bound below it. */
  #patternsOf(route: Part): string[] {
    const { service } = route.read as Partial<ReadRoute>
    if (route.pattern === undefined) return []
    const { methods, domains, route: parsed } = route.pattern
    const target = service && route.targets.get(service)
    const isUse = target?.kind?.name === 'use' && !isHandler(this.#maker.make(target))
    const routes = isUse ? [parsed, parseRoute(`${parsed.text}/*`)] : [parsed]
    return routes.flatMap((one) =>
      methods.flatMap((method) =>
        domains.map((domain) => formatPattern({ methods: [method], domains: [domain], route: one })),
      ),
    )
  }

  #note(route: Part, place: string, { message }: Error): void {
    const issues = this.issues.get(route) ?? []
    issues.push({ path: `${route.place.path}.${place}`, message })
    this.issues.set(route, issues)
  }
}

/** The middlewares are for this route alone, its preflights included. */
function bindOn(place: Registrar, pattern: string, service: Service, middlewares: readonly Middleware[]): void {
  const group = place.group('/')
  const [first, ...others] = middlewares
  if (first !== undefined) group.use(first, ...others)
  if (isHandler(service)) group.bindHandler(pattern, service as Handler)
  else if (typeof service === 'function') group.bindController(pattern, service as never)
  else group.bindObject(pattern, service as never)
}

import type { Registry } from 'prom-client'
import type { Request } from '../../index.ts'
import { coreOf, isMethod, type RequestObserver } from '../../kit.ts'
import type { AdminWorld } from '../admin-world.ts'
import type { PromClient } from './prom-client-package.ts'
import { createRequestFamilies, type RequestFamilies } from './request-families.ts'

const NO_ROUTE = 'none'

/**
 * Counts requests by entry point and route.
 *
 * What clients choose freely becomes no label: a path, a host, an unknown method.
 */
export class RequestMetrics {
  readonly observer: RequestObserver = {
    started: (request) => void this.#arrivals.set(request, performance.now()),
    failed: (request, _error, isAnswer) => void (isAnswer || this.#cut.add(request)),
    closed: (request, isFinished) => this.#count(request, isFinished),
  }
  readonly #families: RequestFamilies
  readonly #live: LiveRoutes
  readonly #arrivals = new WeakMap<Request, number>()
  readonly #cut = new WeakSet<Request>()
  /** By entry point, then by route. */
  readonly #series = new Map<string, Map<string, RouteSeries>>()
  /** What was gone at the last scrape. */
  #gone = new Set<RouteSeries>()

  constructor(client: PromClient, registry: Registry, world: AdminWorld) {
    this.#families = createRequestFamilies(client, registry)
    this.#live = new LiveRoutes(world)
  }

  /** Ends the series of routes and entry points that were gone at the scrape before, so that each was seen once more. */
  sweep(): void {
    const gone = new Set<RouteSeries>()
    const isLive = this.#live.look()
    for (const [entryPoint, routes] of this.#series)
      for (const [route, series] of routes) {
        if (isLive(entryPoint, route === NO_ROUTE ? undefined : route)) continue
        if (!this.#gone.has(series)) gone.add(series)
        else {
          series.remove()
          routes.delete(route)
        }
      }
    this.#gone = gone
  }

  #count(request: Request, isFinished: boolean): void {
    const { response } = coreOf(request)
    const arrivedAt = this.#arrivals.get(request)
    if (arrivedAt === undefined) return
    const isSent = response.raw.headersSent || response.isHandedOver
    const status = response.isHandedOver ? 101 : response.raw.statusCode
    this.#seriesOf(request).count({
      method: isMethod(request.method) ? request.method : 'other',
      code: isSent ? String(status) : 'none',
      isError: (isSent && status >= 500) || (!isFinished && this.#cut.has(request)),
      seconds: (performance.now() - arrivedAt) / 1000,
    })
  }

  #seriesOf({ entryPoint, route = NO_ROUTE }: Request): RouteSeries {
    let routes = this.#series.get(entryPoint)
    if (routes === undefined) this.#series.set(entryPoint, (routes = new Map()))
    let series = routes.get(route)
    if (series === undefined) routes.set(route, (series = new RouteSeries(this.#families, entryPoint, route)))
    return series
  }
}

/** Knows which routes there are, and where requests come in. */
class LiveRoutes {
  readonly #world: AdminWorld
  #version = -1
  #routes: ReadonlySet<string> = new Set()

  constructor(world: AdminWorld) {
    this.#world = world
  }

  /** Returns whether there is an entry point and a route, as things are now. */
  look(): (entryPoint: string, route: string | undefined) => boolean {
    const { server } = this.#world
    if (this.#version !== server.version) {
      this.#version = server.version
      this.#routes = new Set(server.routes().map(({ route }) => route))
    }
    const open = server.entryPoints().filter(({ addresses }) => addresses.length > 0)
    const entryPoints = new Set(open.map(({ name }) => name))
    // What is injected or mounted comes in there, whether or not it is open.
    entryPoints.add('default')
    // As which all requests are served where one handler serves an entry point.
    const isKnown = (route: string) => route === '/*' || this.#routes.has(route)
    return (entryPoint, route) => entryPoints.has(entryPoint) && (route === undefined || isKnown(route))
  }
}

/** What is counted of a request. */
interface CountedRequest {
  readonly method: string
  /** The status, or `none` where no answer went out. */
  readonly code: string
  readonly isError: boolean
  readonly seconds: number
}

/** The series of one route at one entry point. */
class RouteSeries {
  readonly #families: RequestFamilies
  readonly #labels: { readonly entry_point: string; readonly route: string }
  readonly #duration: { observe(seconds: number): void }
  readonly #errors: { inc(value?: number): void }
  /** By method and status. */
  readonly #requests = new Map<string, { readonly counter: { inc(): void }; readonly labels: Record<string, string> }>()

  constructor(families: RequestFamilies, entryPoint: string, route: string) {
    this.#families = families
    this.#labels = { entry_point: entryPoint, route }
    this.#duration = families.durations.labels(this.#labels)
    this.#errors = families.errors.labels(this.#labels)
    // A rate can be taken from the first error on.
    this.#errors.inc(0)
  }

  count({ method, code, isError, seconds }: CountedRequest): void {
    this.#requestsOf(method, code).counter.inc()
    this.#duration.observe(seconds)
    if (isError) this.#errors.inc()
  }

  /** Ends all of them. */
  remove(): void {
    for (const { labels } of this.#requests.values()) this.#families.requests.remove(labels)
    this.#families.durations.remove(this.#labels)
    this.#families.errors.remove(this.#labels)
  }

  #requestsOf(method: string, code: string) {
    const key = `${method} ${code}`
    let known = this.#requests.get(key)
    if (known === undefined) {
      const labels = { ...this.#labels, method, code }
      known = { counter: this.#families.requests.labels(labels), labels }
      this.#requests.set(key, known)
    }
    return known
  }
}

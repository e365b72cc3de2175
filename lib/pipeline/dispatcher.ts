import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http'
import type { Application } from '../base/application.ts'
import { isPromise } from '../base/is-promise.ts'
import { httpMethods, type Method } from '../base/methods.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Request } from '../http/request.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { ANY_DOMAIN } from '../routing/domain.ts'
import { parseRoute } from '../routing/route.ts'
import { methodsOf, RouteTable } from '../routing/route-table.ts'
import { closeAtEnd, hasCloseHooks, release } from './close.ts'
import type { Exchange, Interceptor, Plan } from './exchange.ts'
import type { InFlight } from './in-flight.ts'
import { travel } from './pipeline.ts'
import { type BoundService, createPlanner, type Planner, withoutHooks } from './plan.ts'

export interface DispatcherOptions {
  readonly server: Application
  readonly inFlight: InFlight
  readonly settings: RequestSettings
  readonly strictDomains: boolean
  readonly methodNotAllowed: boolean
}

/** Serves requests by a table of routes and interceptors that never changes: for other routes, make another one. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #table: RouteTable<BoundService, Planner>
  /** For requests that no route serves, by method. */
  readonly #unrouted: ReadonlyMap<string, Planner>
  readonly #unroutedUnknown: Planner

  constructor(
    routes: readonly Bound<BoundService>[],
    interceptors: readonly Bound<Interceptor>[],
    options: DispatcherOptions,
  ) {
    this.#options = options
    const sorted = interceptors.toSorted(compareBound)
    const hasSessions = options.settings.sessions !== undefined
    this.#table = new RouteTable(routes, {
      strictDomains: options.strictDomains,
      otherMethods: interceptors.map((interceptor) => interceptor.method),
      createValue: (bound, methods) => createPlanner(bound.value, bound, methods, sorted, hasSessions),
    })
    const everywhere = { route: parseRoute('/*'), domain: ANY_DOMAIN }
    const createUnrouted = (methods: readonly Method[]) =>
      createPlanner(undefined, everywhere, methods, sorted, hasSessions)
    this.#unrouted = new Map(httpMethods.map((method) => [method, createUnrouted(methodsOf(method))]))
    this.#unroutedUnknown = createUnrouted(['ALL'])
  }

  /** Takes a request from its arrival to its end. */
  handle(raw: IncomingMessage, rawResponse: ServerResponse): void {
    const { server, inFlight, settings } = this.#options
    const request = new Request(raw, rawResponse, server, settings)
    const exchange = this.#open(request)
    const travelled = travel(exchange)
    const ended = hasCloseHooks(exchange)
      ? closeAtEnd(exchange, travelled)
      : isPromise(travelled)
        ? travelled.then(() => release(exchange))
        : release(exchange)
    if (ended !== undefined) inFlight.add(ended)
  }

  #open(request: Request): Exchange {
    const planner = request.hasBadHost ? undefined : this.#table.find(request)
    const plan = planner === undefined ? this.#planUnrouted(request) : planner.planFor(request)
    if (plan.served !== undefined) request.enterRoute(plan.served.route, plan.served.reader)
    return {
      request,
      response: request.response,
      plan,
      server: this.#options.server,
      allowedMethods: this.#options.methodNotAllowed ? () => this.#table.allowedMethods(request) : undefined,
      detour: undefined,
      restore: undefined,
    }
  }

  #planUnrouted(request: Request): Plan {
    const plan = (this.#unrouted.get(request.method) ?? this.#unroutedUnknown).planFor(request)
    if (!request.hasBadHost && request.segments !== undefined) return plan
    request.response.fail(400, STATUS_CODES[400] as string)
    return withoutHooks(plan)
  }
}

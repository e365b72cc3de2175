import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
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
import { endWithConnection } from './queued-responses.ts'
import { asksForWebSocket, openUpgradeResponse, returnToHttp, whenAnswered } from './upgrade.ts'
import { type BoundService, createPlanner, type Planner, withoutHooks } from './plan.ts'

export interface DispatcherOptions {
  readonly server: Application
  readonly inFlight: InFlight
  readonly settings: RequestSettings
  /** Static folders, each with a route that is its prefix and `*`. */
  readonly statics: readonly Bound<BoundService>[]
  readonly strictDomains: boolean
  readonly methodNotAllowed: boolean
  readonly maxHeadersCount: number
}

/** Serves requests by a table of routes and interceptors that never changes: for other routes, make another one. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #table: RouteTable<BoundService, Planner>
  /** `undefined` where no WebSocket is bound. */
  readonly #webSockets: RouteTable<BoundService, Planner> | undefined
  /** For requests that no route serves; `undefined` where there is no static folder. */
  readonly #statics: RouteTable<BoundService, Planner> | undefined
  /** For requests that no route serves, by method. */
  readonly #unrouted: ReadonlyMap<string, Planner>
  readonly #unroutedUnknown: Planner

  constructor(
    routes: readonly Bound<BoundService>[],
    webSockets: readonly Bound<BoundService>[],
    interceptors: readonly Bound<Interceptor>[],
    options: DispatcherOptions,
  ) {
    this.#options = options
    const sorted = interceptors.toSorted(compareBound)
    const hasSessions = options.settings.sessions !== undefined
    const { statics, strictDomains } = options
    const tableOptions = {
      strictDomains,
      otherDomains: [...routes, ...webSockets, ...statics].map((bound) => bound.domain),
      otherMethods: interceptors.map((interceptor) => interceptor.method),
      createValue: (bound: Bound<BoundService>, methods: readonly Method[]) =>
        createPlanner(bound.value, bound, methods, sorted, hasSessions),
    }
    this.#table = new RouteTable(routes, tableOptions)
    this.#webSockets = webSockets.length === 0 ? undefined : new RouteTable(webSockets, tableOptions)
    this.#statics = statics.length === 0 ? undefined : new RouteTable(statics, tableOptions)
    const everywhere = { route: parseRoute('/*'), domain: ANY_DOMAIN }
    const createUnrouted = (methods: readonly Method[]) =>
      createPlanner(undefined, everywhere, methods, sorted, hasSessions)
    this.#unrouted = new Map(httpMethods.map((method) => [method, createUnrouted(methodsOf(method))]))
    this.#unroutedUnknown = createUnrouted(['ALL'])
  }

  /** Takes a request from its arrival to its end. */
  handle(raw: IncomingMessage, rawResponse: ServerResponse): void {
    const { server, settings } = this.#options
    endWithConnection(raw, rawResponse)
    const request = new Request(raw, rawResponse, server, settings)
    this.#serve(this.#open(request, this.#table.find(request) ?? this.#statics?.find(request)))
  }

  /** Takes a request to go over to another protocol: to a WebSocket, or else as one that asked for nothing of the kind. */
  handleUpgrade(raw: IncomingMessage, socket: Socket, head: Buffer): void {
    if (socket.destroyed) return
    const { openStreams } = this.#options.settings
    // node:http has let go of the connection, and wouldn't cut it.
    const pending = { end() {}, cut: () => socket.destroy() }
    openStreams.add(pending)
    socket.once('close', () => openStreams.remove(pending))
    whenAnswered(socket, () => {
      if (asksForWebSocket(raw)) return this.#openWebSocket(raw, socket, head)
      openStreams.remove(pending)
      returnToHttp(raw, socket, head)
    })
  }

  #openWebSocket(raw: IncomingMessage, socket: Socket, head: Buffer): void {
    const { server, settings } = this.#options
    const request = new Request(raw, openUpgradeResponse(raw, socket, head), server, settings)
    const { host, rawPath, segments } = request
    this.#serve(this.#open(request, this.#webSockets?.find({ method: 'GET', host, rawPath, segments })))
  }

  #serve(exchange: Exchange): void {
    const travelled = travel(exchange)
    const ended = hasCloseHooks(exchange)
      ? closeAtEnd(exchange, travelled)
      : isPromise(travelled)
        ? travelled.then(() => release(exchange))
        : release(exchange)
    if (ended !== undefined) this.#options.inFlight.add(ended)
  }

  #open(request: Request, planner: Planner | undefined): Exchange {
    const isServed = planner !== undefined && !request.hasBadHost && !this.#hasTooManyFields(request)
    const plan = isServed ? planner.planFor(request) : this.#planUnrouted(request)
    if (plan.served !== undefined) request.enterRoute(plan.served.route, plan.served.reader)
    return {
      request,
      response: request.response,
      plan,
      server: this.#options.server,
      allowedMethods: this.#options.methodNotAllowed ? () => this.#allowedMethods(request) : undefined,
      needsUpgrade: this.#webSockets && (() => this.#needsUpgrade(request)),
      detour: undefined,
      restore: undefined,
    }
  }

  /** HTTP/2 knows no upgrade (RFC 9113, section 8.6). */
  #needsUpgrade(request: Request): boolean {
    return request.raw.httpVersionMajor === 1 && this.#webSockets?.find(request) !== undefined
  }

  #allowedMethods(request: Request): readonly string[] {
    const routed = this.#table.allowedMethods(request)
    const inFolders = this.#statics?.allowedMethods(request) ?? []
    return httpMethods.filter((method) => routed.includes(method) || inFolders.includes(method))
  }

  #planUnrouted(request: Request): Plan {
    const plan = (this.#unrouted.get(request.method) ?? this.#unroutedUnknown).planFor(request)
    const status = this.#refusal(request)
    if (status === undefined) return plan
    request.response.fail(status, STATUS_CODES[status] as string)
    return withoutHooks(plan)
  }

  /** The status of a request that can't be read. */
  #refusal(request: Request): number | undefined {
    // RFC 6585, section 5.
    if (this.#hasTooManyFields(request)) return 431
    return request.hasBadHost || request.segments === undefined ? 400 : undefined
  }

  #hasTooManyFields({ raw }: Request): boolean {
    return raw.rawHeaders.length > 2 * this.#options.maxHeadersCount
  }
}

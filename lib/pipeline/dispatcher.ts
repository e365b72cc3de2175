import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Application } from '../http/application.ts'
import type { Tasks } from '../base/tasks.ts'
import { isPromise } from '../base/is-promise.ts'
import { httpMethods, type Method } from '../net/methods.ts'
import { runAsCurrent } from '../observe/current-request.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Request } from '../http/request.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { ANY_DOMAIN } from '../routing/domain.ts'
import { methodsOf } from '../routing/method-groups.ts'
import { RouteTable } from '../routing/route-table.ts'
import { parseRoute } from '../routing/route.ts'
import { logAccess } from '../observe/access-log.ts'
import { closeAtEnd, hasCloseHooks, release } from './close.ts'
import { isConnectTarget } from './connect-target.ts'
import { isCloseAwaited, publishRoute, publishStart } from '../observe/diagnostics.ts'
import type { Exchange, Interceptor, Plan } from './exchange.ts'
import { travel } from './pipeline.ts'
import { type BoundService, createPlanner, type Planner, withoutHooks } from './plan.ts'
import { endWithConnection } from '../connection/queued-responses.ts'
import { asksForWebSocket, holdSocket, openUpgradeResponse, returnToHttp, whenAnswered } from '../connection/upgrade.ts'

/** What requests are served by. */
export interface Bindings {
  readonly routes: readonly Bound<BoundService>[]
  readonly webSockets: readonly Bound<BoundService>[]
  /** Static folders, each with a route that is its prefix and `*`. */
  readonly statics: readonly Bound<BoundService>[]
  readonly interceptors: readonly Bound<Interceptor>[]
}

/** What dispatchers of one server share, whatever their bindings. */
export interface DispatcherEnvironment {
  readonly server: Application
  /** For requests that come in at no entry point: injected and mounted ones. */
  readonly settings: RequestSettings
  /** The close events under way; while it is full, requests that would add to them are refused. */
  readonly closing: Tasks
  readonly strictDomains: boolean
  readonly methodNotAllowed: boolean
  readonly maxHeadersCount: number
  /** Whether each request is logged when it is over. */
  readonly accessLog: boolean
}

const everywhere = { route: parseRoute('/*'), domain: ANY_DOMAIN }

/** Serves requests by a table of routes and interceptors that never changes: for other routes, make another one. */
export class Dispatcher {
  readonly #environment: DispatcherEnvironment
  readonly #routes: RouteTable<BoundService, Planner>
  /** `undefined` where no WebSocket is bound. */
  readonly #webSockets: RouteTable<BoundService, Planner> | undefined
  /** For requests that no route serves; `undefined` where there is no static folder. */
  readonly #statics: RouteTable<BoundService, Planner> | undefined
  /** For requests that no route serves, by method. */
  readonly #unrouted: ReadonlyMap<string, Planner>
  readonly #unroutedUnknown: Planner

  constructor({ routes, webSockets, statics, interceptors }: Bindings, environment: DispatcherEnvironment) {
    this.#environment = environment
    const sorted = interceptors.toSorted(compareBound)
    const hasSessions = environment.settings.sessions !== undefined
    const tableOptions = {
      strictDomains: environment.strictDomains,
      otherDomains: [...routes, ...webSockets, ...statics].map((bound) => bound.domain),
      otherMethods: interceptors.map((interceptor) => interceptor.method),
      createValue: (bound: Bound<BoundService>, methods: readonly Method[]) =>
        createPlanner(bound.value, bound, methods, sorted, hasSessions),
    }
    this.#routes = new RouteTable(routes, tableOptions)
    this.#webSockets = webSockets.length === 0 ? undefined : new RouteTable(webSockets, tableOptions)
    this.#statics = statics.length === 0 ? undefined : new RouteTable(statics, tableOptions)
    const createUnrouted = (methods: readonly Method[]) =>
      createPlanner(undefined, everywhere, methods, sorted, hasSessions)
    this.#unrouted = new Map(httpMethods.map((method) => [method, createUnrouted(methodsOf(method))]))
    this.#unroutedUnknown = createUnrouted(['ALL'])
  }

  /**
   * Takes a request from its arrival to its end.
   *
   * @param settings those of the address it came in at, where it has its own
   */
  handle(
    raw: IncomingMessage,
    rawResponse: ServerResponse,
    settings: RequestSettings = this.#environment.settings,
  ): void {
    endWithConnection(raw, rawResponse)
    // HTTP/2 has nothing to hand over to a listener of `connect`.
    const serve = raw.method === 'CONNECT' ? this.#serveConnect : this.#serveByRoute
    this.#enter(new Request(raw, rawResponse, this.#environment.server, settings), serve)
  }

  /** Takes a request to go over to another protocol: to a WebSocket, or else as one that asked for nothing of the kind. */
  handleUpgrade(
    raw: IncomingMessage,
    socket: Socket,
    head: Buffer,
    settings: RequestSettings = this.#environment.settings,
  ): void {
    const letGo = holdSocket(socket, settings.streams)
    whenAnswered(socket, () => {
      if (asksForWebSocket(raw)) {
        const response = openUpgradeResponse(raw, socket, head)
        return this.#enter(new Request(raw, response, this.#environment.server, settings), this.#serveWebSocket)
      }
      letGo()
      returnToHttp(raw, socket, head)
    })
  }

  /** Takes a CONNECT request, whose connection ends with the answer: no tunnel is opened. */
  handleConnect(raw: IncomingMessage, socket: Socket, head: Buffer, settings: RequestSettings): void {
    holdSocket(socket, settings.streams)
    whenAnswered(socket, () => {
      const response = openUpgradeResponse(raw, socket, head)
      this.#enter(new Request(raw, response, this.#environment.server, settings), this.#serveConnect)
    })
  }

  #enter(request: Request, serve: (request: Request) => void): void {
    if (this.#environment.accessLog) logAccess(request)
    if (this.#environment.settings.useAsyncLocalStorage) runAsCurrent(request, () => publishStart(request, serve))
    else publishStart(request, serve)
  }

  readonly #serveByRoute = (request: Request): void => {
    this.#serve(this.#open(request, this.#routes.find(request) ?? this.#statics?.find(request)))
  }

  readonly #serveConnect = (request: Request): void => {
    this.#serve(this.#open(request, isConnectTarget(request.url) ? this.#routes.find(request) : undefined))
  }

  readonly #serveWebSocket = (request: Request): void => {
    const { host, rawPath, segments } = request
    this.#serve(this.#open(request, this.#webSockets?.find({ method: 'GET', host, rawPath, segments })))
  }

  #serve(exchange: Exchange): void {
    const travelled = travel(exchange)
    const { tasks } = exchange.request.settings
    if (hasCloseHooks(exchange.plan) || isCloseAwaited()) {
      tasks.add(closeAtEnd(exchange, travelled, this.#environment.closing))
    } else if (isPromise(travelled)) {
      tasks.add(travelled, () => release(exchange))
    } else {
      const released = release(exchange)
      if (released !== undefined) tasks.add(released)
    }
  }

  #open(request: Request, planner: Planner | undefined): Exchange {
    const plan = this.#choosePlan(request, planner)
    if (plan.served !== undefined) {
      request.enterRoute(plan.served.route, plan.served.reader)
      publishRoute(request)
    }
    return {
      request,
      response: request.response,
      plan,
      server: this.#environment.server,
      allowedMethods: this.#environment.methodNotAllowed ? () => this.#allowedMethods(request) : undefined,
      needsUpgrade: this.#webSockets && (() => this.#needsUpgrade(request)),
      detour: undefined,
      restore: undefined,
    }
  }

  #choosePlan(request: Request, planner: Planner | undefined): Plan {
    const isServed = planner !== undefined && !request.hasBadHost && !this.#hasTooManyFields(request)
    const plan = isServed ? planner.planFor(request) : this.#planUnrouted(request)
    return hasCloseHooks(plan) && this.#environment.closing.isFull ? this.#planRefused(request, plan) : plan
  }

  /** HTTP/2 knows no upgrade (RFC 9113, section 8.6). */
  #needsUpgrade(request: Request): boolean {
    return request.raw.httpVersionMajor === 1 && this.#webSockets?.find(request) !== undefined
  }

  #allowedMethods(request: Request): readonly string[] {
    const routed = this.#routes.allowedMethods(request)
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

  /** For a request whose close events would be too many. */
  #planRefused({ response }: Request, plan: Plan): Plan {
    response.fail(503, STATUS_CODES[503] as string)
    response.setHeader('Retry-After', '1')
    return withoutHooks(plan)
  }

  /** The status of a request that can't be read. */
  #refusal(request: Request): number | undefined {
    // RFC 6585, section 5.
    if (this.#hasTooManyFields(request)) return 431
    if (request.method === 'CONNECT' && !isConnectTarget(request.url)) return 400
    return request.hasBadHost || request.segments === undefined ? 400 : undefined
  }

  #hasTooManyFields({ raw }: Request): boolean {
    return raw.rawHeaders.length > 2 * this.#environment.maxHeadersCount
  }
}

import { type IncomingMessage, STATUS_CODES, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Tasks } from '../base/tasks.ts'
import { endWithConnection } from '../connection/queued-responses.ts'
import {
  asksForUpgrade,
  asksForWebSocket,
  holdSocket,
  openUpgradeResponse,
  returnToHttp,
  whenAnswered,
} from '../connection/upgrade.ts'
import type { Application } from '../http/application.ts'
import { RequestCore } from '../http/request-core.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Request } from '../http/request.ts'
import { httpMethods, isMethod } from '../net/methods.ts'
import { isConnectTarget } from '../net/request-target.ts'
import { type RequestObserver, startObserved } from '../observe/request-observer.ts'
import type { Bound } from '../routing/bound.ts'
import type { RouteIndex } from '../routing/route-index.ts'
import { RouteTable, TablePart } from '../routing/route-table.ts'
import type { Target } from '../routing/target.ts'
import { closeAtEnd, release } from './close.ts'
import { type Interceptor, type Plan, takesUpgrades, type Unserved } from './exchange.ts'
import { PipelineRun, runPipeline } from './pipeline.ts'
import { type BoundEndpoint, Planner, PlanMaterial, withoutHooks } from './plan.ts'

/** What is bound together. Any number of dispatchers can share it. */
export interface Bindings {
  readonly routes: RouteIndex<BoundEndpoint>
  readonly webSockets: RouteIndex<BoundEndpoint>
  /** Static folders, each with a route that is its prefix and `*`. */
  readonly statics: RouteIndex<BoundEndpoint>
  readonly interceptors: readonly Bound<Interceptor>[]
}

/** What dispatchers of one server share, whatever their bindings. */
export interface DispatcherEnvironment {
  readonly server: Application
  /** Whether requests may bring sessions. */
  readonly hasSessions: boolean
  /** The close events under way; while it is full, requests that would add to them are refused. */
  readonly closing: Tasks
  readonly strictDomains: boolean
  readonly methodNotAllowed: boolean
  readonly maxHeadersCount: number
  readonly observers: readonly RequestObserver[]
}

type Serve = (core: RequestCore) => void

/** What would become of a request. */
export interface Explained {
  /** What serves it; `undefined` where nothing does. */
  readonly served: Bound<BoundEndpoint> | undefined
  /** Where nothing does: as of `Unserved`. */
  readonly status: number | undefined
  readonly allowedMethods: readonly string[]
  /** The hooks and status handlers that it passes, in the order in which they run, then the middleware. */
  readonly passed: readonly Bound<Interceptor>[]
  /** All that could serve some request here. */
  readonly bounds: readonly Bound<BoundEndpoint>[]
}

/**
 * Serves requests by routes and interceptors that never change: for other routes, make another one. That costs little: the
 * routes are indexed already, and plans are made for the requests that need them.
 */
export class Dispatcher implements Unserved {
  /** That of the routes it serves. */
  readonly version: number
  readonly #environment: DispatcherEnvironment
  readonly #material: PlanMaterial
  /** Its routes and their planners, by index. */
  readonly #parts = new Map<RouteIndex<BoundEndpoint>, TablePart<BoundEndpoint, Planner>>()
  readonly #routes: RouteTable<BoundEndpoint, Planner>
  /** `undefined` where no WebSocket is bound. */
  readonly #webSockets: RouteTable<BoundEndpoint, Planner> | undefined
  /** Whether a route serves requests for other protocols too. */
  readonly #routesTakeUpgrades: boolean
  /** For requests that no route serves; `undefined` where there is no static folder. */
  readonly #statics: RouteTable<BoundEndpoint, Planner> | undefined

  /** @param before the one that served until now, whose plans are kept where they are still right */
  constructor(bindings: readonly Bindings[], environment: DispatcherEnvironment, version: number, before?: Dispatcher) {
    this.version = version
    this.#environment = environment
    const { strictDomains, hasSessions } = environment
    const interceptors = bindings.flatMap((bound) => bound.interceptors)
    const known = before !== undefined && before.#material.isMadeOf(interceptors) ? before : undefined
    this.#material = known === undefined ? new PlanMaterial(interceptors, hasSessions) : known.#material
    const indexes = bindings.flatMap(({ routes, webSockets, statics }) => [routes, webSockets, statics])
    const otherDomains = strictDomains ? indexes.flatMap(({ byDomain }) => [...byDomain.keys()]) : []
    const createTable = (name: 'routes' | 'webSockets' | 'statics') => {
      const bound = bindings.map((all) => all[name]).filter((index) => index.bounds.length > 0)
      const parts = bound.map((index) => this.#partOf(index, known))
      return new RouteTable(parts, { strictDomains, otherDomains })
    }
    const has = (name: 'webSockets' | 'statics') => bindings.some((all) => all[name].bounds.length > 0)
    this.#routes = createTable('routes')
    this.#webSockets = has('webSockets') ? createTable('webSockets') : undefined
    this.#statics = has('statics') ? createTable('statics') : undefined
    const takesThem = ({ value }: Bound<BoundEndpoint>) => value.endpoint[takesUpgrades] === true
    this.#routesTakeUpgrades = bindings.some(({ routes }) => routes.bounds.some(takesThem))
  }

  /** Whether connections may go over to a WebSocket, or to another protocol. */
  get takesUpgrades(): boolean {
    return this.#webSockets !== undefined || this.#routesTakeUpgrades
  }

  /**
   * Serves a request from its arrival to its end.
   *
   * @param settings those of the place where it came in
   */
  handle(raw: IncomingMessage, rawResponse: ServerResponse, settings: RequestSettings): void {
    if (rawResponse.socket === null) endWithConnection(raw, rawResponse)
    settings.overrideMethod?.(raw)
    // HTTP/2 hands no CONNECT over to another listener.
    this.#enter(raw, rawResponse, settings, raw.method === 'CONNECT' ? this.#serveConnect : this.#serveByRoute)
  }

  /**
   * Serves a request to upgrade to a WebSocket, or to another protocol where its route takes it. Returns false for one that is
   * served as if it had not asked: it comes in again.
   */
  handleUpgrade(raw: IncomingMessage, socket: Socket, head: Buffer, settings: RequestSettings): boolean {
    const letGo = holdSocket(socket, settings.traffic.streams)
    const serve = this.#findUpgrade(raw, settings)
    whenAnswered(socket, () => {
      if (serve !== undefined) return this.#enter(raw, openUpgradeResponse(raw, socket, head), settings, serve)
      letGo()
      returnToHttp(raw, socket, head)
    })
    return serve !== undefined
  }

  /** Serves a CONNECT request, whose connection ends with the response: no tunnel is opened. */
  handleConnect(raw: IncomingMessage, socket: Socket, head: Buffer, settings: RequestSettings): void {
    holdSocket(socket, settings.traffic.streams)
    whenAnswered(socket, () => this.#enter(raw, openUpgradeResponse(raw, socket, head), settings, this.#serveConnect))
  }

  /** 404; 405 where the path has routes under other methods only and that may be told; 426 for the path of a WebSocket. */
  statusOf(core: RequestCore): number {
    // HTTP/2 knows no upgrade (RFC 9113, section 8.6).
    return this.#statusFor(core, core.raw.httpVersionMajor === 1)
  }

  allowedMethods(target: Target): readonly string[] {
    const routed = this.#routes.allowedMethods(target)
    const inFolders = this.#statics?.allowedMethods(target) ?? []
    return httpMethods.filter((method) => routed.includes(method) || inFolders.includes(method))
  }

  /**
   * Returns what would become of a request of HTTP/1.1 that is no preflight.
   *
   * @param asksForWebSocket whether it asks to upgrade to a WebSocket
   */
  explain(target: Target, asksForWebSocket = false): Explained {
    const planner = this.#plannerFor(target, asksForWebSocket)
    const served = planner?.bound
    return {
      served,
      status: served === undefined ? this.#statusFor(target, true) : undefined,
      allowedMethods: this.allowedMethods(target),
      passed: (planner ?? this.#material.unrouted(target.method)).passedBy(target),
      bounds: [...this.#parts.keys()].flatMap(({ bounds }) => bounds),
    }
  }

  #plannerFor(target: Target, asksForWebSocket: boolean): Planner | undefined {
    const routed = this.#routes.find(target)
    if (asksForWebSocket && this.#webSockets !== undefined) {
      const found = this.#webSockets.find({ ...target, method: 'GET' })
      return found ?? (routed?.takesUpgrades ? routed : undefined)
    }
    return routed ?? this.#statics?.find(target)
  }

  #statusFor(target: Target, mayUpgrade: boolean): number {
    if (mayUpgrade && this.#webSockets?.has(target)) return 426
    return this.#environment.methodNotAllowed && this.allowedMethods(target).length > 0 ? 405 : 404
  }

  /** @param before the one whose planners are still right */
  #partOf(index: RouteIndex<BoundEndpoint>, before: Dispatcher | undefined): TablePart<BoundEndpoint, Planner> {
    const known = before === undefined ? undefined : before.#parts.get(index)
    const material = this.#material
    const part =
      known ?? new TablePart(index, material.groups, (bound, methods) => new Planner({ bound, methods }, material))
    this.#parts.set(index, part)
    return part
  }

  #enter(raw: IncomingMessage, rawResponse: ServerResponse, settings: RequestSettings, serve: Serve): void {
    const { server, observers } = this.#environment
    const core = new RequestCore(raw, rawResponse, server, settings)
    const request = new Request(core)
    if (observers.some(isActive)) startObserved(core, request, observers.filter(isActive), () => serve(core))
    else serve(core)
  }

  readonly #serveByRoute: Serve = (core) => {
    this.#serve(core, this.#routes.find(core) ?? this.#statics?.find(core) ?? this.#findForPreflight(core))
  }

  readonly #serveConnect: Serve = (core) => {
    this.#serve(core, isConnectTarget(core.url) ? this.#routes.find(core) : undefined)
  }

  readonly #serveWebSocket: Serve = (core) => {
    const { host, rawPath, segments } = core
    this.#serve(core, this.#webSockets?.find({ method: 'GET', host, rawPath, segments }))
  }

  /** What serves a request for another protocol; `undefined` where it is to be served as if it had not asked. */
  #findUpgrade(raw: IncomingMessage, settings: RequestSettings): Serve | undefined {
    const isForWebSocket = this.#webSockets !== undefined && asksForWebSocket(raw)
    if (this.#routesTakeUpgrades && asksForUpgrade(raw)) {
      const core = new RequestCore(raw, new ServerResponse(raw), this.#environment.server, settings)
      const { host, rawPath, segments } = core
      const isWebSocket = isForWebSocket && this.#webSockets?.find({ method: 'GET', host, rawPath, segments })
      if (!isWebSocket && this.#routes.find(core)?.takesUpgrades) return this.#serveByRoute
    }
    return isForWebSocket ? this.#serveWebSocket : undefined
  }

  /** For a preflight that no route serves: by the route that the method it names would find. */
  #findForPreflight(core: RequestCore): Planner | undefined {
    if (core.method !== 'OPTIONS') return undefined
    const method = core.raw.headers['access-control-request-method']
    if (method === undefined || !isMethod(method)) return undefined
    const { host, rawPath, segments } = core
    const target = { method, host, rawPath, segments }
    const found = this.#routes.find(target) ?? this.#statics?.find(target) ?? this.#webSockets?.find(target)
    return found?.preflights
  }

  #serve(core: RequestCore, planner: Planner | undefined): void {
    const plan = this.#choosePlan(core, planner)
    if (plan.route !== undefined) {
      core.served = plan.route
      core.events?.routed()
    }
    const exchange = new PipelineRun(core, plan, this)
    const running = runPipeline(exchange)
    const { tasks } = core.settings.traffic
    if (plan.hasCloseHooks || core.events?.isCloseAwaited)
      tasks.add(closeAtEnd(exchange, running, this.#environment.closing))
    else if (running !== undefined) tasks.add(running, () => (holdsAnything(core) ? release(exchange) : undefined))
    else if (holdsAnything(core)) tasks.add(release(exchange))
  }

  #choosePlan(core: RequestCore, planner: Planner | undefined): Plan {
    const isServed = planner !== undefined && core.refusal === undefined && !this.#hasTooManyFields(core)
    const plan = isServed ? (planner.plan ?? planner.planFor(core)) : this.#planUnrouted(core)
    return plan.hasCloseHooks && this.#environment.closing.isFull ? this.#planRefused(core, plan) : plan
  }

  #planUnrouted(core: RequestCore): Plan {
    const planner = this.#material.unrouted(core.method)
    const plan = planner.plan ?? planner.planFor(core)
    const status = this.#refusal(core)
    if (status === undefined) return plan
    core.response.fail(status, STATUS_CODES[status] as string)
    // Where the next request begins is not sure.
    if (status >= 500) core.response.raw.shouldKeepAlive = false
    return withoutHooks(plan)
  }

  /** For a request whose close events would be too many. */
  #planRefused({ response }: RequestCore, plan: Plan): Plan {
    response.fail(503, STATUS_CODES[503] as string)
    response.setHeader('Retry-After', '1')
    return withoutHooks(plan)
  }

  /** The status of a request that can't be read. */
  #refusal(core: RequestCore): number | undefined {
    // RFC 6585, section 5.
    if (this.#hasTooManyFields(core)) return 431
    if (core.method === 'CONNECT' && !isConnectTarget(core.url)) return 400
    return core.refusal ?? (core.segments === undefined ? 400 : undefined)
  }

  #hasTooManyFields({ raw }: RequestCore): boolean {
    return raw.rawHeaders.length > 2 * this.#environment.maxHeadersCount
  }
}

/** Whether anything waits for the end of the request; for most, nothing does. */
function holdsAnything({ releases, response }: RequestCore): boolean {
  return releases !== undefined || response.alongside !== undefined
}

function isActive({ channels }: RequestObserver): boolean {
  return channels === undefined || channels.some(({ hasSubscribers }) => hasSubscribers)
}

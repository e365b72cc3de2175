import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { runHookOf } from '../base/hook-runs.ts'
import { runStopHooks } from '../base/stop-hooks.ts'
import { Tasks } from '../base/tasks.ts'
import { within } from '../base/within.ts'
import { type Member, workersOfProcess } from '../base/workers.ts'
import type { Routes } from '../binding/routes.ts'
import { DEFAULT_ENTRY_POINT } from '../entrypoint/entry-point-options.ts'
import { ServerHandler } from '../entrypoint/handler/server-handler.ts'
import type { OpenBaseContext } from '../entrypoint/served-address.ts'
import type { SharedSettings } from '../entrypoint/traffic.ts'
import type { Application } from '../http/application.ts'
import { createMethodOverride } from '../http/method-override.ts'
import { Inflating } from '../http/body/inflate.ts'
import type { WriteFailure } from '../http/output/problem.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { ExplainedRequest } from '../layers/explain-request.ts'
import { Layers } from '../layers/layers.ts'
import type { Logger } from '../log/logger.ts'
import { accessLog } from '../observe/access-log.ts'
import { allowCurrentRequest, asynchronousContext } from '../observe/current-request.ts'
import { diagnostics } from '../observe/diagnostics.ts'
import type { RequestObserver } from '../observe/request-observer.ts'
import { checkEndpoints, readyEndpoints } from '../pipeline/ready-endpoints.ts'
import { preloadWebSockets } from '../websocket/web-socket-endpoint.ts'
import { formatAddress } from '../net/address.ts'
import { parseTrust } from '../net/proxy-trust.ts'
import { Views } from '../view/views.ts'
import { ServerSessions } from '../session/sessions.ts'
import { printRoutes } from './announce.ts'
import { BaseContexts } from './base-contexts.ts'
import { configurationOptions, type ReadConfigurationOptions } from './configuration-options.ts'
import { EntryPoints } from './entry-points.ts'
import { chooseFailureWriter } from './failure-writer.ts'
import { NamedChains } from './named-chains.ts'
import { Provided } from './provided.ts'
import type { ReadAdminOptions } from './admin-options.ts'
import { type AdminParts, ServerAdmin } from './server-admin.ts'
import { ServerConfiguration } from './server-configuration.ts'
import { InProcess } from './in-process.ts'
import type { LifecycleTarget } from './lifecycle.ts'
import { ServerDatabase } from './server-database.ts'
import { tellOfServer } from './server-diagnostics.ts'
import type { ReadServerOptions } from './options.ts'

// For what remains after all connections have ended: close events, and functions that continue although their client is gone.
const CLOSE_EVENTS_MS = 2000

/** Serves the requests of a server: at its entry points, and those that are injected or mounted. */
export class Serving implements LifecycleTarget {
  readonly name: string
  readonly logger: Logger
  readonly stopTimeout: number
  readonly entryPoints: EntryPoints
  readonly #server: Application
  readonly #options: ReadServerOptions
  readonly #routes: Routes
  readonly #baseContexts: BaseContexts | undefined
  readonly #sessions: ServerSessions | undefined
  readonly #settings: SharedSettings
  readonly layers: Layers
  readonly database: ServerDatabase
  readonly chains: NamedChains
  readonly provided: Provided = new Provided()
  readonly configuration: ServerConfiguration
  /** `undefined` if there is none. */
  readonly admin: ServerAdmin | undefined
  /** `undefined` where the process runs alone. */
  readonly member: Member | undefined
  /** By the name of the entry point as at which it serves. */
  readonly #inProcess = new Map<string, InProcess>()
  readonly #openBase: OpenBaseContext | undefined
  /** Where it serves at entry points of another server. */
  #asHandler: ServerHandler | undefined
  #isDraining = false
  #stoppingConfiguration: Promise<void> | undefined

  constructor(server: Application, routes: Routes, options: ReadServerOptions) {
    const { name, logger, stopTimeout, baseContext } = options
    this.name = name
    this.logger = logger
    this.stopTimeout = stopTimeout
    this.#server = server
    this.#options = options
    this.#routes = routes
    this.#sessions = options.session && new ServerSessions(options.session, server)
    this.#settings = createSettings(
      options,
      this.#sessions,
      chooseFailureWriter(options, (core) => this.#explain(core)),
    )
    options.languages?.reportTo?.(logger)
    if (options.useAsyncLocalStorage) allowCurrentRequest()
    this.member = this.#enterWorkers()
    const lifeParts = { server, provided: this.provided, layers: () => this.layers, member: this.member }
    this.configuration = new ServerConfiguration(lifeParts, configurationOf(options))
    this.admin = options.admin && new ServerAdmin(this.#adminParts(options.admin))
    this.layers = this.#createLayers()
    this.database = new ServerDatabase(server, { name, logger, whenIdle: () => this.whenIdle() }, options.database)
    this.chains = new NamedChains(options)
    const baseContexts =
      baseContext && new BaseContexts(baseContext, () => formatAddress(this.entryPoints.firstConfigured))
    this.#baseContexts = baseContexts
    this.#openBase = baseContexts && ((address) => baseContexts.open(address))
    this.entryPoints = new EntryPoints(options, {
      server: name,
      application: server,
      logger,
      stopTimeout,
      layers: this.layers,
      binder: routes.binder,
      settings: this.#settings,
      openBaseContext: this.#openBase,
      callHook: (call) => runHookOf(this, call),
      countsAlways: this.admin !== undefined,
      member: this.member,
    })
    this.layers.checkEntryPoint = (name, call) => void this.entryPoints.get(name, call)
  }

  /** Returns what serves requests in process as at an entry point. @throws ConfigError for one that doesn't exist */
  inProcess(entryPoint: string = DEFAULT_ENTRY_POINT): InProcess {
    return this.#inProcess.get(entryPoint) ?? this.#openInProcess(entryPoint)
  }

  /** Listens nowhere. Returns what serves at entry points of another server. */
  asHandler(): ServerHandler {
    this.entryPoints.withhold()
    const { layers, stopTimeout } = this
    const servedBy = { application: this.#server, layers, settings: this.#settings, openBaseContext: this.#openBase }
    return (this.#asHandler ??= new ServerHandler(servedBy, { limits: this.#options, stopTimeout }))
  }

  /** Serves a request that another server received. */
  handle(raw: IncomingMessage, rawResponse: ServerResponse): void {
    this.inProcess().handle(raw, rawResponse)
  }

  handleUpgrade(raw: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.inProcess().handleUpgrade(raw, socket as Socket, head)
  }

  tellStart(): Promise<unknown> | undefined {
    return tellOfServer(this.#server, 'start')
  }

  prepare(): void {
    this.member?.begin()
    // If a dispatcher can't be built from the routes, the start fails before anything listens.
    this.layers.freeze()
    for (const warning of this.#routes.warnings) this.logger.warn(warning)
    if (this.#options.errorPage && process.env['NODE_ENV'] === 'production')
      this.logger.warn(
        'errorPage is on under NODE_ENV=production: browsers on this machine are shown what fails and its source',
      )
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.chains.prepare()
    const endpoints = this.#routes.bindings.routes.map(({ value }) => value.endpoint)
    checkEndpoints(endpoints, this.#server)
    await this.#sessions?.prepare()
    await readyEndpoints(endpoints, this.#server, signal)
    if (this.#routes.bindings.webSockets.length > 0) await preloadWebSockets()
    await this.#join()
    await this.entryPoints.openAll(signal)
    this.member?.joined()
    await this.#startConfiguration(signal)
    if (this.#options.dumpRoutes) printRoutes(this.#server.routes())
  }

  /** Serves what the other workers do, before anything listens. */
  async #join(): Promise<void> {
    if (this.member === undefined) return
    await this.configuration.prepare()
    await this.member.join()
  }

  async #startConfiguration(signal: AbortSignal): Promise<void> {
    try {
      await this.configuration.start(signal)
    } catch (error) {
      this.drain()
      await this.close(0)
      throw error
    }
  }

  async whenAgreed(): Promise<void> {
    await this.member?.ready()
  }

  drain(): void {
    this.#isDraining = true
    this.#stoppingConfiguration ??= this.configuration.stop()
    this.layers.freeze()
    this.layers.stop()
    this.entryPoints.drain()
    for (const { traffic } of this.#inProcess.values()) traffic.drain()
    for (const traffic of this.#asHandler?.traffic ?? []) traffic.drain()
  }

  async close(timeoutMs: number): Promise<void> {
    const inProcess = [...this.#inProcess.values()].map((one) => one.close(timeoutMs, CLOSE_EVENTS_MS))
    const elsewhere = (this.#asHandler?.traffic ?? []).map(async (traffic) => {
      const deadline = performance.now() + timeoutMs
      await traffic.endStreams(timeoutMs)
      await within(Math.max(deadline - performance.now(), CLOSE_EVENTS_MS), traffic.whenIdle())
    })
    await Promise.all([this.entryPoints.shut(timeoutMs, CLOSE_EVENTS_MS), ...inProcess, ...elsewhere])
  }

  /** Resolves when nothing is running for any request, its close events included. */
  async whenIdle(): Promise<void> {
    const places = () => [
      ...this.entryPoints.traffic,
      ...(this.#asHandler?.traffic ?? []),
      ...[...this.#inProcess.values()].map(({ traffic }) => traffic),
    ]
    while (!places().every(({ isIdle }) => isIdle)) await Promise.all(places().map((place) => place.whenIdle()))
  }

  async retire(): Promise<void> {
    await this.#stoppingConfiguration
    await this.layers.retire()
    await runStopHooks(this.#server)
    await this.chains.close()
  }

  #enterWorkers(): Member | undefined {
    const { name, stopTimeout } = this
    const layers = () => this.layers
    return workersOfProcess()?.enter({
      name,
      stopTimeout,
      stop: () => this.#server.stop(),
      get version() {
        return layers().version
      },
      set version(version) {
        layers().version = version
      },
    })
  }

  #openInProcess(entryPoint: string): InProcess {
    const opened = new InProcess(entryPoint, {
      layers: this.layers,
      settings: this.#settings,
      baseContext: this.#baseContexts && (() => this.entryPoints.firstBaseOf(entryPoint) ?? this.#baseContexts?.first),
      options: this.entryPoints.optionsFor(entryPoint),
    })
    if (this.#isDraining) opened.traffic.drain()
    this.#inProcess.set(entryPoint, opened)
    return opened
  }

  #explain({ settings, method, host, rawPath, segments }: RequestCore): ExplainedRequest | undefined {
    const place = this.entryPoints.insideOf(settings.entryPoint)?.place
    return place && this.layers.explain(place, { method, host, rawPath, segments }).explained
  }

  #adminParts(options: ReadAdminOptions): AdminParts {
    return {
      server: this.#server,
      options,
      configuration: this.configuration,
      member: this.member,
      layers: () => this.layers,
      entryPoints: () => this.entryPoints,
    }
  }

  #createLayers(): Layers {
    const { strictDomains, methodNotAllowed, maxHeadersCount, maxPendingCloses } = this.#options
    const environment = {
      server: this.#server,
      closing: new Tasks({ max: maxPendingCloses, onFull: () => this.#warnOfPendingCloses() }),
      hasSessions: this.#settings.sessions !== undefined,
      strictDomains,
      methodNotAllowed,
      maxHeadersCount: maxHeadersCount || Infinity,
      observers: chooseObservers(this.#options, this.admin),
    }
    return new Layers(this.#routes, environment, this.logger, this.member)
  }

  #warnOfPendingCloses(): void {
    const { maxPendingCloses } = this.#options
    this.logger.warn('Close events take too long: requests that have some are answered 503 until fewer are pending', {
      maxPendingCloses,
    })
  }
}

/** The administration has a document of its own, whether or not there are providers. */
function configurationOf({ configuration, admin }: ReadServerOptions): ReadConfigurationOptions | undefined {
  return configuration ?? (admin && configurationOptions.parse({ providers: [] }))
}

function chooseObservers(
  { accessLog: isLogging, useAsyncLocalStorage }: ReadServerOptions,
  admin: ServerAdmin | undefined,
): readonly RequestObserver[] {
  return [
    ...(isLogging ? [accessLog] : []),
    ...(useAsyncLocalStorage ? [asynchronousContext] : []),
    ...(admin === undefined ? [] : [admin.observer]),
    diagnostics,
  ]
}

/** Returns the settings of each request that follow from the options. */
export function createSettings(
  options: ReadServerOptions,
  sessions?: ServerSessions,
  writeFailure?: WriteFailure,
): SharedSettings {
  return {
    logger: options.logger,
    useAsyncLocalStorage: options.useAsyncLocalStorage,
    trustsProxy: parseTrust(options.trustProxy),
    maxBodySize: options.maxBodySize,
    checkResponses: options.checkResponses,
    writeFailure,
    overrideMethod: options.methodOverride && createMethodOverride(options.methodOverride),
    inflating: options.inflate === false ? undefined : new Inflating(options.inflate),
    upload: options.upload,
    views: new Views(options.view),
    sessions,
    languages: options.languages,
    detectLanguage: options.detectLanguage,
    cookieSecrets: [options.cookieSecret ?? []].flat(),
  }
}

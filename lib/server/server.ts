import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Application, RouteInfo, ServerState } from '../http/application.ts'
import { checkFunction } from '../base/check-function.ts'
import type { ContextBase } from '../base/context.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import { Tasks } from '../base/tasks.ts'
import { within } from '../base/within.ts'
import type { Logger } from '../log/logger.ts'
import { Domain } from '../binding/domain.ts'
import { Registrar } from '../binding/registrar.ts'
import { Registry } from '../binding/registry.ts'
import { type Address, formatAddress, parseAddresses } from '../net/address.ts'
import type { Entrypoint } from '../entrypoint/entrypoint.ts'
import { type AddressListeners, closeEntrypoints, type Cut, openEntrypoints } from '../entrypoint/entrypoints.ts'
import { createHttpServer } from '../entrypoint/http-server.ts'
import { prepareTls } from '../entrypoint/tls/prepare-tls.ts'
import { accessLog } from '../observe/access-log.ts'
import { allowCurrentRequest, asynchronousContext, runAsNoRequest } from '../observe/current-request.ts'
import { diagnostics } from '../observe/diagnostics.ts'
import type { RequestObserver } from '../observe/request-observer.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { preloadWebSockets } from '../websocket/web-socket-endpoint.ts'
import { announce } from './announce.ts'
import { BaseContexts } from './base-contexts.ts'
import { createSettings } from './create-settings.ts'
import { CurrentDispatcher } from './current-dispatcher.ts'
import { inject, type InjectOptions, type InjectResult } from './inject.ts'
import { Lifecycle } from './lifecycle.ts'
import { listRoutes } from './list-routes.ts'
import { type ReadServerOptions, readServerOptions, type ServerOptions, serverOptions } from './options.ts'

/** A function that runs when the server has started or stopped. */
export type LifecycleHook = (server: Server) => unknown

/**
 * A server and what is registered on it.
 *
 * It is `created`, then `preparing` while it opens its listeners, `ready` while it serves, and `stopped`: only ever
 * forward.
 */
export class Server extends Registrar implements Application {
  readonly name: string
  readonly #options: ReadServerOptions
  readonly #registry: Registry
  readonly #baseContexts: BaseContexts | undefined
  readonly #settings: RequestSettings
  readonly #dispatcher: CurrentDispatcher
  readonly #lifecycle: Lifecycle<Server>
  readonly #services = new Map<string, unknown>()
  #address: string
  #port: number | undefined
  #entrypoints: readonly Entrypoint[] = []
  #inProcess: HttpServer | undefined

  /** @throws ConfigError naming an option that doesn't exist or a value out of range */
  constructor(options: ServerOptions = {}) {
    const read = readServerOptions(options)
    const registry = new Registry(read, () => this.state !== 'created')
    super(registry, { prefix: '', domains: undefined, groups: [] })
    this.name = read.name
    this.#options = read
    this.#registry = registry
    this.#baseContexts = read.baseContext && new BaseContexts(read.baseContext, () => this.#firstAddress())
    this.#settings = createSettings(read, this.#baseContexts, () => this.state === 'stopped')
    if (read.useAsyncLocalStorage) allowCurrentRequest()
    this.#dispatcher = new CurrentDispatcher(registry, {
      server: this,
      closing: new Tasks({ max: read.maxPendingCloses, onFull: () => warnOfPendingCloses(read) }),
      settings: this.#settings,
      strictDomains: read.strictDomains,
      methodNotAllowed: read.methodNotAllowed,
      maxHeadersCount: read.maxHeadersCount || Infinity,
      observers: chooseObservers(read),
    })
    this.#address = read.address
    this.#port = read.port
    this.#lifecycle = new Lifecycle<Server>(this, {
      ...read,
      open: () => this.#open(),
      close: (timeoutMs) => this.#close(timeoutMs),
      whenIdle: () => this.whenIdle(),
    })
  }

  get state(): ServerState {
    return this.#lifecycle.state
  }

  /** The logger of the options, or the default; it takes a message and fields, also where pino is behind it. */
  get logger(): Logger {
    return this.#options.logger
  }

  /** The bound port of the first address, 0 for a Unix socket; before the start, the one it will ask for. */
  get port(): number {
    const [entrypoint] = this.#entrypoints
    const address = entrypoint ?? (this.#addressesToOpen()[0] as Address)
    return 'port' in address ? address.port : 0
  }

  /** All bound addresses, such as `127.0.0.1:8199`, `[::1]:8199` and `unix:/run/app.sock`; none before the start. */
  get addresses(): readonly string[] {
    return this.#entrypoints.map((entrypoint) => entrypoint.address)
  }

  /** @internal What its addresses are reached by. */
  get scheme(): 'http' | 'https' {
    return this.#options.https === undefined ? 'http' : 'https'
  }

  /** @internal Resolves when nothing runs for any request, its close events included. */
  whenIdle(): Promise<void> {
    return this.#settings.tasks.whenIdle()
  }

  isReady(): boolean {
    return this.state === 'ready'
  }

  /**
   * Sets the port of the first address, and of those that name none.
   *
   * @throws StateError once the server was started; ConfigError for what is no port
   */
  setPort(port: number): this {
    this.#lifecycle.checkCreated('setPort')
    serverOptions.check('port', port)
    parseAddresses(this.#address, port)
    this.#port = port
    return this
  }

  /**
   * Sets where to listen; where the first address names its port, that takes the place of the one set before.
   *
   * @throws StateError once the server was started; ConfigError for what is no address
   */
  setAddress(address: string): this {
    this.#lifecycle.checkCreated('setAddress')
    if (typeof address !== 'string') throw new ConfigError(`setAddress takes a text, not ${String(address)}`)
    parseAddresses(address)
    this.#address = address
    if (/^\s*unix:|:\d+\s*$/.test(address.split(',', 1)[0] as string)) this.#port = undefined
    return this
  }

  /** Takes the domains, joined with `,`, to bind on; `*.` stands for every host below a name. */
  domain(domains: string): Domain {
    return new Domain(this.#registry, domains)
  }

  /** Calls the function with this server; for applications that keep their routes in one place. */
  registerRoutes(register: (server: this) => void): this {
    checkFunction('registerRoutes', register)(this)
    return this
  }

  /** What is registered: routes in matching order, then WebSockets, static folders, hooks and status handlers in theirs, then middleware. */
  routes(): RouteInfo[] {
    return listRoutes(this.#registry)
  }

  /** Keeps something that the application needs under a name. */
  registerService(name: string, service: unknown): this {
    this.#services.set(name, service)
    return this
  }

  service<T = unknown>(name: string): T {
    if (!this.#services.has(name)) throw new StateError(`no service "${name}" was registered`)
    return this.#services.get(name) as T
  }

  lookupService<T = unknown>(name: string): T | undefined {
    return this.#services.get(name) as T | undefined
  }

  /** Runs once requests are served, after the hooks registered before it; one that throws stops the server. */
  registerStartupHook(hook: LifecycleHook): this {
    this.#lifecycle.startupHooks.push(checkFunction('registerStartupHook', hook))
    return this
  }

  /** Runs after the last request, after the hooks registered before it; not when listening failed. */
  registerShutdownHook(hook: LifecycleHook): this {
    this.#lifecycle.shutdownHooks.push(checkFunction('registerShutdownHook', hook))
    return this
  }

  clearStartupHooks(): this {
    this.#lifecycle.startupHooks.length = 0
    return this
  }

  clearShutdownHooks(): this {
    this.#lifecycle.shutdownHooks.length = 0
    return this
  }

  /** Makes SIGINT and SIGTERM stop the server; a second one meanwhile ends the process with the signal's exit code. */
  registerSignalHook(): this {
    this.#lifecycle.stopOnSignal()
    return this
  }

  /**
   * Opens the listeners and runs the startup hooks; resolves when both is done.
   *
   * @throws StateError for a server that was started or stopped before, or is stopped meanwhile; ListenError where it can't listen; what a
   * startup hook threw
   */
  start(): Promise<void> {
    return this.#lifecycle.start()
  }

  /** Starts, and resolves when the server has stopped, also while it started, and every shutdown hook has run. */
  run(): Promise<void> {
    return this.#lifecycle.run()
  }

  /**
   * Takes no new connections, lets requests in flight finish for `stopTimeout`, then runs the shutdown hooks.
   *
   * Every call gives the end of the same stop; it never rejects. In a hook of this server it resolves at once, since the
   * stop waits for the hook. It waits for handlers too: one that stops the server shouldn't await it.
   */
  stop(): Promise<void> {
    return this.#lifecycle.stop()
  }

  /** Serves one request without a network, also before the start; over a connection in memory, by the same parser. */
  async inject(request: InjectOptions = {}): Promise<InjectResult> {
    if (this.state === 'stopped') throw new StateError(`server "${this.name}" is stopped`)
    this.#inProcess ??= createHttpServer(this.#options, {
      ...this.#dispatcher.createListeners(this.#settings),
      // In memory there is nothing to go over to.
      upgrade: undefined,
    })
    const server = this.#inProcess
    return runAsNoRequest(() => inject(server, request, this.scheme === 'https'))
  }

  /** A request listener of `node:http`, bound to this server: mounts the application in somebody else's. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#dispatcher.get().handle(request, response)
  }

  /**
   * A listener for `upgrade` of `node:http`, bound to this server: with `handle`, mounts an application that has
   * WebSockets in somebody else's.
   */
  readonly handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.#dispatcher.get().handleUpgrade(request, socket as Socket, head)
  }

  #addressesToOpen(): Address[] {
    return parseAddresses(this.#address, this.#port)
  }

  /** As configured. */
  #firstAddress(): string {
    return formatAddress(this.#addressesToOpen()[0] as Address)
  }

  async #open(): Promise<void> {
    // What can't be built from the routes is to fail before anything listens.
    this.#dispatcher.get()
    const { https, http2, logger } = this.#options
    if (this.#registry.webSockets.length > 0) await preloadWebSockets()
    const create = https && (await prepareTls({ https, http2, logger }))
    this.#entrypoints = await openEntrypoints(this.#addressesToOpen(), { ...this.#options, create }, () =>
      this.#createAddressListeners(),
    )
    announce(this, this.#entrypoints, this.#options.dumpRoutes)
  }

  async #close(timeoutMs: number): Promise<readonly Cut[]> {
    // The entrypoints first: open streams are to be counted among their connections before they are cut.
    const closing = closeEntrypoints(this.#entrypoints, timeoutMs)
    const { streams } = this.#settings
    streams.end()
    await within(timeoutMs, streams.whenIdle())
    streams.cut()
    return closing
  }

  #createAddressListeners(): AddressListeners {
    const baseContexts = this.#baseContexts
    if (baseContexts === undefined) return this.#dispatcher.createListeners(this.#settings)
    let base: ContextBase | undefined
    const listeners = this.#dispatcher.createListeners({ ...this.#settings, baseContext: () => base })
    return { ...listeners, opened: (address) => (base = baseContexts.open(address)) }
  }
}

function warnOfPendingCloses({ logger, maxPendingCloses }: ReadServerOptions): void {
  logger.warn('Close events take too long: requests that have some are answered 503 until fewer are pending', {
    maxPendingCloses,
  })
}

function chooseObservers(options: ReadServerOptions): readonly RequestObserver[] {
  return [
    ...(options.accessLog ? [accessLog] : []),
    ...(options.useAsyncLocalStorage ? [asynchronousContext] : []),
    diagnostics,
  ]
}

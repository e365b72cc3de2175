import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Application, RouteInfo, ServerState } from '../base/application.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { Domain } from '../binding/domain.ts'
import { Registrar } from '../binding/registrar.ts'
import { Registry } from '../binding/registry.ts'
import { type Address, parseAddresses } from '../entrypoint/address.ts'
import { createHttpServer, type Entrypoint } from '../entrypoint/entrypoint.ts'
import { openEntrypoints } from '../entrypoint/entrypoints.ts'
import { prepareTls } from '../entrypoint/tls-server.ts'
import { Dispatcher } from '../pipeline/dispatcher.ts'
import { preloadWebSockets } from '../pipeline/web-socket-service.ts'
import { InFlight } from '../pipeline/in-flight.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Lifecycle } from './lifecycle.ts'
import { inject, type InjectOptions, type InjectResult } from './inject.ts'
import { createSettings, isPort, readOptions, type ServerOptions } from './options.ts'
import { listRoutes } from './list-routes.ts'

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
  readonly #options: ReturnType<typeof readOptions>
  readonly #registry: Registry
  readonly #inFlight = new InFlight()
  readonly #settings: RequestSettings
  readonly #lifecycle: Lifecycle<Server>
  readonly #services = new Map<string, unknown>()
  #address: string
  #port: number | undefined
  #entrypoints: readonly Entrypoint[] = []
  #inProcess: HttpServer | undefined
  /** Read once by each request: to serve by other routes is to put another one here. */
  #dispatcher: Dispatcher | undefined
  #builtVersion = -1

  /** @throws ConfigError naming an option that doesn't exist or a value out of range */
  constructor(options: ServerOptions = {}) {
    const read = readOptions(options)
    const registry = new Registry(read, () => this.state !== 'created')
    super(registry, { prefix: '', domains: undefined, groups: [] })
    this.name = read.name
    this.#options = read
    this.#registry = registry
    this.#settings = createSettings(read)
    this.#address = read.address
    this.#port = read.port
    this.#lifecycle = new Lifecycle<Server>(this, {
      ...read,
      open: () => this.#open(),
      close: (timeoutMs) => this.#close(timeoutMs),
      whenIdle: () => this.#inFlight.whenIdle(),
    })
  }

  get state(): ServerState {
    return this.#lifecycle.state
  }

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

  isReady(): boolean {
    return this.state === 'ready'
  }

  /** @throws StateError once the server was started; ConfigError for what is no port */
  setPort(port: number): this {
    this.#lifecycle.checkCreated('setPort')
    if (!isPort(port)) throw new ConfigError(`a port is a whole number from 0 to 65535, not ${String(port)}`)
    parseAddresses(this.#address, port)
    this.#port = port
    return this
  }

  /** @throws StateError once the server was started; ConfigError for what is no address */
  setAddress(address: string): this {
    this.#lifecycle.checkCreated('setAddress')
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
    register(this)
    return this
  }

  /** The registered routes in matching order, then static folders in theirs, then hooks and status handlers in theirs, then middleware. */
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
    this.#lifecycle.startupHooks.push(hook)
    return this
  }

  /** Runs after the last request, after the hooks registered before it; not when listening failed. */
  registerShutdownHook(hook: LifecycleHook): this {
    this.#lifecycle.shutdownHooks.push(hook)
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
   * @throws StateError for a server that was started or stopped before; ListenError where it can't listen; what a
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
    this.#inProcess ??= createHttpServer(this.#options, this.handle)
    return inject(this.#inProcess, request, this.#options.https !== undefined)
  }

  /** A request listener of `node:http`, bound to this server: mounts the application in somebody else's. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#currentDispatcher().handle(request, response)
  }

  /**
   * A listener for `upgrade` of `node:http`, bound to this server: with `handle`, mounts an application that has
   * WebSockets in somebody else's.
   */
  readonly handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.#currentDispatcher().handleUpgrade(request, socket as Socket, head)
  }

  #currentDispatcher(): Dispatcher {
    if (this.#dispatcher === undefined || this.#builtVersion !== this.#registry.version) {
      const { routes, webSockets, statics, interceptors, version } = this.#registry
      const { strictDomains, methodNotAllowed, maxHeadersCount } = this.#options
      const options = {
        server: this,
        inFlight: this.#inFlight,
        settings: this.#settings,
        statics,
        strictDomains,
        methodNotAllowed,
        maxHeadersCount,
      }
      this.#dispatcher = new Dispatcher(routes, webSockets, interceptors, options)
      this.#builtVersion = version
    }
    return this.#dispatcher
  }

  #addressesToOpen(): Address[] {
    return parseAddresses(this.#address, this.#port)
  }

  async #open(): Promise<void> {
    // What can't be built from the routes is to fail before anything listens.
    this.#currentDispatcher()
    const { https, http2, logger } = this.#options
    const hasWebSockets = this.#registry.webSockets.length > 0
    if (hasWebSockets) await preloadWebSockets()
    this.#entrypoints = await openEntrypoints(this.#addressesToOpen(), {
      limits: this.#options,
      listener: this.handle,
      upgradeListener: hasWebSockets ? this.handleUpgrade : undefined,
      create: https && (await prepareTls({ https, http2, logger })),
    })
  }

  async #close(timeoutMs: number): Promise<void> {
    await Promise.all([
      this.#settings.openStreams.close(timeoutMs),
      ...this.#entrypoints.map((entrypoint) => entrypoint.close(timeoutMs)),
    ])
  }
}

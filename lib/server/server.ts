import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Application, RouteInfo, ServerState } from '../base/application.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { within } from '../base/within.ts'
import { Domain } from '../binding/domain.ts'
import { Registrar } from '../binding/registrar.ts'
import { Registry } from '../binding/registry.ts'
import { type Address, parseAddresses } from '../entrypoint/address.ts'
import { createHttpServer, Entrypoint } from '../entrypoint/entrypoint.ts'
import { Dispatcher } from '../pipeline/dispatcher.ts'
import { preloadWebSockets } from '../pipeline/web-socket-service.ts'
import { InFlight } from '../pipeline/in-flight.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { inject, type InjectOptions, type InjectResult } from './inject.ts'
import { createSettings, DEFAULT_PORT, isPort, readOptions, type ServerOptions } from './options.ts'
import { listRoutes } from './list-routes.ts'
import { ignoreSignals, stopOnSignal } from './signals.ts'

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
  readonly #startupHooks: LifecycleHook[] = []
  readonly #shutdownHooks: LifecycleHook[] = []
  readonly #services = new Map<string, unknown>()
  #address: string
  #port: number | undefined
  #state: ServerState = 'created'
  #entrypoints: readonly Entrypoint[] = []
  #inProcess: HttpServer | undefined
  /** Read once by each request: to serve by other routes is to put another one here. */
  #dispatcher: Dispatcher | undefined
  #builtVersion = -1
  #opening: Promise<void> = Promise.resolve()
  #startingUp: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #resolveStopped!: () => void
  readonly #whenStopped = new Promise<void>((resolve) => (this.#resolveStopped = resolve))

  /** @throws ConfigError naming an option that doesn't exist or a value out of range */
  constructor(options: ServerOptions = {}) {
    const read = readOptions(options)
    const registry = new Registry(read)
    super(registry, { prefix: '', domains: undefined, groups: [] })
    this.name = read.name
    this.#options = read
    this.#registry = registry
    this.#settings = createSettings(read)
    this.#address = read.address
    this.#port = read.port
  }

  get state(): ServerState {
    return this.#state
  }

  get logger(): Logger {
    return this.#options.logger
  }

  /** The bound port of the first address; before the start, the one it will ask for. */
  get port(): number {
    return this.#entrypoints[0]?.port ?? (this.#addressesToOpen()[0]?.port as number)
  }

  /** All bound addresses, such as `127.0.0.1:8199` and `[::1]:8199`; none before the start. */
  get addresses(): readonly string[] {
    return this.#entrypoints.map((entrypoint) => entrypoint.address)
  }

  isReady(): boolean {
    return this.#state === 'ready'
  }

  /** @throws StateError once the server was started; ConfigError for what is no port */
  setPort(port: number): this {
    this.#checkCreated('setPort')
    if (!isPort(port)) throw new ConfigError(`a port is a whole number from 0 to 65535, not ${String(port)}`)
    this.#port = port
    return this
  }

  /** @throws StateError once the server was started; ConfigError for what is no address */
  setAddress(address: string): this {
    this.#checkCreated('setAddress')
    parseAddresses(address, DEFAULT_PORT)
    this.#address = address
    if (/:\d+\s*$/.test(address.split(',', 1)[0] as string)) this.#port = undefined
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
    this.#startupHooks.push(hook)
    return this
  }

  /** Runs after the last request, after the hooks registered before it; not when listening failed. */
  registerShutdownHook(hook: LifecycleHook): this {
    this.#shutdownHooks.push(hook)
    return this
  }

  clearStartupHooks(): this {
    this.#startupHooks.length = 0
    return this
  }

  clearShutdownHooks(): this {
    this.#shutdownHooks.length = 0
    return this
  }

  /** Makes SIGINT and SIGTERM stop the server; a second one meanwhile ends the process with the signal's exit code. */
  registerSignalHook(): this {
    if (this.#state !== 'stopped') stopOnSignal(this)
    return this
  }

  /**
   * Opens the listeners and runs the startup hooks; resolves when both is done.
   *
   * @throws StateError for a server that was started or stopped before; ListenError where it can't listen; what a
   * startup hook threw
   */
  async start(): Promise<void> {
    if (this.#state !== 'created') throw new StateError(`server "${this.name}" is ${this.#state}: it starts only once`)
    this.#state = 'preparing'
    this.#registry.isClosed = true
    try {
      this.#currentDispatcher()
      this.#opening = this.#open()
      await this.#opening
    } catch (error) {
      this.#state = 'stopped'
      ignoreSignals(this)
      throw error
    }
    // It may have been stopped meanwhile; `stop` then closes what was opened.
    if (this.#stopping !== undefined) {
      await this.#stopping
      throw new StateError(`server "${this.name}" was stopped while it started`)
    }
    this.#state = 'ready'
    this.#startingUp = this.#runStartupHooks()
    await this.#startingUp.finally(() => this.#stopping)
  }

  /** Starts, and resolves when the server has stopped, also while it started, and every shutdown hook has run. */
  async run(): Promise<void> {
    const isFirstStart = this.#state === 'created'
    try {
      await this.start()
    } catch (error) {
      const wasStopped = isFirstStart && error instanceof StateError && this.#stopping !== undefined
      if (!wasStopped) throw error
    }
    await this.#whenStopped
  }

  /**
   * Takes no new connections, lets requests in flight finish for `stopTimeout`, then runs the shutdown hooks.
   *
   * Every call gives the end of the same stop; it never rejects. In a hook of this server it resolves at once, since the
   * stop waits for the hook. It waits for handlers too: one that stops the server shouldn't await it.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return insideHook.getStore() === this ? Promise.resolve() : this.#stopping
  }

  /** Serves one request without a network, also before the start; over a connection in memory, by the same parser. */
  async inject(request: InjectOptions = {}): Promise<InjectResult> {
    if (this.#state === 'stopped') throw new StateError(`server "${this.name}" is stopped`)
    this.#inProcess ??= createHttpServer(this.#options, this.handle)
    return inject(this.#inProcess, request)
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
    const addresses = parseAddresses(this.#address, DEFAULT_PORT)
    return addresses.map((address, i) => (i === 0 ? { ...address, port: this.#port ?? address.port } : address))
  }

  /** Opens all addresses or none. */
  async #open(): Promise<void> {
    const hasWebSockets = this.#registry.webSockets.length > 0
    if (hasWebSockets) await preloadWebSockets()
    const upgradeListener = hasWebSockets ? this.handleUpgrade : undefined
    const opened: Entrypoint[] = []
    try {
      for (const address of this.#addressesToOpen()) {
        opened.push(await Entrypoint.open(address, this.#options, this.handle, upgradeListener))
      }
    } catch (error) {
      await Promise.all(opened.map((entrypoint) => entrypoint.close(0)))
      throw error
    }
    this.#entrypoints = opened
  }

  async #stop(): Promise<void> {
    this.#state = 'stopped'
    this.#registry.isClosed = true
    const isOpen = await this.#opening.then(
      () => this.#entrypoints.length > 0,
      () => false,
    )
    const { stopTimeout } = this.#options
    const deadline = performance.now() + stopTimeout
    await within(
      stopTimeout,
      this.#startingUp.catch(() => {}),
    )
    await Promise.all([
      this.#settings.openStreams.close(stopTimeout),
      ...this.#entrypoints.map((entrypoint) => entrypoint.close(stopTimeout)),
    ])
    await within(Math.max(deadline - performance.now(), CLOSE_EVENTS_MS), this.#inFlight.whenIdle())
    if (isOpen) await this.#runShutdownHooks()
    ignoreSignals(this)
    this.#resolveStopped()
  }

  async #runStartupHooks(): Promise<void> {
    try {
      for (const hook of this.#startupHooks) {
        await insideHook.run(this, async () => hook(this))
        if (this.#stopping !== undefined) return
      }
    } catch (error) {
      void this.stop()
      throw error
    } finally {
      // Following every promise has its price; requests are not to pay it.
      insideHook.disable()
    }
  }

  async #runShutdownHooks(): Promise<void> {
    for (const hook of this.#shutdownHooks) {
      try {
        await insideHook.run(this, async () => hook(this))
      } catch (error) {
        this.logger.error('A shutdown hook failed', { error })
      }
    }
  }

  #checkCreated(call: string): void {
    if (this.#state !== 'created') throw new StateError(`${call}: server "${this.name}" is ${this.#state} already`)
  }
}

/** The server whose startup or shutdown hook is running: in it, nobody can wait for the end of a stop. */
const insideHook = new AsyncLocalStorage<Server>()

// What is left once all connections have ended: close events, and functions that run on although their client is gone.
const CLOSE_EVENTS_MS = 2000

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Application, RouteInfo, ServerState } from '../http/application.ts'
import { checkFunction } from '../base/check-function.ts'
import { StateError } from '../base/errors.ts'
import type { WorkerScope } from '../base/workers.ts'
import type { Logger } from '../log/logger.ts'
import { Routes } from '../binding/routes.ts'
import type { EntryPoint } from '../entrypoint/entry-point.ts'
import type { EntryPointOptions } from '../entrypoint/entry-point-options.ts'
import type { ServerHandler } from '../entrypoint/handler/server-handler.ts'
import type { ObserverStatus } from '../entrypoint/observers/observer.ts'
import { runAsNoRequest } from '../observe/current-request.ts'
import type { Layer } from '../layers/layer.ts'
import type { SwitchEvents, SwitchListener } from '../layers/switch-events.ts'
import { type Duration, readDuration } from '../options/option-kinds.ts'
import type { Component } from './component.ts'
import { inject, type InjectOptions, type InjectResult, readInjectOptions } from './inject.ts'
import { Lifecycle } from './lifecycle.ts'
import { readServerOptions, type ServerOptions } from './options.ts'
import { tellOfServer } from './server-diagnostics.ts'
import { ServerResources } from './server-resources.ts'
import { keepInside } from './server-inside.ts'
import { Serving } from './serving.ts'

/** A function that runs when the server has started or stopped. */
export type LifecycleHook = (server: Server) => unknown

/**
 * A server and what is registered on it.
 *
 * Its state is `created`, then `preparing` while it opens its listeners, `ready` while it serves, and `stopped`. It never
 * goes back.
 */
export class Server extends ServerResources implements Application {
  readonly #serving: Serving
  readonly #lifecycle: Lifecycle<Server>

  /** @throws ConfigError naming an option that doesn't exist or a value out of range */
  constructor(options: ServerOptions = {}) {
    const read = readServerOptions(options)
    const routes = new Routes(read)
    super(routes.binder, read, () => this.#serving)
    this.#serving = new Serving(this, routes, read)
    this.#lifecycle = new Lifecycle<Server>(this, this.#serving)
    if (this.#serving.admin !== undefined) this.install(this.#serving.admin)
    keepInside(this, this.#serving)
    void tellOfServer(this, 'create')
  }

  get state(): ServerState {
    return this.#lifecycle.state
  }

  /** The logger of the options, or the default. It takes a message and fields, also if it writes to pino. */
  get logger(): Logger {
    return this.#serving.logger
  }

  /** Which of several processes that run the application this one is; `undefined` where it runs alone. */
  get scope(): WorkerScope | undefined {
    return this.#serving.member?.scope
  }

  /** @internal The scheme of its addresses. */
  get scheme(): 'http' | 'https' {
    return this.#serving.entryPoints.isFirstSecure ? 'https' : 'http'
  }

  /** The bound port of the first address, 0 for a Unix socket. Before the start, the port that it is configured for. */
  get port(): number {
    const { listeners, firstConfigured } = this.#serving.entryPoints
    return listeners[0]?.port ?? ('port' in firstConfigured ? firstConfigured.port : 0)
  }

  /** All bound addresses, in the order of the entry points, such as `127.0.0.1:8199`, `[::1]:8199` and `unix:/run/app.sock`; none before the start. */
  get addresses(): readonly string[] {
    return this.#serving.entryPoints.listeners.map((listener) => listener.address)
  }

  /**
   * The servers of `node:http`, `node:https` and `node:http2` behind the open addresses, in the order of `addresses`, for guests that
   * want such a server. None before the start; entry points that are replaced have others.
   *
   * They stay tribind's: don't close them, nor change their limits, nor remove listeners. A listener for `upgrade` gets all requests
   * for another protocol, also those that are none of its business: prefer `bindUpgrade`.
   */
  get httpServers(): readonly (HttpServer | HttpsServer | Http2SecureServer)[] {
    return this.#serving.entryPoints.listeners.flatMap(({ httpServer }) => httpServer ?? [])
  }

  /**
   * Returns the first bound address as `node:http` does, for test tools that take such a server, as supertest does.
   *
   * @throws StateError while nothing is listened on: such a tool would start the server itself; pass it `handle` instead
   */
  address(): AddressInfo | string {
    const [first] = this.#serving.entryPoints.listeners
    if (first !== undefined && this.state !== 'stopped') return first.bound
    throw new StateError(
      `address() needs a running server, and server "${this.name}" is ${this.state}: start it first, or pass "server.handle" to tools that start a server themselves`,
      { failure: 'ERR_TRIBIND_SERVER_NOT_RUNNING' },
    )
  }

  /** @internal Resolves when nothing is running for any request, its close events included. */
  whenIdle(): Promise<void> {
    return this.#serving.whenIdle()
  }

  /** @internal Makes it listen nowhere. Returns what serves at entry points of another server, as their `handler`, once this one is started. */
  asHandler(): ServerHandler {
    this.#lifecycle.leaveSignals('asHandler')
    return this.#serving.asHandler()
  }

  isReady(): boolean {
    return this.state === 'ready'
  }

  /**
   * Sets the port of the first address of the entry point `default`, and of its addresses without a port.
   *
   * @throws StateError after the start; ConfigError for a value that isn't a port
   */
  setPort(port: number): this {
    this.#lifecycle.checkCreated('setPort')
    this.#serving.entryPoints.setPort(port)
    return this
  }

  /**
   * Sets where the entry point `default` listens. If the first address names a port, that replaces the one set before.
   *
   * @throws StateError after the start; ConfigError for a value that isn't an address
   */
  setAddress(address: string): this {
    this.#lifecycle.checkCreated('setAddress')
    this.#serving.entryPoints.setAddress(address)
    return this
  }

  /** Returns an entry point; what is bound there serves there only. @throws ConfigError for a name that isn't in the options */
  entryPoint(name: string): EntryPoint {
    return this.#serving.entryPoints.get(name)
  }

  /** Returns all entry points, also those that are closed, in the order in which they open. */
  entryPoints(): readonly EntryPoint[] {
    return this.#serving.entryPoints.all
  }

  /** Returns how deliveries go to each observer of each entry point, as a copy. */
  observers(): readonly ObserverStatus[] {
    return this.#serving.entryPoints.observers
  }

  /**
   * Opens an entry point while the server is ready. Resolves when it listens and serves.
   *
   * @throws ListenError if it can't listen; CommandError if a command of `preUp` or `postUp` fails whose `onFailure` is `abort`;
   * ConfigError for a wrong option, and for a name that is open already; StateError while the server isn't ready. Nothing has
   * changed then.
   */
  async openEntryPoint(name: string, options: EntryPointOptions | string): Promise<void> {
    this.#lifecycle.checkReady('openEntryPoint')
    await runAsNoRequest(() => this.#serving.entryPoints.open(name, options))
  }

  /**
   * Closes an entry point: it accepts no more connections, lets its requests finish, and cuts what is left after a time. All
   * others go on, and the server stays ready. A handler that is served there must not await it.
   *
   * @param timeout in milliseconds, or a text such as `10s`. Default: `stopTimeout`.
   * @returns how many connections were cut
   * @throws ConfigError for a name that isn't known; StateError while the server isn't ready
   */
  async closeEntryPoint(name: string, timeout?: Duration): Promise<{ readonly cut: number }> {
    this.#lifecycle.checkReady('closeEntryPoint')
    const timeoutMs = timeout === undefined ? this.#serving.stopTimeout : readDuration('closeEntryPoint', timeout)
    return { cut: await runAsNoRequest(() => this.#serving.entryPoints.close(name, timeoutMs)) }
  }

  /**
   * Opens an entry point with other options in its place, before it is closed; at the same address the socket stays open.
   * Resolves when it serves by the new options. Requests under way end as they began: at an address that is given up within
   * `stopTimeout`, at one that stays however long they take. Port 0 always takes a new port.
   *
   * @param options all of them: those that aren't given have their defaults, whatever they were before
   *
   * @throws as `openEntryPoint`; ConfigError for a name that isn't open
   */
  async replaceEntryPoint(name: string, options: EntryPointOptions | string): Promise<void> {
    this.#lifecycle.checkReady('replaceEntryPoint')
    await runAsNoRequest(() => this.#serving.entryPoints.replace(name, options))
  }

  /** Calls the function with this server, for applications that keep their routes in one place. */
  registerRoutes(register: (server: this) => void): this {
    checkFunction('registerRoutes', register)(this)
    return this
  }

  /** Lists what is registered: routes, WebSockets, static folders, hooks and status handlers, each in matching order, then middleware. */
  routes(): RouteInfo[] {
    return this.#serving.layers.listing.routes()
  }

  /** The version of what is bound: 1 at first, and one higher for each replacement or removal of a layer. */
  get version(): number {
    return this.#serving.layers.version
  }

  /**
   * Returns the layer of a name: routes, hooks and middleware that can be replaced while the server serves. What is bound on
   * the server itself is the layer `code`.
   *
   * @throws ConfigError for anything but a non-empty string
   */
  layer(name: string): Layer {
    return this.#serving.layers.layer(name)
  }

  /** Lists the layers that have something, in the order of their first replacement; `code` is the first. */
  layers(): Layer[] {
    return this.#serving.layers.layers()
  }

  /**
   * Calls a function at each event: `switched` to another version, `refused` to replace a layer, `retired` when nothing runs
   * by a version any more.
   *
   * @throws ConfigError for another event, and for anything but a function
   */
  on<Name extends keyof SwitchEvents>(event: Name, listener: SwitchListener<Name>): this {
    this.#serving.layers.events.on(event, listener)
    return this
  }

  /** Calls the function no more. */
  off<Name extends keyof SwitchEvents>(event: Name, listener: SwitchListener<Name>): this {
    this.#serving.layers.events.off(event, listener)
    return this
  }

  /**
   * Adds a component. Components start before the server listens, in the order in which they were installed, and stop after
   * the shutdown hooks, in reverse.
   *
   * @throws StateError after the start; ConfigError for a value that isn't a component
   */
  install(component: Component): this {
    this.#lifecycle.checkCreated('install')
    this.#lifecycle.components.install(component)
    return this
  }

  /** Registers a hook that runs when requests are served, after those registered before it. If it throws, the server stops. */
  registerStartupHook(hook: LifecycleHook): this {
    this.#lifecycle.startupHooks.push(checkFunction('registerStartupHook', hook))
    return this
  }

  /** Registers a hook that runs after the last request, after those registered before it, but not if listening failed. */
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

  /** Makes SIGINT and SIGTERM stop the server. A second signal meanwhile ends the process with the signal's exit code. */
  registerSignalHook(): this {
    this.#lifecycle.stopOnSignal()
    return this
  }

  /**
   * Starts the components, opens the listeners and runs the startup hooks. Resolves when all is done.
   *
   * @throws StateError if the server was started or stopped before, or is stopped meanwhile; ListenError if it can't listen; and
   * what a component or a startup hook threw
   */
  start(): Promise<void> {
    return this.#lifecycle.start()
  }

  /** Starts, and resolves when the server has stopped, also while it started, and every shutdown hook has run. */
  run(): Promise<void> {
    return this.#lifecycle.run()
  }

  /**
   * Accepts no new connections, lets requests in flight finish for `stopTimeout`, then runs the shutdown hooks and stops the components.
   *
   * Every call returns the same promise, which never rejects. In a hook of this server it resolves at once, since the stop waits
   * for the hook. The stop waits for handlers too: a handler that stops the server must not await it.
   */
  stop(): Promise<void> {
    return this.#lifecycle.stop()
  }

  /** Serves one request over a connection in memory, by the same parser as over a network, also before the start. */
  async inject(request: InjectOptions | string = {}): Promise<InjectResult> {
    if (this.state === 'stopped')
      throw new StateError(`inject: server "${this.name}" is stopped`, { failure: 'ERR_TRIBIND_SERVER_STOPPED' })
    const options = readInjectOptions(request)
    const loading = this.#serving.chains.load()
    if (loading !== undefined) await loading
    const { server, isSecure } = this.#serving.inProcess(options.entryPoint)
    return runAsNoRequest(() => inject(server, options, isSecure))
  }

  /** A request listener of `node:http`, bound to this server. It mounts the application in another server. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#serving.handle(request, response)
  }

  /**
   * A listener for `upgrade` of `node:http`, bound to this server. With `handle`, it mounts an application with WebSockets in
   * another server.
   */
  readonly handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.#serving.handleUpgrade(request, socket, head)
  }
}

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Tasks } from '../base/tasks.ts'
import type { Routes } from '../binding/routes.ts'
import { type Cut, Entrypoint } from '../entrypoint/entrypoint.ts'
import { createHttpServer } from '../entrypoint/http-server.ts'
import type { Listener } from '../entrypoint/listener.ts'
import type { SharedSettings } from '../entrypoint/traffic.ts'
import type { Application } from '../http/application.ts'
import { Inflating } from '../http/body/inflate.ts'
import { Layers } from '../layers/layers.ts'
import type { Logger } from '../log/logger.ts'
import { accessLog } from '../observe/access-log.ts'
import { allowCurrentRequest, asynchronousContext } from '../observe/current-request.ts'
import { diagnostics } from '../observe/diagnostics.ts'
import type { RequestObserver } from '../observe/request-observer.ts'
import { preloadWebSockets } from '../websocket/web-socket-endpoint.ts'
import { parseTrust } from '../net/proxy-trust.ts'
import { Views } from '../view/views.ts'
import { ServerSessions } from '../session/sessions.ts'
import { announce } from './announce.ts'
import { BaseContexts } from './base-contexts.ts'
import { ConfiguredAddresses } from './configured-addresses.ts'
import { InProcess } from './in-process.ts'
import type { LifecycleTarget } from './lifecycle.ts'
import type { ReadServerOptions } from './options.ts'

/** Serves the requests of a server: with its dispatcher, at its entry points, and those that are injected or mounted. */
export class Serving implements LifecycleTarget {
  readonly name: string
  readonly logger: Logger
  readonly stopTimeout: number
  readonly addresses: ConfiguredAddresses
  readonly #server: Application
  readonly #options: ReadServerOptions
  readonly #routes: Routes
  readonly #baseContexts: BaseContexts | undefined
  readonly #settings: SharedSettings
  readonly #layers: Layers
  readonly #inProcess: InProcess
  #inMemory: HttpServer | undefined
  #entrypoints: readonly Entrypoint[] = []

  constructor(server: Application, routes: Routes, options: ReadServerOptions) {
    const { address, port, baseContext } = options
    this.name = options.name
    this.logger = options.logger
    this.stopTimeout = options.stopTimeout
    this.addresses = new ConfiguredAddresses(address, port)
    this.#server = server
    this.#options = options
    this.#routes = routes
    const baseContexts = baseContext && new BaseContexts(baseContext, () => this.addresses.first)
    this.#baseContexts = baseContexts
    this.#settings = createSettings(options)
    if (options.useAsyncLocalStorage) allowCurrentRequest()
    this.#layers = this.#createLayers()
    this.#inProcess = new InProcess('default', this.#layers, ({ current, dispatcher }) => ({
      ...this.#settings,
      traffic: current,
      version: dispatcher.version,
      baseContext: baseContexts && (() => baseContexts.first),
    }))
  }

  /** Whether requests come in over TLS. */
  get isSecure(): boolean {
    return this.#options.https !== undefined
  }

  /** The open listeners, that of the first address first. */
  get listeners(): readonly Listener[] {
    return this.#entrypoints.flatMap((entrypoint) => entrypoint.listeners)
  }

  /** A server that doesn't listen, for connections in memory, where no upgrade is possible. */
  get inProcess(): HttpServer {
    this.#inMemory ??= createHttpServer(this.#options, {
      request: (raw, rawResponse) => this.handle(raw, rawResponse),
      connect: (raw, socket, head) => this.#inProcess.handleConnect(raw, socket as Socket, head),
    })
    return this.#inMemory
  }

  /** Serves a request that another server received. */
  handle(raw: IncomingMessage, rawResponse: ServerResponse): void {
    this.#inProcess.handle(raw, rawResponse)
  }

  handleUpgrade(raw: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#inProcess.handleUpgrade(raw, socket as Socket, head)
  }

  prepare(): void {
    // If the dispatcher can't be built from the routes, the start fails before anything listens.
    this.#layers.freeze()
    const baseContexts = this.#baseContexts
    const options = {
      ...this.#options,
      addresses: this.addresses.all,
      settings: this.#settings,
      openBaseContext: baseContexts && ((address: string) => baseContexts.open(address)),
    }
    this.#entrypoints = [new Entrypoint('default', this.#layers, options)]
    for (const warning of this.#routes.warnings) this.logger.warn(warning)
  }

  async open(): Promise<void> {
    if (this.#entrypoints.some(({ hasWebSockets }) => hasWebSockets)) await preloadWebSockets()
    try {
      for (const entrypoint of this.#entrypoints) await entrypoint.open()
    } catch (error) {
      await this.close(0)
      this.#entrypoints = []
      throw error
    }
    announce(this.#server, this.listeners, this.#options.dumpRoutes)
  }

  drain(): void {
    this.#routes.freeze()
    for (const entrypoint of this.#entrypoints) entrypoint.drain()
    this.#inProcess.traffic.drain()
  }

  async close(timeoutMs: number): Promise<readonly Cut[]> {
    const closing = this.#entrypoints.map((entrypoint) => entrypoint.close(timeoutMs))
    await this.#inProcess.traffic.endStreams(timeoutMs)
    return (await Promise.all(closing)).flat()
  }

  async whenIdle(): Promise<void> {
    const places = [this.#inProcess.traffic, ...this.#entrypoints.map((entrypoint) => entrypoint.traffic)]
    while (!places.every((place) => place.isIdle)) await Promise.all(places.map((place) => place.whenIdle()))
  }

  #createLayers(): Layers {
    const { strictDomains, methodNotAllowed, maxHeadersCount, maxPendingCloses } = this.#options
    return new Layers(this.#routes, {
      server: this.#server,
      closing: new Tasks({ max: maxPendingCloses, onFull: () => this.#warnOfPendingCloses() }),
      hasSessions: this.#settings.sessions !== undefined,
      strictDomains,
      methodNotAllowed,
      maxHeadersCount: maxHeadersCount || Infinity,
      observers: chooseObservers(this.#options),
    })
  }

  #warnOfPendingCloses(): void {
    const { maxPendingCloses } = this.#options
    this.logger.warn('Close events take too long: requests that have some are answered 503 until fewer are pending', {
      maxPendingCloses,
    })
  }
}

function chooseObservers({
  accessLog: isLogging,
  useAsyncLocalStorage,
}: ReadServerOptions): readonly RequestObserver[] {
  return [...(isLogging ? [accessLog] : []), ...(useAsyncLocalStorage ? [asynchronousContext] : []), diagnostics]
}

/** Returns the settings of each request that follow from the options. */
export function createSettings(options: ReadServerOptions): SharedSettings {
  return {
    logger: options.logger,
    useAsyncLocalStorage: options.useAsyncLocalStorage,
    trustsProxy: parseTrust(options.trustProxy),
    maxBodySize: options.maxBodySize,
    inflating: options.inflate === false ? undefined : new Inflating(options.inflate),
    upload: options.upload,
    views: new Views(options.view),
    sessions: options.session && new ServerSessions(options.session),
    cookieSecrets: [options.cookieSecret ?? []].flat(),
  }
}

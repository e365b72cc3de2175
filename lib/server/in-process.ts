import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ContextBase } from '../base/context.ts'
import { within } from '../base/within.ts'
import type { ReadEntryPointOptions } from '../entrypoint/entry-point-options.ts'
import { bindingsOf } from '../entrypoint/handler/handler-option.ts'
import { limitsOf } from '../entrypoint/http-limits.ts'
import { createHttpServer } from '../entrypoint/http-server.ts'
import type { SharedSettings } from '../entrypoint/traffic.ts'
import { VersionedTraffic } from '../entrypoint/versioned-traffic.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import type { RetiredTraffic, SwitchTarget } from '../layers/switch-target.ts'
import type { Layers } from '../layers/layers.ts'
import type { Bindings, Dispatcher } from '../pipeline/dispatcher.ts'

/** What requests in process have from their server and from the entry point as at which they are served. */
export interface InProcessEnvironment {
  readonly layers: Layers
  readonly settings: SharedSettings
  /** Returns what the contexts of requests inherit from, or `undefined`. */
  readonly baseContext: (() => ContextBase | undefined) | undefined
  /** Returns the options of the entry point, as they are now. */
  readonly options: () => ReadEntryPointOptions
}

/** Serves the requests that are injected or mounted, as at an entry point. */
export class InProcess implements SwitchTarget {
  readonly entryPoint: string
  readonly traffic: VersionedTraffic
  readonly #environment: InProcessEnvironment
  #options: ReadEntryPointOptions
  #instead: Bindings | undefined
  #settings: RequestSettings
  #server: HttpServer | undefined

  constructor(entryPoint: string, environment: InProcessEnvironment) {
    this.entryPoint = entryPoint
    this.#environment = environment
    this.#options = environment.options()
    this.#instead = bindingsOf(this.#options.handler)
    this.traffic = new VersionedTraffic(environment.layers.attach(this))
    this.#settings = this.#createSettings()
  }

  get inherits(): boolean {
    return this.#options.inherits
  }

  get instead(): Bindings | undefined {
    return this.#instead
  }

  /** Whether requests come in over TLS at the entry point. */
  get isSecure(): boolean {
    return this.#environment.options().https !== undefined
  }

  /** A server that doesn't listen, for connections in memory, where no upgrade is possible. */
  get server(): HttpServer {
    this.#settle()
    this.#server ??= createHttpServer(
      { ...limitsOf(this.#options), logger: this.#settings.logger },
      {
        request: (raw, rawResponse) => this.handle(raw, rawResponse),
        connect: (raw, socket, head) => {
          this.#settle()
          this.traffic.dispatcher.handleConnect(raw, socket as Socket, head, this.#settings)
        },
      },
    )
    return this.#server
  }

  switchTo(dispatcher: Dispatcher): RetiredTraffic {
    const before = this.traffic.switchTo(dispatcher)
    this.#settings = this.#createSettings()
    return before
  }

  handle(raw: IncomingMessage, rawResponse: ServerResponse): void {
    this.#settle()
    this.traffic.dispatcher.handle(raw, rawResponse, this.#settings)
  }

  handleUpgrade(raw: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#settle()
    this.traffic.dispatcher.handleUpgrade(raw, socket, head, this.#settings)
  }

  /** Ends what is under way, as an entry point that closes. */
  async close(timeoutMs: number, graceMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    await this.traffic.endStreams(timeoutMs)
    await within(Math.max(deadline - performance.now(), graceMs), this.traffic.whenIdle())
  }

  /** Takes in what was bound, and options that the entry point has got, since the last request. */
  #settle(): void {
    const { layers } = this.#environment
    layers.settle()
    const options = this.#environment.options()
    if (options === this.#options) return
    this.#options = options
    this.#instead = bindingsOf(options.handler)
    this.#server = undefined
    layers.detach(this, this.traffic.current)
    this.switchTo(layers.attach(this))
  }

  #createSettings(): RequestSettings {
    const { settings, baseContext } = this.#environment
    const { current, dispatcher } = this.traffic
    return { ...settings, entryPoint: this.entryPoint, traffic: current, version: dispatcher.version, baseContext }
  }
}

import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { ContextBase } from '../base/context.ts'
import { Switch } from '../base/switch.ts'
import { Pipelines } from '../connection/queued-responses.ts'
import type { Layers } from '../layers/layers.ts'
import type { SwitchTarget } from '../layers/switch-target.ts'
import type { Address } from '../net/address.ts'
import type { Dispatcher } from '../pipeline/dispatcher.ts'
import type { CreateServer, HttpServerOptions } from './http-server.ts'
import { type AddressListeners, Listener } from './listener.ts'
import type { HttpsOptions } from './tls/https-options.ts'
import { prepareTls } from './tls/prepare-tls.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import type { SharedSettings, Traffic } from './traffic.ts'
import { VersionedTraffic } from './versioned-traffic.ts'

export interface EntrypointOptions extends Omit<HttpServerOptions, 'create'> {
  readonly addresses: readonly Address[]
  /** `undefined` without TLS. */
  readonly https?: HttpsOptions | undefined
  readonly http2?: boolean
  readonly settings: SharedSettings
  /** Returns what the contexts of requests inherit from, for each address as bound. If it throws, opening fails. */
  readonly openBaseContext?: ((address: string) => ContextBase) | undefined
}

/** Connections that had to be cut, and the address that accepted them. */
export interface Cut {
  readonly address: string
  readonly connections: number
}

/** What the requests of a listener are served with. */
interface Served {
  readonly dispatcher: Dispatcher
  readonly settings: RequestSettings
}

/** A name, its addresses, the dispatcher that serves their requests, and the work under way for them. */
export class Entrypoint implements SwitchTarget {
  readonly name: string
  readonly inherits: boolean = true
  readonly traffic: VersionedTraffic
  readonly #options: EntrypointOptions
  readonly #listeners: Listener[] = []
  /** Makes each listener serve with the dispatcher and the traffic in use. */
  readonly #refresh: (() => void)[] = []

  constructor(name: string, layers: Pick<Layers, 'attach'>, options: EntrypointOptions) {
    this.name = name
    this.#options = options
    this.traffic = new VersionedTraffic(layers.attach(this))
  }

  get entryPoint(): string {
    return this.name
  }

  /** Whether requests may go over to a WebSocket. */
  get hasWebSockets(): boolean {
    return this.traffic.dispatcher.hasWebSockets
  }

  /** The open listeners, in the order of the addresses. */
  get listeners(): readonly Listener[] {
    return this.#listeners
  }

  /**
   * Opens all addresses or none: if one can't be opened, those already open are closed.
   *
   * @throws ListenError naming the address; ConfigError for a key or certificate that can't be read
   */
  async open(): Promise<void> {
    const { addresses, https, http2 = false, logger } = this.#options
    const create = https && (await prepareTls({ https, http2, logger }))
    try {
      for (const address of addresses) await this.#listen(address, create)
    } catch (error) {
      await this.close(0)
      this.#listeners.length = 0
      throw error
    }
  }

  /** Serves all requests whose head arrives from now on with another dispatcher. Returns the work under way. */
  switchTo(dispatcher: Dispatcher): Traffic {
    const before = this.traffic.switchTo(dispatcher)
    for (const refresh of this.#refresh) refresh()
    for (const listener of this.#listeners) listener.handOverUpgrades(dispatcher.hasWebSockets)
    return before
  }

  /** Makes connections end with their responses. New connections are still accepted. */
  drain(): void {
    this.traffic.drain()
  }

  /**
   * Accepts no more connections and resolves when the last has ended.
   *
   * @returns those that hadn't ended after `timeoutMs` and were cut
   */
  async close(timeoutMs: number): Promise<readonly Cut[]> {
    this.drain()
    // The listeners first: they count open streams among their connections before these are cut.
    const closing = this.#listeners.map(async (listener) => {
      const connections = await listener.close(timeoutMs)
      return { connections, address: listener.address }
    })
    await this.traffic.endStreams(timeoutMs)
    return (await Promise.all(closing)).filter(({ connections }) => connections > 0)
  }

  async #listen(address: Address, create: CreateServer | undefined): Promise<void> {
    const { openBaseContext, settings: shared, addresses: _addresses, https: _https, ...http } = this.#options
    let base: ContextBase | undefined
    const baseContext = openBaseContext && (() => base)
    const { traffic } = this
    const createServed = (): Served => {
      const { dispatcher, current } = traffic
      return { dispatcher, settings: { ...shared, traffic: current, version: dispatcher.version, baseContext } }
    }
    const served = new Switch(createServed())
    this.#refresh.push(() => served.set(createServed()))
    const serve: RequestListener = (raw, rawResponse) => {
      const { dispatcher, settings } = served.current
      dispatcher.handle(raw, rawResponse, settings)
    }
    const pipelines = new Pipelines(http.maxPipelinedRequests ?? Infinity, serve)
    const listeners: AddressListeners = {
      // The turn of nearly all responses has come already.
      request: (raw, rawResponse) =>
        rawResponse.socket === null ? pipelines.add(raw, rawResponse) : serve(raw, rawResponse),
      connect: (raw, socket, head) => {
        const { dispatcher, settings } = served.current
        dispatcher.handleConnect(raw, socket as Socket, head, settings)
      },
      upgrade: (raw, socket, head) => {
        const { dispatcher, settings } = served.current
        dispatcher.handleUpgrade(raw, socket as Socket, head, settings)
      },
    }
    const listener = await Listener.open(address, { ...http, create }, listeners)
    this.#listeners.push(listener)
    listener.handOverUpgrades(traffic.dispatcher.hasWebSockets)
    base = openBaseContext?.(listener.address)
  }
}

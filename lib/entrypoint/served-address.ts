import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { ContextBase } from '../base/context.ts'
import { Pipelines } from '../connection/queued-responses.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { type Address, formatAddress, isUnixAddress } from '../net/address.ts'
import type { Dispatcher } from '../pipeline/dispatcher.ts'
import type { PlacedService } from './handler/connection-server.ts'
import type { HttpServerOptions } from './http-server.ts'
import { type AddressListeners, Listener, type ListenerWatch } from './listener.ts'
import type { Statistics } from './statistics.ts'

/** What requests at an address are served with, but for the base of their contexts. */
export interface Serving {
  readonly dispatcher: Dispatcher
  readonly settings: Omit<RequestSettings, 'baseContext'>
  /** What serves the connections, so that there are no requests. */
  readonly placed?: PlacedService | undefined
}

/** Returns what the contexts of requests inherit from, for an address as bound. */
export type OpenBaseContext = (address: string) => ContextBase

/** An address of an entry point: what listens there, and what serves what comes in. */
export class ServedAddress {
  readonly #configured: Address
  readonly #openBase: OpenBaseContext | undefined
  readonly #placed: PlacedService | undefined
  #served: { readonly dispatcher: Dispatcher; readonly settings: RequestSettings }
  #base: ContextBase | undefined
  #listener: Listener | undefined

  constructor(configured: Address, serving: Serving, openBase: OpenBaseContext | undefined) {
    this.#configured = configured
    this.#openBase = openBase
    this.#placed = serving.placed
    this.#served = this.#complete(serving)
  }

  /** `undefined` while nothing listens there. */
  get listener(): Listener | undefined {
    return this.#listener
  }

  /** `undefined` before it is bound, and without `openBase`. */
  get base(): ContextBase | undefined {
    return this.#base
  }

  get configured(): Address {
    return this.#configured
  }

  /** Whether it listens at an address, as that is configured or bound. Port 0 is always a new one. */
  listensAt(address: Address): boolean {
    if (this.#listener === undefined || (!isUnixAddress(address) && address.port === 0)) return false
    const names = namesOf(address)
    return names.includes(this.#listener.address) || names.includes(formatAddress(this.#configured))
  }

  /** Serves all requests whose head arrives from now on with something else. */
  switchTo(serving: Serving): void {
    this.#served = this.#complete(serving)
    this.#listener?.handOverUpgrades(serving.dispatcher.takesUpgrades)
  }

  /** Opens the listener. @throws ListenError; and what `openBase` throws, with the listener open */
  async listen(options: HttpServerOptions, watch: ListenerWatch): Promise<void> {
    this.#listener = await Listener.open(this.#configured, options, this.#listenersFor(options, watch))
    this.#listener.handOverUpgrades(this.#served.dispatcher.takesUpgrades)
    this.#base = this.#openBase?.(this.#listener.address)
  }

  /** Goes on in place of another one, whose socket it takes. */
  takeOver(other: ServedAddress, options: HttpServerOptions, watch: ListenerWatch): void {
    this.#listener = Listener.takeOver(other.#listener as Listener, options, this.#listenersFor(options, watch))
    const isOfSameServer = this.#openBase === other.#openBase
    this.#base = isOfSameServer ? other.#base : this.#openBase?.(this.#listener.address)
    this.#listener.handOverUpgrades(this.#served.dispatcher.takesUpgrades)
  }

  #complete({ dispatcher, settings }: Serving): { dispatcher: Dispatcher; settings: RequestSettings } {
    return { dispatcher, settings: { ...settings, baseContext: this.#openBase && (() => this.#base) } }
  }

  #listenersFor(options: HttpServerOptions, watch: ListenerWatch): AddressListeners {
    const { maxPipelinedRequests = Infinity, statistics } = options
    const serve: RequestListener = (raw, rawResponse) => {
      const { dispatcher, settings } = this.#served
      dispatcher.handle(raw, rawResponse, settings)
    }
    const pipelines = new Pipelines(maxPipelinedRequests, serve)
    const listeners: AddressListeners = {
      ...watch,
      placed: this.#placed,
      // The turn of nearly all responses has come already.
      request: (raw, rawResponse) =>
        rawResponse.socket === null ? pipelines.add(raw, rawResponse) : serve(raw, rawResponse),
      connect: (raw, socket, head) => {
        const { dispatcher, settings } = this.#served
        dispatcher.handleConnect(raw, socket as Socket, head, settings)
      },
      upgrade: (raw, socket, head) => {
        const { dispatcher, settings } = this.#served
        const isServed = dispatcher.handleUpgrade(raw, socket as Socket, head, settings)
        // Any other comes in again as a plain request.
        if (isServed) statistics?.arrivedForUpgrade()
      },
    }
    return statistics === undefined ? listeners : counting(listeners, statistics)
  }
}

/** Returns listeners that count what they take before they pass it on. */
function counting(listeners: AddressListeners, statistics: Statistics): AddressListeners {
  const { request, connect } = listeners
  return {
    ...listeners,
    request(raw, response) {
      statistics.arrived(raw, response)
      request(raw, response)
    },
    connect(raw, socket, head) {
      statistics.arrivedForUpgrade()
      connect(raw, socket, head)
    },
  }
}

/** Returns an address as it is configured, and as it is bound where that is known before. */
function namesOf(address: Address): string[] {
  const isEveryInterface = !isUnixAddress(address) && address.host === undefined
  return [formatAddress(address), ...(isEveryInterface ? [formatAddress({ ...address, host: '::' })] : [])]
}

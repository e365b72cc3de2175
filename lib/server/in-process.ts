import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RetiredTraffic, SwitchTarget } from '../layers/switch-target.ts'
import type { Layers } from '../layers/layers.ts'
import { VersionedTraffic } from '../entrypoint/versioned-traffic.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import type { Dispatcher } from '../pipeline/dispatcher.ts'

/** Serves the requests that are injected or mounted, as at an entry point. */
export class InProcess implements SwitchTarget {
  readonly entryPoint: string | undefined
  readonly inherits: boolean = true
  readonly traffic: VersionedTraffic
  readonly #layers: Layers
  readonly #createSettings: (traffic: VersionedTraffic) => RequestSettings
  #settings: RequestSettings

  /** @param createSettings returns the settings of the requests that arrive now */
  constructor(
    entryPoint: string | undefined,
    layers: Layers,
    createSettings: (traffic: VersionedTraffic) => RequestSettings,
  ) {
    this.entryPoint = entryPoint
    this.#layers = layers
    this.#createSettings = createSettings
    this.traffic = new VersionedTraffic(layers.attach(this))
    this.#settings = createSettings(this.traffic)
  }

  switchTo(dispatcher: Dispatcher): RetiredTraffic {
    const before = this.traffic.switchTo(dispatcher)
    this.#settings = this.#createSettings(this.traffic)
    return before
  }

  handle(raw: IncomingMessage, rawResponse: ServerResponse): void {
    this.#layers.settle()
    this.traffic.dispatcher.handle(raw, rawResponse, this.#settings)
  }

  handleConnect(raw: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#layers.settle()
    this.traffic.dispatcher.handleConnect(raw, socket, head, this.#settings)
  }

  handleUpgrade(raw: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#layers.settle()
    this.traffic.dispatcher.handleUpgrade(raw, socket, head, this.#settings)
  }
}

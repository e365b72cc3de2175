import type { Socket } from 'node:net'
import type { Registry } from '../binding/registry.ts'
import type { HttpListeners } from '../entrypoint/http-server.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Dispatcher, type DispatcherEnvironment } from '../pipeline/dispatcher.ts'

/** The dispatcher of what is registered on a server: made when it is first needed, and anew when that has changed. */
export class CurrentDispatcher {
  readonly #registry: Registry
  readonly #options: DispatcherEnvironment
  #built: Dispatcher | undefined
  #builtVersion = -1

  constructor(registry: Registry, options: DispatcherEnvironment) {
    this.#registry = registry
    this.#options = options
  }

  /** Called once by each request: to serve by other routes is to put another one in its place. */
  get(): Dispatcher {
    if (this.#built === undefined || this.#builtVersion !== this.#registry.version) {
      this.#built = new Dispatcher(this.#registry, this.#options)
      this.#builtVersion = this.#registry.version
    }
    return this.#built
  }

  /** What takes the requests of an address, whose settings these are. */
  createListeners(settings: RequestSettings): HttpListeners {
    const upgrade: HttpListeners['upgrade'] = (request, socket, head) =>
      this.get().handleUpgrade(request, socket as Socket, head, settings)
    return {
      request: (request, response) => this.get().handle(request, response, settings),
      connect: (request, socket, head) => this.get().handleConnect(request, socket as Socket, head, settings),
      upgrade: this.#registry.webSockets.length > 0 ? upgrade : undefined,
    }
  }
}

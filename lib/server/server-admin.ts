import { Wing } from '../base/wing.ts'
import type { Member } from '../base/workers.ts'
import type { Application } from '../http/application.ts'
import type { Layers } from '../layers/layers.ts'
import type { RequestObserver } from '../observe/request-observer.ts'
import type { ReadAdminOptions } from './admin-options.ts'
import type { Component } from './component.ts'
import type { EntryPoints } from './entry-points.ts'
import type { ServerConfiguration } from './server-configuration.ts'

/** What the administration of a server is made with. */
export interface AdminParts {
  /** The `Server`. */
  readonly server: Application
  readonly options: ReadAdminOptions
  readonly configuration: ServerConfiguration
  readonly layers: () => Pick<Layers, 'listing' | 'explain'>
  readonly entryPoints: () => Pick<EntryPoints, 'check' | 'insideOf'>
  /** `undefined` where the process runs alone. */
  readonly member: Member | undefined
}

/** What the wing makes for a server. */
export interface AdminPort {
  /** Is told of each request of the server. */
  readonly observer: RequestObserver
  /** Listens. @throws ListenError */
  start(signal: AbortSignal): Promise<void>
  /** Ends all connections to it. */
  stop(): Promise<void>
}

/** Filled by `tribind/admin`. */
export const adminWing: Wing<(parts: AdminParts) => AdminPort> = new Wing('tribind/admin', 'the option "admin" needs')

/** The administration of a server: the first of its components to start, and the last to stop. */
export class ServerAdmin implements Component {
  readonly name = 'admin'
  readonly #parts: AdminParts
  #port: AdminPort | undefined

  constructor(parts: AdminParts) {
    this.#parts = parts
  }

  /** Is told of the requests from the start on. */
  readonly observer: RequestObserver = {
    started: (request) => this.#port?.observer.started?.(request),
    routed: (request) => this.#port?.observer.routed?.(request),
    served: (request) => this.#port?.observer.served?.(request),
    failed: (request, error, isAnswer) => this.#port?.observer.failed?.(request, error, isAnswer),
    closed: (request, isFinished) => this.#port?.observer.closed?.(request, isFinished),
  }

  async start(signal: AbortSignal): Promise<void> {
    const create = await adminWing.load()
    this.#port = create(this.#parts)
    await this.#port.start(signal)
  }

  async stop(): Promise<void> {
    await this.#port?.stop()
  }
}

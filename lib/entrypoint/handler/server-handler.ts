import type { Application } from '../../http/application.ts'
import type { LayerListing } from '../../layers/layer-listing.ts'
import type { Layers } from '../../layers/layers.ts'
import type { ReadLimits } from '../http-limits.ts'
import type { OpenBaseContext } from '../served-address.ts'
import type { SharedSettings } from '../traffic.ts'
import type { VersionedTraffic } from '../versioned-traffic.ts'

/** What the requests of an entry point have from the server that serves them. */
export interface ServedBy {
  readonly application: Application
  readonly layers: Pick<Layers, 'attach' | 'detach'> & { readonly listing: Pick<LayerListing, 'routes'> }
  readonly settings: SharedSettings
  /** Called once for each address when it is bound. If it throws, opening fails. */
  readonly openBaseContext?: OpenBaseContext | undefined
}

/** What else a mounted server says of itself. */
interface HandlerServerOptions {
  /** What the limits of the entry points default to. */
  readonly limits: ReadLimits
  /** In milliseconds. */
  readonly stopTimeout: number
}

/**
 * A server that serves at entry points of another one, and listens nowhere itself. All that is bound on it serves there, also what
 * is bound on its entry point of that name.
 */
export class ServerHandler {
  readonly servedBy: ServedBy
  readonly limits: ReadLimits
  readonly stopTimeout: number
  readonly #traffic = new Set<VersionedTraffic>()

  constructor(servedBy: ServedBy, { limits, stopTimeout }: HandlerServerOptions) {
    this.servedBy = servedBy
    this.limits = limits
    this.stopTimeout = stopTimeout
  }

  /** The work under way at the entry points. */
  get traffic(): readonly VersionedTraffic[] {
    return [...this.#traffic]
  }

  /** Takes note of an entry point that serves. */
  enter(traffic: VersionedTraffic): void {
    this.#traffic.add(traffic)
  }

  /** Takes note of one that serves no more, once nothing is under way there. */
  leave(traffic: VersionedTraffic): void {
    void traffic.whenOver().then(() => this.#traffic.delete(traffic))
  }
}

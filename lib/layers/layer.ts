import type { RouteInfo } from '../http/application.ts'
import type { LayerRoutes } from './layer-routes.ts'
import type { ReplaceOptions } from './replace-options.ts'

/**
 * Binds what a layer is to have.
 *
 * @param signal aborted if the server stops meanwhile
 */
export type LayerBuild = (routes: LayerRoutes, signal: AbortSignal) => unknown

/** What came of a replacement. */
export interface Replaced {
  /** The version of the server from then on; under `dryRun`, the one that it has. */
  readonly version: number
  /** What the layer has and didn't have before, as in `routes()`. */
  readonly added: readonly RouteInfo[]
  /** What the layer had and hasn't any more, as in `routes()` before. */
  readonly removed: readonly RouteInfo[]
  /** How long the build took, in milliseconds, including that of the route table. */
  readonly buildMs: number
  /**
   * Resolves when nothing runs by the version before. Never rejects. A handler that replaces a layer must not await it: its own
   * request is served by the version before.
   */
  readonly whenRetired: Promise<void>
}

/** What a layer asks of all layers. */
export interface LayerOwner {
  versionOf(layer: string): number
  routesOf(layer: string): RouteInfo[]
  replace(layer: string, build: LayerBuild, options: ReplaceOptions): Promise<Replaced>
  remove(layer: string, options: ReplaceOptions): Promise<Replaced>
}

/** Routes, hooks and middleware that are replaced together while the server serves; returned by `server.layer`. */
export class Layer {
  readonly name: string
  readonly #owner: LayerOwner

  /** @internal */
  constructor(name: string, owner: LayerOwner) {
    this.name = name
    this.#owner = owner
  }

  /** The server's version at which it was last replaced; 0 while it has nothing. */
  get version(): number {
    return this.#owner.versionOf(this.name)
  }

  /** Lists what it has, as `server.routes()` does. */
  routes(): RouteInfo[] {
    return this.#owner.routesOf(this.name)
  }

  /**
   * Puts what `build` binds in the place of what the layer has, as a whole or not at all. Replacements of a server run one
   * after another, in the order of the calls.
   *
   * @throws what `build` throws; RouteError for a bad pattern; DuplicateRouteError for a route that another layer has;
   * StateError after the stop, for the layer `code`, and if `ifVersion` isn't the version of the server; ConfigError for a bad option
   */
  replace(build: LayerBuild, options: ReplaceOptions = {}): Promise<Replaced> {
    return this.#owner.replace(this.name, build, options)
  }

  /** Takes away what the layer has, in the same way. Where it has nothing, there is no new version. */
  remove(options: ReplaceOptions = {}): Promise<Replaced> {
    return this.#owner.remove(this.name, options)
  }
}

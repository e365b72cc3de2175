import type { RouteInfo } from '../http/application.ts'
import type { LayerRoutes } from './layer-routes.ts'
import type { ReplaceOptions } from './replace-options.ts'

/**
 * Binds what a layer is to have.
 *
 * @param signal aborted if the server stops meanwhile
 */
export type LayerBuild = (routes: LayerRoutes, signal: AbortSignal) => unknown

/**
 * As `LayerBuild`, of data that may come from another process.
 *
 * @param data as `rebuild` was called with; a copy where another worker called it
 */
export type DefinedBuild = (routes: LayerRoutes, data: unknown, signal: AbortSignal) => unknown

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
  define(layer: string, build: DefinedBuild): void
  rebuild(layer: string, data: unknown, options: ReplaceOptions): Promise<Replaced>
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
   * StateError after the stop, for the layer `code`, and if `ifVersion` isn't the version of the server; ConfigError for a bad option;
   * StateError in one of several workers once it serves, since the function can't reach the others: use `rebuild`
   */
  replace(build: LayerBuild, options: ReplaceOptions = {}): Promise<Replaced> {
    return this.#owner.replace(this.name, build, options)
  }

  /** Sets what `rebuild` runs, in each worker of the application. Serves nothing yet. @throws ConfigError for anything but a function */
  define(build: DefinedBuild): this {
    this.#owner.define(this.name, build)
    return this
  }

  /**
   * Replaces what the layer has by what its definition binds for some data, in all workers or in none.
   *
   * @param data what another process can be sent: plain objects, arrays, texts, numbers, buffers. Default: nothing.
   * @throws as `replace`, in whichever worker; StateError if the layer has no definition; ConfigError for other data in one of several
   * workers
   */
  rebuild(data?: unknown, options: ReplaceOptions = {}): Promise<Replaced> {
    return this.#owner.rebuild(this.name, data, options)
  }

  /** Takes away what the layer has, in the same way. Where it has nothing, there is no new version. */
  remove(options: ReplaceOptions = {}): Promise<Replaced> {
    return this.#owner.remove(this.name, options)
  }
}

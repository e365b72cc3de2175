import { runAtOnce } from '../base/steps.ts'
import {
  describeAmong,
  listBound,
  type Listed,
  listRoutes,
  nothingBound,
  type SortedBindings,
} from '../binding/list-routes.ts'
import type { Registry, ServedRoutes } from '../binding/registry.ts'
import type { RouteInfo } from '../http/application.ts'
import { compareBound } from '../routing/bound.ts'
import type { Version } from './version.ts'

/** Lists what all layers have. */
export class LayerListing {
  readonly #current: () => Version
  readonly #code: Registry

  /** @param current returns the version that is served, with all that was bound before */
  constructor(current: () => Version, code: Registry) {
    this.#current = current
    this.#code = code
  }

  routes(): RouteInfo[] {
    return listRoutes(this.#sorted)
  }

  /** Lists the same, with what is known of it beside what the list of routes says. */
  listed(): Listed[] {
    return listBound(this.#sorted)
  }

  /** Lists what one layer has. */
  routesOf(name: string): RouteInfo[] {
    const { sorted = nothingBound } = this.#current().contentOf(name) ?? {}
    return runAtOnce(describeAmong(sorted, this.#sorted))
  }

  /** Returns what documents of the routes tell of. */
  readonly served = (): ServedRoutes => {
    const { contents, number } = this.#current()
    return {
      routes: () => this.#sorted.flatMap(({ routes }) => routes).sort(compareBound),
      interceptors: () => this.#current().contents.flatMap(({ registry }) => registry.bindings.interceptors),
      isFrozen: this.#code.isFrozen,
      version: number,
      hasLayers: contents.some(({ registry }) => registry !== this.#code),
      problems: this.#code.options.problems,
    }
  }

  /** What is bound in each layer. */
  get #sorted(): SortedBindings[] {
    return this.#current().contents.map(({ sorted }) => sorted)
  }
}

import type { Steps } from '../base/steps.ts'
import { nothingBound, type SortedBindings, sortBindings } from '../binding/list-routes.ts'
import { type Registered, type RegisteredEndpoint, Registry, type RegistryOptions } from '../binding/registry.ts'
import type { Logger } from '../log/logger.ts'
import type { Bindings } from '../pipeline/dispatcher.ts'
import type { Endpoint } from '../pipeline/exchange.ts'
import type { Bound } from '../routing/bound.ts'
import { RouteIndex } from '../routing/route-index.ts'
import { Holdings } from './holdings.ts'

/** By the entry point that alone has it; `undefined` for all. */
type BindingsByEntryPoint = ReadonlyMap<string | undefined, Bindings>

/** What a layer has from one of its replacements to the next. */
export class LayerContent {
  readonly layer: string
  /** The place of the layer among all, from 0. */
  readonly place: number
  readonly registry: Registry
  readonly holdings: Holdings
  /** The version in which the layer had it first. */
  version = 0
  #sorted = nothingBound
  #indexed: BindingsByEntryPoint = new Map()
  #versions = 0

  constructor(options: RegistryOptions, logger: Logger, registry: Registry = new Registry(options)) {
    this.layer = options.layer
    this.place = options.place
    this.registry = registry
    this.holdings = new Holdings(options.layer, logger)
  }

  /** What is bound, as `index` found it. */
  get sorted(): SortedBindings {
    return this.#sorted
  }

  /** Whether it has nothing: no binding, nothing to keep and nothing to run. */
  get isEmpty(): boolean {
    return this.holdings.isEmpty && Object.values(this.#sorted).every((bounds) => bounds.length === 0)
  }

  /** What its routes call, as `index` found it. */
  get endpoints(): Endpoint[] {
    return this.#sorted.routes.map(({ value }) => value.endpoint)
  }

  /** Takes over what is bound in the registry. */
  *index(): Steps<void> {
    const sorted = yield* sortBindings(this.registry.bindings)
    this.#indexed = yield* indexBindings(sorted)
    this.#sorted = sorted
  }

  /** Returns what serves at an entry point. */
  bindingsAt(entryPoint: string | undefined, inherits: boolean): Bindings[] {
    const names = [...(inherits ? [undefined] : []), ...(entryPoint === undefined ? [] : [entryPoint])]
    return names.flatMap((name) => this.#indexed.get(name) ?? [])
  }

  /** Counts a version that has it. */
  hold(): void {
    this.#versions++
  }

  /** Counts a version that had it and runs no more. With the last of them, what it holds is released. */
  async letGo(): Promise<void> {
    if (--this.#versions === 0) await this.holdings.release()
  }
}

/** Indexes what is bound, by the entry point that alone has it. */
export function* indexBindings(sorted: SortedBindings): Steps<BindingsByEntryPoint> {
  const names = new Set<string | undefined>()
  for (const bounds of Object.values(sorted)) {
    for (const { value } of bounds) names.add(value.entryPoint)
    yield
  }
  const indexed = new Map<string | undefined, Bindings>()
  for (const name of names) {
    const isOwn = ({ value }: Bound<Registered>) => value.entryPoint === name
    indexed.set(name, {
      routes: yield* indexRoutes(sorted.routes, isOwn),
      webSockets: yield* indexRoutes(sorted.webSockets, isOwn),
      statics: yield* indexRoutes(sorted.statics, isOwn),
      interceptors: [
        ...sorted.hooks.filter(isOwn),
        ...sorted.middleware.filter(isOwn),
        ...sorted.mappers.filter(isOwn),
      ],
    })
  }
  return indexed
}

function* indexRoutes(
  sorted: SortedBindings['routes'],
  isOwn: (bound: Bound<Registered>) => boolean,
): Steps<RouteIndex<RegisteredEndpoint>> {
  const own = sorted.filter(isOwn)
  yield
  return yield* RouteIndex.build(own)
}

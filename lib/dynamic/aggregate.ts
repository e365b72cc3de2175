import type { ConfigurationIssue, LayerBuild, PartStatus } from '../index.ts'
import type { ForwardHandler } from '../forward/request/forward.ts'
import {
  type ConfigurationParts,
  type Gate,
  type ReplacedTogether,
  runAtOnce,
  runInSlices,
  type ServiceNode,
} from '../kit.ts'
import { buildLayer, type LayerOutcome } from './build/build-layer.ts'
import { Instances } from './build/instances.ts'
import type { TakenRoutes } from './build/layer-binder.ts'
import type { Kind } from './model/kind.ts'
import { middlewareKinds, providedKind } from './model/middleware-table.ts'
import { Model } from './model/model.ts'
import type { Part, PartType } from './model/part.ts'
import type { ReadRoute } from './model/route-table.ts'
import { joinPath } from './model/issue-of.ts'

/** Frozen documents by the name of the provider, in the order of the options, `api` last. A provider without one is absent. */
export type Documents = ReadonlyMap<string, object>

/** By the name of the provider; one without issues is absent. */
export type IssuesByProvider = ReadonlyMap<string, readonly ConfigurationIssue[]>

/** What became of documents. */
export type Applied =
  | {
      readonly applied: true
      /** The version of the server in which they were first served. */
      readonly version: number
      /** Whether anything was switched. */
      readonly isChanged: boolean
      /** What is broken under `isolate`, and warnings. */
      readonly issues: IssuesByProvider
    }
  | { readonly applied: false; readonly issues: IssuesByProvider }

type Outcomes = ReadonlyMap<string, LayerOutcome>

/** What is served. */
interface Served {
  readonly model: Model
  readonly outcomes: Outcomes
}

/** One attempt to serve. */
interface Attempt {
  readonly providers: readonly string[]
  readonly taken: ReadonlyMap<string, TakenRoutes>
  readonly isDry: boolean
  readonly gate?: Gate | undefined
}

const neverAborted = new AbortController().signal

/** Thrown by the last build where nothing is to be switched; the outcomes say why. */
class Refusal extends Error {}

/** Serves the documents of all providers, each in the layer `@NAME`. */
export class Aggregate {
  readonly #parts: ConfigurationParts
  readonly #instances: Instances
  #served: Served
  #version = 0
  readonly #told = new Set<string>()

  constructor(parts: ConfigurationParts) {
    this.#parts = parts
    this.#instances = new Instances((error, part) =>
      parts.server.logger.error(`What was made of ${part} could not be closed`, { error }),
    )
    this.#served = { model: runAtOnce(Model.read(new Map(), new Map())), outcomes: new Map() }
  }

  /** Of what is served. */
  get parts(): ListedParts {
    return listParts(this.#served.model, this.#served.outcomes)
  }

  /** Returns the nodes of the services that are served, by their ids. */
  nodes(): Map<string, readonly ServiceNode[]> {
    const nodes = new Map<string, readonly ServiceNode[]>()
    for (const { place, kind, read, key, id } of this.#served.model.all) {
      if (place.type !== 'services' || kind === undefined) continue
      const { use = '' } = read as { readonly use?: string }
      const made = kind.isOthers ? this.#parts.provided.endpoints.get(use) : this.#instances.find(key)
      const isForward = typeof made === 'function' && 'nodes' in made && typeof made.nodes === 'function'
      if (isForward) nodes.set(id, (made as ForwardHandler).nodes())
    }
    return nodes
  }

  /**
   * Serves these documents in place of those served: builds everything first, then one switch of the layers that changed.
   *
   * Under `refuse` all or nothing. Under `isolate` a route that is broken answers 503; of two with the same place, the first in the
   * order of the documents has it.
   *
   * @param gate what the switch waits for
   * @throws StateError after the stop; what `gate` rejects with
   */
  async apply(documents: Documents, gate?: Gate): Promise<Applied> {
    const model = await this.#read(documents)
    if (this.#refuses && model.hasErrors) return { applied: false, issues: await this.#tell(model) }
    const [outcomes, replaced] = await this.#serve(model, gate)
    const issues = collectIssues(model, outcomes)
    if (this.#refuses && hasIssues(outcomes)) return { applied: false, issues }
    this.#served = { model, outcomes }
    if (replaced !== undefined) this.#version = replaced.version
    return { applied: true, version: this.#version, isChanged: replaced !== undefined, issues }
  }

  /** Returns what would be wrong with these documents. Changes nothing. */
  async check(documents: Documents): Promise<IssuesByProvider> {
    return this.#tell(await this.#read(documents))
  }

  get #refuses(): boolean {
    return this.#parts.options.onInvalid === 'refuse'
  }

  #read(documents: Documents): Promise<Model> {
    const { middlewares } = this.#parts.provided
    this.#warnOfOurs(middlewares.keys())
    const kinds = Array.from(middlewares, ([name, create]): [string, Kind] => [name, providedKind(name, create)])
    return runInSlices(Model.read(documents, new Map(kinds)), neverAborted)
  }

  /** What code gave the name of one of ours is never used. */
  #warnOfOurs(names: Iterable<string>): void {
    for (const name of names) {
      if (!middlewareKinds.has(name) || this.#told.has(name)) continue
      this.#told.add(name)
      const { logger } = this.#parts.server
      logger.warn(`provideMiddleware("${name}") has no effect: configurations have a middleware of that name already`)
    }
  }

  async #tell(model: Model): Promise<IssuesByProvider> {
    const providers = this.#changedIn(model)
    const [outcomes] = await this.#attempt(model, { providers, taken: new Map(), isDry: true })
    return collectIssues(model, outcomes)
  }

  /** Serves what is not broken, or under `refuse` all or nothing. */
  async #serve(model: Model, gate: Gate | undefined): Promise<[Outcomes, ReplacedTogether | undefined]> {
    const providers = this.#changedIn(model)
    const taken = new Map<string, Map<string, readonly ConfigurationIssue[]>>()
    for (;;) {
      const [outcomes, replaced] = await this.#attempt(model, { providers, taken, isDry: false, gate })
      if (replaced !== undefined || providers.length === 0 || this.#refuses) return [outcomes, replaced]
      for (const [provider, { halfBound, issues }] of outcomes) {
        const routes = taken.get(provider) ?? new Map<string, readonly ConfigurationIssue[]>()
        for (const path of halfBound) routes.set(path, issues.get(path) ?? [])
        taken.set(provider, routes)
      }
    }
  }

  /** Lists the providers whose layers have to be built, in the order in which they are. */
  #changedIn(model: Model): string[] {
    const { model: before } = this.#served
    const all = [...new Set([...model.signatures.keys(), ...before.signatures.keys()])]
    const changed = all.filter((provider) => model.signatures.get(provider) !== before.signatures.get(provider))
    // Which of two providers has a place depends on both.
    const isShared = changed.length > 0 && !this.#refuses && [model, before].some(sharesPlaces)
    return isShared ? all : changed
  }

  async #attempt(
    model: Model,
    { providers, taken, isDry, gate }: Attempt,
  ): Promise<[Outcomes, ReplacedTogether | undefined]> {
    const { server, provided } = this.#parts
    const outcomes = new Map([...this.#served.outcomes].filter(([provider]) => model.documents.has(provider)))
    const environment = { server, provided, instances: this.#instances }
    const build =
      (provider: string): LayerBuild =>
      async (routes, signal) => {
        const steps = buildLayer(routes, model, provider, environment, taken.get(provider) ?? new Map())
        if (model.documents.has(provider)) outcomes.set(provider, await runInSlices(steps, signal))
        if (provider === providers.at(-1) && !isDry && this.#isRefused(outcomes))
          throw new Refusal('invalid configuration')
      }
    if (providers.length === 0) return [outcomes, undefined]
    const builds = new Map(providers.map((provider) => [`@${provider}`, build(provider)]))
    try {
      const replaced = await this.#parts.layers().replaceTogether(builds, { dryRun: isDry }, gate)
      return [outcomes, isDry ? undefined : replaced]
    } catch (error) {
      if (error instanceof Refusal) return [outcomes, undefined]
      throw error
    }
  }

  #isRefused(outcomes: Outcomes): boolean {
    return this.#refuses ? hasIssues(outcomes) : [...outcomes.values()].some(({ halfBound }) => halfBound.size > 0)
  }
}

function hasIssues(outcomes: Outcomes): boolean {
  return [...outcomes.values()].some(({ issues }) => issues.size > 0)
}

function collectIssues(model: Model, outcomes: Outcomes): IssuesByProvider {
  const issues = Array.from(model.documents.keys(), (provider) => {
    const found = model.partsOf(provider).flatMap(({ errors, warnings }) => [...errors, ...warnings])
    const built = [...(outcomes.get(provider)?.issues.values() ?? [])].flat()
    return [provider, [...(model.errors.get(provider) ?? []), ...found, ...built]] as const
  })
  return new Map(issues.filter(([, list]) => list.length > 0))
}

/** Whether two providers have a route for the same requests. */
function sharesPlaces(model: Model): boolean {
  const owners = new Map<string, string>()
  for (const part of model.parts) {
    const { place } = part
    for (const key of placesOf(part)) {
      if ((owners.get(key) ?? place.provider) !== place.provider) return true
      owners.set(key, place.provider)
    }
  }
  return false
}

function placesOf({ pattern, read }: Part): string[] {
  const { entryPoints = [''] } = read as Partial<ReadRoute>
  if (pattern === undefined) return []
  const { methods, domains, route } = pattern
  return methods.flatMap((method) =>
    domains.flatMap((domain) => entryPoints.map((name) => `${method} ${domain} ${route.shape} ${name}`)),
  )
}

/** The named parts of the documents that are served. */
interface ListedParts {
  readonly routes: readonly PartStatus[]
  readonly services: readonly PartStatus[]
  readonly middlewares: readonly PartStatus[]
}

/** Lists the parts of a model as they are served. @param outcomes by provider */
function listParts(model: Model, outcomes: ReadonlyMap<string, LayerOutcome>): ListedParts {
  const list = (type: PartType) =>
    model.parts.filter(({ place }) => place.type === type).map((part) => describe(part, model, outcomes))
  return { routes: list('routes'), services: list('services'), middlewares: list('middlewares') }
}

function describe(part: Part, model: Model, outcomes: ReadonlyMap<string, LayerOutcome>): PartStatus {
  const { name, provider, path } = part.place
  const isDisabled = (other: Part) =>
    other.isBroken || outcomes.get(other.place.provider)?.disabled.has(other.place.path) === true
  const found = model
    .withInlines(part)
    .flatMap((one) => [...one.errors, ...(outcomes.get(provider)?.issues.get(one.place.path) ?? []), ...one.warnings])
  const isOut = isDisabled(part)
  const issues = found.length === 0 && isOut ? needs(part, path, isDisabled) : found
  return {
    name,
    provider,
    status: isOut ? 'disabled' : issues.length > 0 ? 'warning' : 'enabled',
    issues,
    usedBy: Array.from(model.users.get(part) ?? [], ({ qualifiedName }) => qualifiedName),
  }
}

/** Says which of the parts that it refers to can't be used. */
function needs(part: Part, path: string, isDisabled: (part: Part) => boolean): ConfigurationIssue[] {
  const broken = [...part.targets].filter(([, target]) => isDisabled(target))
  return broken.map(([{ place }, target]) => ({
    path: joinPath(path, place),
    message: `needs ${target.place.type.slice(0, -1)} "${target.qualifiedName}", which can't be used`,
  }))
}

import { checkFunction } from '../base/check-function.ts'
import { StateError } from '../base/errors.ts'
import { checkSendable, type Gate, type Member } from '../base/workers.ts'
import type { RouteInfo } from '../http/application.ts'
import type { DefinedBuild, LayerBuild, LayerOwner, Replaced } from './layer.ts'
import type { ReplaceOptions } from './replace-options.ts'

/** The layers of this process. */
export interface ReplacedLayers {
  versionOf(layer: string): number
  readonly listing: { routesOf(layer: string): RouteInfo[] }
  /** @param gate what the switch waits for */
  replace(layer: string, build: LayerBuild, options: ReplaceOptions, gate?: Gate): Promise<Replaced>
  remove(layer: string, options: ReplaceOptions, gate?: Gate): Promise<Replaced>
}

/** A replacement that another worker can carry out, too. */
interface LayerChange {
  readonly call: 'rebuild' | 'remove'
  readonly name: string
  readonly data: unknown
  readonly options: ReplaceOptions
}

const TOPIC = 'layers'

/** Replaces layers in all workers of the application, or in this process where it runs alone. */
export class LayerChanges implements LayerOwner {
  readonly #layers: ReplacedLayers
  readonly #member: Member | undefined
  readonly #definitions = new Map<string, DefinedBuild>()

  constructor(layers: ReplacedLayers, member: Member | undefined) {
    this.#layers = layers
    this.#member = member
    member?.carryOut(TOPIC, (change, gate) => this.#carryOut(change as LayerChange, gate))
  }

  versionOf(layer: string): number {
    return this.#layers.versionOf(layer)
  }

  routesOf(layer: string): RouteInfo[] {
    return this.#layers.listing.routesOf(layer)
  }

  replace(name: string, build: LayerBuild, options: ReplaceOptions): Promise<Replaced> {
    if (this.#member?.isJoined === true && options.dryRun !== true) return Promise.reject(inOneWorker(name))
    return this.#layers.replace(name, build, options)
  }

  define(name: string, build: DefinedBuild): void {
    this.#definitions.set(name, checkFunction(`define of layer "${name}"`, build, 'build'))
  }

  rebuild(name: string, data: unknown, options: ReplaceOptions): Promise<Replaced> {
    return this.#share({ call: 'rebuild', name, data, options })
  }

  remove(name: string, options: ReplaceOptions): Promise<Replaced> {
    return this.#share({ call: 'remove', name, data: undefined, options })
  }

  async #share(change: LayerChange): Promise<Replaced> {
    if (this.#member?.isJoined !== true || change.options.dryRun === true) return this.#carryOut(change)
    checkSendable(`${change.call} of layer "${change.name}"`, change.data)
    const [own] = await this.#member.change(TOPIC, change.name, change)
    return own as Replaced
  }

  #carryOut({ call, name, data, options }: LayerChange, gate?: Gate): Promise<Replaced> {
    if (call === 'remove') return this.#layers.remove(name, options, gate)
    const build = this.#definitions.get(name)
    if (build === undefined) return Promise.reject(undefinedLayer(name))
    return this.#layers.replace(name, (routes, signal) => build(routes, data, signal), options, gate)
  }
}

function undefinedLayer(name: string): StateError {
  return new StateError(
    `rebuild: layer "${name}" has no build: call server.layer("${name}").define((routes, data) => …) before`,
    { failure: 'ERR_TRIBIND_LAYER_UNDEFINED' },
  )
}

function inOneWorker(name: string): StateError {
  return new StateError(
    `replace of layer "${name}": the function can't reach the other workers of the application: call server.layer("${name}").define((routes, data) => …) before the start, in each worker, and server.layer("${name}").rebuild(data) in any of them`,
    { failure: 'ERR_TRIBIND_LAYER_WORKERS' },
  )
}

import { checkFunction } from '../base/check-function.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import { runAtOnce } from '../base/steps.ts'
import type { Gate, Member } from '../base/workers.ts'
import { CODE_LAYER } from '../binding/registry.ts'
import type { Routes } from '../binding/routes.ts'
import type { Logger } from '../log/logger.ts'
import type { Dispatcher, DispatcherEnvironment } from '../pipeline/dispatcher.ts'
import { checkEndpoints, readyEndpoints } from '../pipeline/ready-endpoints.ts'
import { buildContent, type Changes, type ReplacedTogether } from './build-content.ts'
import { endStreams } from './end-streams.ts'
import { type Asked, type ExplainedEndpoint, explainRequest } from './explain-request.ts'
import { Layer, type LayerBuild, type Replaced } from './layer.ts'
import { LayerChanges, type ReplacedLayers } from './layer-changes.ts'
import { LayerContent } from './layer-content.ts'
import { LayerListing } from './layer-listing.ts'
import {
  checkReplaceable,
  type ReadReplaceOptions,
  readReplaceOptions,
  type ReplaceOptions,
} from './replace-options.ts'
import { ReplacementQueue } from './replacement-queue.ts'
import type { CheckEntryPoint } from './layer-routes.ts'
import { SwitchEmitter } from './switch-events.ts'
import type { RetiredTraffic, ServedPlace, SwitchTarget } from './switch-target.ts'
import { type Dispatchers, Targets } from './targets.ts'
import { Version } from './version.ts'

/** Releases what a content holds that was built and isn't served. */
type Discard = (content: LayerContent) => void

const nothingChanged: Changes = { added: [], removed: [] }

/** All that is bound, layer by layer, and the dispatchers that serve it. */
export class Layers implements ReplacedLayers {
  readonly events: SwitchEmitter
  readonly listing: LayerListing
  checkEntryPoint: CheckEntryPoint = () => {}
  readonly #environment: DispatcherEnvironment
  readonly #logger: Logger
  readonly #code: LayerContent
  readonly #layers = new Map<string, Layer>()
  readonly #changes: LayerChanges
  /** The place of each layer that was ever replaced. */
  readonly #places = new Map<string, number>([[CODE_LAYER, 0]])
  readonly #targets: Targets
  readonly #stopping = new AbortController()
  #current: Version
  /** The versions that something still runs by, the current one included. */
  readonly #live = new Set<Version>()
  /** Whether something was bound on the server itself since it was indexed. */
  #isStale = true
  readonly #queue = new ReplacementQueue()
  /** Of contents that were built and not served. */
  readonly #releases = new Set<Promise<void>>()

  /** @param member `undefined` where the process runs alone */
  constructor(code: Routes, environment: DispatcherEnvironment, logger: Logger, member?: Member) {
    this.#changes = new LayerChanges(this, member)
    this.#environment = environment
    this.#targets = new Targets(environment)
    this.#logger = logger
    this.events = new SwitchEmitter(logger)
    this.#code = new LayerContent(code.registry.options, logger, code.registry)
    this.#code.version = 1
    this.#current = new Version(1, [this.#code])
    this.#live.add(this.#current)
    this.listing = new LayerListing(() => this.#settled, code.registry)
    code.onChange(() => (this.#isStale = true))
    code.registry.served = this.listing.served
    code.registry.others = () => this.#othersThan(CODE_LAYER).map(({ registry }) => registry)
  }

  /** Counts the switches, from 1 on. */
  get version(): number {
    return this.#current.number
  }

  set version(version: number) {
    this.#current.number = version
  }

  /** Returns the layer of a name. @throws ConfigError for anything but a non-empty string */
  layer(name: string): Layer {
    if (typeof name !== 'string' || name === '')
      throw new ConfigError(`layer: the name must be a non-empty string, got ${name === '' ? '""' : typeof name}`, {
        failure: 'ERR_TRIBIND_LAYER_NAME',
      })
    const layer = this.#layers.get(name) ?? new Layer(name, this.#changes)
    this.#layers.set(name, layer)
    return layer
  }

  /** Returns the layers that have something, in their order. */
  layers(): Layer[] {
    this.settle()
    return this.#current.contents.filter(({ isEmpty }) => !isEmpty).map(({ layer }) => this.layer(layer))
  }

  /** Returns the version in which a layer was last replaced, 0 if it has nothing. */
  versionOf(name: string): number {
    this.settle()
    const content = this.#current.contentOf(name)
    return content === undefined || content.isEmpty ? 0 : content.version
  }

  /** Returns what would become of a request of HTTP/1.1 at a place. */
  explain(place: ServedPlace, asked: Asked): ExplainedEndpoint {
    this.settle()
    const dispatcher = this.#targets.dispatcherFor(place, this.#current)
    return explainRequest(dispatcher, asked, this.#environment.strictDomains)
  }

  /** Returns the dispatcher that serves a target now; from now on, each other one is passed to its `switchTo`. */
  attach(target: SwitchTarget): Dispatcher {
    this.settle()
    return this.#targets.attach(target, this.#current)
  }

  /**
   * Switches a target no more.
   *
   * @param traffic what is still under way there
   */
  detach(target: SwitchTarget, traffic: RetiredTraffic): void {
    if (this.#targets.detach(target)) this.#current.add(traffic)
  }

  get #settled(): Version {
    this.settle()
    return this.#current
  }

  /** Serves what was bound on the server itself since the last call. After the start there is nothing to do. */
  settle(): void {
    if (!this.#isStale) return
    this.#isStale = false
    runAtOnce(this.#code.index())
    this.#serve(this.#current, this.#targets.createDispatchers(this.#current))
  }

  /** Refuses all further registrations on the server itself. */
  freeze(): void {
    this.#code.registry.freeze()
    this.settle()
  }

  /** Fixes the order of layers that may be replaced later, in any order. */
  reserve(names: readonly string[]): void {
    for (const name of names) if (!this.#places.has(name)) this.#places.set(name, this.#places.size)
  }

  /** As `Layer.replace`, in this process. */
  replace(name: string, build: LayerBuild, options: ReplaceOptions, gate?: Gate): Promise<Replaced> {
    return this.#enqueue('replace', [name], options, async (read, discard) => {
      checkFunction(`replace of layer "${name}"`, build, 'build')
      const { changes, ...replaced } = await this.#replace(new Map([[name, build]]), read, discard, gate)
      return { ...replaced, ...(changes.get(name) ?? nothingChanged) }
    })
  }

  /**
   * Replaces several layers by one switch, all or none. Of two that have the same route, the later one is refused.
   *
   * What is refused may be tried in another way: the caller tells of it, by `tellRefused`.
   */
  replaceTogether(
    builds: ReadonlyMap<string, LayerBuild>,
    options: ReplaceOptions,
    gate?: Gate,
  ): Promise<ReplacedTogether> {
    const run = (read: ReadReplaceOptions, discard: Discard) => this.#replace(builds, read, discard, gate)
    return this.#enqueue('replace', [...builds.keys()], options, run, () => {})
  }

  /** Tells the listeners that the replacement of a layer was refused. */
  readonly tellRefused = (layer: string, error: unknown): void => this.events.emit('refused', { layer, error })

  /** As `Layer.remove`, in this process. */
  remove(name: string, options: ReplaceOptions, gate?: Gate): Promise<Replaced> {
    return this.#enqueue('remove', [name], options, async (read, discard) => {
      if (this.#current.contentOf(name) === undefined)
        return { version: this.version, ...nothingChanged, buildMs: 0, whenRetired: Promise.resolve() }
      const { changes, ...replaced } = await this.#replace(new Map([[name, () => {}]]), read, discard, gate)
      return { ...replaced, ...(changes.get(name) ?? nothingChanged) }
    })
  }

  /** Aborts the build under way, and refuses all replacements. */
  stop(): void {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort(
      new StateError(`server "${this.#environment.server.name}" is stopped: its layers change no more`, {
        failure: 'ERR_TRIBIND_SERVER_STOPPED',
      }),
    )
  }

  /** Retires all versions, whatever still runs by them. Never rejects. */
  async retire(): Promise<void> {
    this.stop()
    const live = [...this.#live]
    for (const version of live) version.end()
    const retired = live.map((version) => this.#retireVersion(version))
    await this.#queue.whenIdle()
    await Promise.all([...retired, ...this.#releases])
  }

  /** Runs a replacement after all that were asked for before. */
  #enqueue<T>(
    call: string,
    layers: readonly string[],
    given: ReplaceOptions,
    run: (options: ReadReplaceOptions, discard: Discard) => Promise<T>,
    tell = this.tellRefused,
  ): Promise<T> {
    const released: Promise<void>[] = []
    const discard: Discard = (content) => void released.push(this.#release(content))
    const carryOut = async () => {
      let isDryRun = false
      try {
        const options = readReplaceOptions(`${call} of layer "${layers.join('", "')}"`, given)
        isDryRun = options.dryRun
        this.#stopping.signal.throwIfAborted()
        for (const layer of layers) checkReplaceable(layer, options, this.version)
        return await run(options, discard)
      } catch (error) {
        if (!isDryRun) for (const layer of layers) tell(layer, error)
        throw error
      }
    }
    return this.#queue.add(carryOut, released)
  }

  async #replace(
    builds: ReadonlyMap<string, LayerBuild>,
    options: ReadReplaceOptions,
    discard: Discard,
    gate: Gate | undefined,
  ): Promise<ReplacedTogether> {
    const startedAt = performance.now()
    this.settle()
    const built = new Map<LayerContent, Changes>()
    const changesOf = () => new Map(Array.from(built, ([{ layer }, changes]) => [layer, changes]))
    const others = (layer: string) => [
      ...this.#current.contents.filter((content) => content.layer !== layer && !builds.has(content.layer)),
      ...built.keys(),
    ]
    try {
      for (const [layer, build] of builds) {
        const content = this.#createContent(layer, built.size)
        try {
          built.set(content, await this.#build(content, build, () => others(layer)))
        } catch (error) {
          discard(content)
          throw error
        }
      }
      const endpoints = [...built.keys()].flatMap((content) => content.endpoints)
      checkEndpoints(endpoints, this.#environment.server)
      if (!options.dryRun) await readyEndpoints(endpoints, this.#environment.server, this.#stopping.signal)
      const buildMs = performance.now() - startedAt
      const switched = options.dryRun
        ? { version: this.version, whenRetired: Promise.resolve() }
        : this.#switchTo(built, options, gate === undefined ? 0 : await gate())
      return { ...switched, changes: changesOf(), buildMs }
    } finally {
      for (const content of built.keys()) if (this.#current.contentOf(content.layer) !== content) discard(content)
    }
  }

  #createContent(layer: string, ahead: number): LayerContent {
    const place = this.#places.get(layer) ?? Math.max(...this.#places.values()) + 1 + ahead
    const content = new LayerContent({ ...this.#code.registry.options, layer, place }, this.#logger)
    content.registry.served = this.listing.served
    return content
  }

  #release({ holdings }: LayerContent): Promise<void> {
    const released = holdings.release().finally(() => this.#releases.delete(released))
    this.#releases.add(released)
    return released
  }

  #build(content: LayerContent, build: LayerBuild, others: () => readonly LayerContent[]): Promise<Changes> {
    const { signal } = this.#stopping
    const before = this.#current.contentOf(content.layer)
    const place = { content, before, signal, checkEntryPoint: this.checkEntryPoint }
    return this.#queue.build(content, () => buildContent(build, place, others))
  }

  /** Makes all targets serve what was built, in one piece: between two of them, no request arrives. */
  #switchTo(
    built: ReadonlyMap<LayerContent, Changes>,
    options: ReadReplaceOptions,
    number: number,
  ): Pick<ReplacedTogether, 'version' | 'whenRetired'> {
    this.#stopping.signal.throwIfAborted()
    // Before the start, more may have been bound on the server itself since the builds were checked.
    if (this.#isStale) for (const { registry } of built.keys()) runAtOnce(registry.checkAgainst(this.#code.registry))
    this.settle()
    const before = this.#current
    const contents = new Map(before.contents.map((content) => [content.layer, content]))
    for (const content of built.keys()) {
      contents.delete(content.layer)
      if (!content.isEmpty) contents.set(content.layer, content)
    }
    const version = new Version(
      Math.max(before.number + 1, number),
      [...contents.values()].toSorted((a, b) => a.place - b.place),
    )
    for (const content of built.keys()) content.version = version.number
    this.#serve(before, this.#targets.createDispatchers(version))
    this.#current = version
    this.#live.add(version)
    for (const [content, changes] of built) this.#switched(content, changes, options)
    return { version: version.number, whenRetired: this.#retireVersion(before) }
  }

  #switched(content: LayerContent, changes: Changes, options: ReadReplaceOptions): void {
    const { layer, place, version } = content
    this.#places.set(layer, place)
    for (const warning of content.registry.warnings) this.#logger.warn(warning)
    this.events.emit('switched', { version, layer, ...changes })
    if (options.streams === 'end') endStreams(this.#live, content, options.drainTimeout)
  }

  /** @param before what the targets are served by until then */
  #serve(before: Version, dispatchers: Dispatchers): void {
    for (const traffic of this.#targets.switchTo(dispatchers)) before.add(traffic)
  }

  async #retireVersion(version: Version): Promise<void> {
    await version.retire()
    if (this.#live.delete(version)) this.events.emit('retired', { version: version.number })
  }

  #othersThan(layer: string): LayerContent[] {
    return this.#current.contents.filter((content) => content.layer !== layer)
  }
}

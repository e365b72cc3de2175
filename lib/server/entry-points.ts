import type { ContextBase } from '../base/context.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import { suggestName } from '../base/nearest-name.ts'
import { within } from '../base/within.ts'
import type { Gate, Member } from '../base/workers.ts'
import type { Binder } from '../binding/binder.ts'
import { EntryPoint } from '../entrypoint/entry-point.ts'
import { EntryPointLife } from '../entrypoint/entry-point-life.ts'
import {
  DEFAULT_ENTRY_POINT,
  type EntryPointOptions,
  type ReadEntryPointOptions,
} from '../entrypoint/entry-point-options.ts'
import { bindingsOf } from '../entrypoint/handler/handler-option.ts'
import type { Listener } from '../entrypoint/listener.ts'
import type { ObserverStatus } from '../entrypoint/observers/observer.ts'
import type { EntryPointEnvironment } from '../entrypoint/open-entry-point.ts'
import type { Stats } from '../entrypoint/statistics.ts'
import type { VersionedTraffic } from '../entrypoint/versioned-traffic.ts'
import type { ServedPlace } from '../layers/switch-target.ts'
import { type Address, parseAddresses } from '../net/address.ts'
import { announce } from './announce.ts'
import { CallQueue } from './call-queue.ts'
import { ENTRY_POINTS, type EntryPointChange, shareChange, withPorts } from './entry-point-change.ts'
import { EntryPointSettings, type EntryPointsOptions } from './entry-point-settings.ts'

/** What the entry points of a server have from it. */
export interface EntryPointsEnvironment extends Omit<EntryPointEnvironment, 'signal' | 'commandCaller'> {
  /** The name of the server. */
  readonly server: string
  readonly binder: Binder
  /** Calls a function as a hook of the server, in which a stop can't be awaited. */
  readonly callHook: (call: () => unknown) => Promise<void>
  /** Whether connections and bytes are counted without `enableStats`, too. */
  readonly countsAlways: boolean
  /** `undefined` where the process runs alone. */
  readonly member: Member | undefined
}

/** What an entry point doesn't show. */
export interface EntryPointInside {
  /** `undefined` where nothing was ever counted. */
  readonly stats: Stats | undefined
  readonly handler: ReadEntryPointOptions['handler']
  /** What decides which routes serve there. */
  readonly place: ServedPlace
}

interface Known {
  readonly life: EntryPointLife
  readonly face: EntryPoint
}

/** The entry points of a server: those of its options, and those that are opened while it serves. */
export class EntryPoints {
  readonly #options: EntryPointsOptions
  readonly #environment: EntryPointsEnvironment
  readonly #settings: EntryPointSettings
  /** In the order in which they open. */
  readonly #known = new Map<string, Known>()
  readonly #calls = new CallQueue()
  readonly #stopping = new AbortController()
  #isWithheld = false
  /** Those of the options that other workers have closed. */
  readonly #leftOut = new Set<string>()
  /** Whether those of the options were opened. */
  #areOpened = false

  constructor(options: EntryPointsOptions, environment: EntryPointsEnvironment) {
    const { address, port, entryPoints } = options
    this.#options = options
    this.#environment = environment
    this.#settings = new EntryPointSettings(options)
    if (entryPoints === undefined || address !== undefined || port !== undefined) this.#configureDefault()
    for (const [name, parsed] of Object.entries(entryPoints ?? {}))
      this.#known.set(name, this.#create(name, this.#settings.complete(name, parsed)))
    environment.member?.carryOut(ENTRY_POINTS, (change, gate) => this.#carryOut(change as EntryPointChange, gate))
  }

  get all(): readonly EntryPoint[] {
    return [...this.#known.values()].map(({ face }) => face)
  }

  /** The open listeners, in the order of the entry points. */
  get listeners(): readonly Listener[] {
    return this.#lives.flatMap((life) => life.listeners)
  }

  /** The work under way at all of them. */
  get traffic(): readonly VersionedTraffic[] {
    return this.#lives.flatMap((life) => life.traffic)
  }

  /** The first address of all, as configured. */
  get firstConfigured(): Address {
    return parseAddresses(this.#lives[0]?.options.address ?? this.#settings.addresses)[0] as Address
  }

  /** Whether requests at the first come in over TLS. */
  get isFirstSecure(): boolean {
    return (this.#lives[0]?.options ?? this.#options).https !== undefined
  }

  /** How deliveries to observers go, in the order of the entry points. */
  get observers(): readonly ObserverStatus[] {
    return this.#lives.flatMap((life) => life.observers)
  }

  /** Returns what one has done, and what serves there in place of the routes. */
  insideOf(name: string): EntryPointInside | undefined {
    const life = this.#known.get(name)?.life
    if (life === undefined) return undefined
    const { inherits, handler } = life.options
    return { stats: life.counted, handler, place: { entryPoint: name, inherits, instead: bindingsOf(handler) } }
  }

  /** Returns what the contexts of requests at the first address of one inherit from; `undefined` where it isn't open. */
  firstBaseOf(name: string): ContextBase | undefined {
    return this.#known.get(name)?.life.firstBase
  }

  /** As `EntryPointSettings.setPort`, of the entry point `default`. */
  setPort(port: number): void {
    this.#settings.setPort(port)
    this.#configureDefault()
  }

  /** As `EntryPointSettings.setAddress`, of the entry point `default`. */
  setAddress(address: string): void {
    this.#settings.setAddress(address)
    this.#configureDefault()
  }

  /** @throws ConfigError for a name that isn't known */
  get(name: string, call: () => string = () => 'entryPoint'): EntryPoint {
    return (this.#known.get(name) ?? this.#find(call(), name)).face
  }

  /** Returns what returns the options as they are now. @throws ConfigError for a name that isn't known, except `default` */
  optionsFor(name: string): () => ReadEntryPointOptions {
    if (name !== DEFAULT_ENTRY_POINT) return () => this.#find('inject', name).life.options
    const fallback = this.#settings.completeDefault()
    return () => this.#known.get(name)?.life.options ?? fallback
  }

  /** Opens none of the options when the server starts, which serves at entry points of another. */
  withhold(): void {
    this.#isWithheld = true
  }

  /**
   * Opens those of the options, or none. A stop in the midst leaves open what is, and opens no further one.
   *
   * @throws ListenError, ConfigError or CommandError for the first that can't be opened; the reason of the signal if the first
   * was stopped in its commands
   */
  async openAll(signal: AbortSignal): Promise<void> {
    if (this.#isWithheld) return
    this.#areOpened = true
    await Promise.all(this.#lives.map((life) => life.announce()))
    for (const life of this.#lives) {
      if (this.#leftOut.has(life.name)) {
        await life.giveUp()
        continue
      }
      await this.#agreeOnPorts(life)
      if (signal.aborted && this.listeners.length > 0) return
      try {
        await life.open(life.options)
      } catch (error) {
        if (error === this.#stopping.signal.reason) return this.#endOpening(signal)
        life.status.fail(error as Error)
        await Promise.all(this.#lives.map((one) => one.giveUp()))
        throw error
      }
    }
    if (!signal.aborted) for (const life of this.#lives) this.#announce(life)
  }

  /** Checks options for `open` or `replace`. @throws ConfigError naming the option */
  check(call: string, name: string, given: EntryPointOptions | string): void {
    this.#settings.read(call, name, given)
  }

  /** Opens one while the server serves. @throws ListenError, ConfigError or CommandError; nothing has changed then */
  async open(name: string, given: EntryPointOptions | string): Promise<void> {
    await this.#share({ call: 'open', name, given: typeof given === 'string' ? { address: given } : given })
  }

  #open(name: string, given: EntryPointOptions, gate: Gate | undefined): Promise<void> {
    return this.#calls.run(name, async () => {
      const options = this.#settings.read('openEntryPoint', name, given)
      const known = this.#known.get(name)
      if (known?.life.isOpen === true)
        throw new ConfigError(`openEntryPoint: entry point "${name}" is open already: use replaceEntryPoint`, {
          failure: 'ERR_TRIBIND_ENTRY_POINT_OPEN',
        })
      const { life, face } = known ?? this.#create(name, options)
      await life.open(options, gate).catch((error: unknown) => this.#fail('openEntryPoint', name, error))
      if (this.#stopping.signal.aborted) {
        await life.close(0)
        this.#fail('openEntryPoint', name)
      }
      this.#known.set(name, { life, face })
      this.#announce(life)
    })
  }

  /** Closes one, and resolves to the number of connections that were cut. @throws ConfigError for an unknown name */
  async close(name: string, timeoutMs: number): Promise<number> {
    const cut = (await this.#share({ call: 'close', name, timeoutMs })) as readonly number[]
    return cut.reduce((sum, connections) => sum + connections, 0)
  }

  #close(name: string, timeoutMs: number, gate: Gate | undefined): Promise<number> {
    return this.#calls.run(name, async () => {
      const { life } = this.#find('closeEntryPoint', name)
      await gate?.()
      const cut = await life.close(timeoutMs)
      this.#environment.logger.info(`Closed entry point "${name}"`, {
        name: this.#environment.server,
        entryPoint: name,
      })
      return cut
    })
  }

  /** Opens one with other options in its place. @throws ListenError, ConfigError or CommandError; nothing has changed then */
  async replace(name: string, given: EntryPointOptions | string): Promise<void> {
    await this.#share({ call: 'replace', name, given: typeof given === 'string' ? { address: given } : given })
  }

  #replace(name: string, given: EntryPointOptions, gate: Gate | undefined): Promise<void> {
    return this.#calls.run(name, async () => {
      const options = this.#settings.read('replaceEntryPoint', name, given)
      const { life } = this.#find('replaceEntryPoint', name)
      if (!life.isOpen)
        throw new ConfigError(`replaceEntryPoint: entry point "${name}" is closed: use openEntryPoint`, {
          failure: 'ERR_TRIBIND_ENTRY_POINT_CLOSED',
        })
      await life.replace(options, gate).catch((error: unknown) => this.#fail('replaceEntryPoint', name, error))
      this.#announce(life)
    })
  }

  /** Makes connections end with their responses. New connections are still accepted, and no entry point is opened. */
  drain(): void {
    this.#stopping.abort()
    for (const life of this.#lives) life.drain()
  }

  /** Closes all, as far as they are open, and waits for the calls under way. */
  async shut(timeoutMs: number, graceMs: number): Promise<void> {
    const calls = this.#calls.whenSettled()
    await Promise.all(this.#lives.map((life) => life.shut(timeoutMs, graceMs)))
    await within(timeoutMs, calls)
  }

  get #lives(): readonly EntryPointLife[] {
    return [...this.#known.values()].map(({ life }) => life)
  }

  #share(change: EntryPointChange): Promise<readonly unknown[]> {
    const { member } = this.#environment
    return shareChange(change, member, this.#options.address, (agreed) => this.#carryOut(agreed))
  }

  async #carryOut(change: EntryPointChange, gate?: Gate): Promise<unknown> {
    const { call, name } = change
    if (!this.#areOpened && gate !== undefined) return this.#configure(change)
    if (call === 'close') return this.#close(name, change.timeoutMs, gate)
    return call === 'open' ? this.#open(name, change.given, gate) : this.#replace(name, change.given, gate)
  }

  /** Takes over what the other workers have changed before this one starts. */
  #configure(change: EntryPointChange): void {
    const { call, name } = change
    if (call === 'close') return void this.#leftOut.add(name)
    this.#leftOut.delete(name)
    const options = this.#settings.read(`${call}EntryPoint`, name, change.given)
    const known = this.#known.get(name)
    if (known === undefined) this.#known.set(name, this.#create(name, options))
    else known.life.configure(options)
  }

  /** All workers listen on the same free port. */
  async #agreeOnPorts(life: EntryPointLife): Promise<void> {
    const { member } = this.#environment
    if (member !== undefined) life.configure(await withPorts(life.options, undefined, member, life.name))
  }

  /** Leaves it to the stop to close what is open. */
  #endOpening(signal: AbortSignal): void {
    if (this.listeners.length === 0) signal.throwIfAborted()
  }

  #create(name: string, options: ReadEntryPointOptions): Known {
    const { binder, callHook, server: _server, member: _member, ...environment } = this.#environment
    const { signal } = this.#stopping
    const commandCaller = () => ({ entryPoint: face, callHook })
    const findHolder = (address: Address) => this.#findHolder(address)
    const { https } = this.#options
    const life = new EntryPointLife(name, options, { ...environment, https, signal, commandCaller, findHolder })
    const face: EntryPoint = new EntryPoint(binder.createEntryPoint(name), life)
    return { life, face }
  }

  #configureDefault(): void {
    const options = this.#settings.completeDefault()
    const known = this.#known.get(DEFAULT_ENTRY_POINT)
    if (known === undefined) this.#known.set(DEFAULT_ENTRY_POINT, this.#create(DEFAULT_ENTRY_POINT, options))
    else known.life.configure(options)
  }

  /** Returns the entry point that listens on an address. */
  #findHolder(address: Address): string | undefined {
    return this.#lives.find(({ listeners }) => listeners.some((listener) => listener.holds(address)))?.name
  }

  /** Throws the error of a call, or, once the server stops, what that makes of it. */
  #fail(call: string, name: string, error?: unknown): never {
    if (!this.#stopping.signal.aborted) throw error
    throw new StateError(`${call}: the server was stopped before "${name}" was open`, {
      failure: 'ERR_TRIBIND_SERVER_STOPPED',
    })
  }

  #announce({ name: entryPoint, listeners }: EntryPointLife): void {
    announce(this.#environment.logger, { server: this.#environment.server, entryPoint, listeners })
  }

  #find(call: string, name: string): Known {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const names = [...this.#known.keys()]
    throw new ConfigError(
      `${call}: there is no entry point "${name}"; there are: ${names.join(', ') || 'none'}${suggestName(name, names)}`,
      { failure: 'ERR_TRIBIND_ENTRY_POINT_UNKNOWN' },
    )
  }
}

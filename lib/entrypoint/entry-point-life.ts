import type { ContextBase } from '../base/context.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import { within } from '../base/within.ts'
import type { Gate } from '../base/workers.ts'
import type { Logger } from '../log/logger.ts'
import { DEFAULT_ENTRY_POINT, type ReadEntryPointOptions } from './entry-point-options.ts'
import { StatusRecord } from './entry-point-status.ts'
import type { Observed, ObserverStatus } from './observers/observer.ts'
import type { Observers } from './observers/observers.ts'
import type { Listener, ListenerWatch } from './listener.ts'
import { type EntryPointEnvironment, OpenEntryPoint } from './open-entry-point.ts'
import { Statistics, type Stats } from './statistics.ts'
import type { VersionedTraffic } from './versioned-traffic.ts'

/** How long the functions of a request that was cut may take at least before its entry point is closed. */
const GRACE_MS = 100

/** What the life of an entry point depends on. */
export type LifeEnvironment = Omit<EntryPointEnvironment, 'statistics'> &
  Pick<ListenerWatch, 'findHolder'> & {
    /** Whether what it does is counted without `enableStats`, too. */
    readonly countsAlways: boolean
  }

/** The life of an entry point: it is opened, replaced and closed, and what is known of it is kept throughout. */
export class EntryPointLife implements Observed {
  readonly name: string
  readonly status: StatusRecord
  readonly #logger: Logger
  readonly #environment: LifeEnvironment
  /** Those that end, since they were closed or replaced. */
  readonly #ending = new Set<OpenEntryPoint>()
  /** Aborted with the server: what ends then waits no longer for its requests. */
  readonly #shut = new AbortController()
  /** Kept also while `enableStats` is false: its totals go on when that is set again. */
  #statistics: Statistics | undefined
  #options: ReadEntryPointOptions
  #current: OpenEntryPoint | undefined
  /** Loaded with the first options that have some. */
  #observers: Observers | undefined
  /** While it opens. */
  #opening: OpenEntryPoint | undefined

  constructor(name: string, options: ReadEntryPointOptions, environment: LifeEnvironment) {
    this.name = name
    this.status = new StatusRecord(name)
    this.#logger = environment.logger
    this.#environment = environment
    this.#options = options
  }

  /** Those in use, or those with which it was open last. */
  get options(): ReadEntryPointOptions {
    return this.#options
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#options.labels
  }

  get isOpen(): boolean {
    return this.#current !== undefined
  }

  /** The open listeners, in the order of the addresses; after the stop of the server, those that were open then. */
  get listeners(): readonly Listener[] {
    return (this.#current ?? this.#opening)?.listeners ?? []
  }

  /** As `OpenEntryPoint.firstBase`. */
  get firstBase(): ContextBase | undefined {
    return (this.#current ?? this.#opening)?.firstBase
  }

  /** What it has done; `undefined` without `enableStats`. */
  get stats(): Stats | undefined {
    return this.#options.enableStats ? this.#openStatistics().read() : undefined
  }

  /** What was counted; `undefined` where nothing ever was. */
  get counted(): Stats | undefined {
    return this.#statistics?.read()
  }

  /** The work under way where it is open, and where it ends. */
  get traffic(): readonly VersionedTraffic[] {
    return this.#all.map((one) => one.traffic)
  }

  /** Sets the options with which it will open. */
  configure(options: ReadEntryPointOptions): void {
    this.#options = options
  }

  /** How deliveries to its observers go. */
  get observers(): readonly ObserverStatus[] {
    return this.#observers?.status() ?? this.#options.observer.map(({ name }) => createStatus(name, this.name))
  }

  /** Tells its observers that it is there, before it opens with its server. */
  async announce(): Promise<void> {
    await this.#loadObservers(this.#options)
    this.#observers?.use(this.#options.observer)
  }

  /** Opens it. @throws ListenError, ConfigError or CommandError, and what `gate` does; nothing has changed then */
  async open(options: ReadEntryPointOptions, gate?: Gate): Promise<void> {
    await this.#loadObservers(options)
    const opened = this.#create(options)
    this.#opening = opened
    try {
      await opened.open()
      await this.#pass(gate, opened)
    } finally {
      this.#opening = undefined
    }
    this.#serve(opened, options)
  }

  /**
   * Opens it with other options, then closes what was open. Where both have an address, its socket stays open.
   *
   * @throws as `open`; the reason of the signal if the server was stopped meanwhile. Nothing has changed then.
   */
  async replace(options: ReadEntryPointOptions, gate?: Gate): Promise<void> {
    const before = this.#current as OpenEntryPoint
    await this.#loadObservers(options)
    const opened = this.#create(options)
    await opened.open(before)
    await this.#pass(gate, opened)
    if (this.#environment.signal.aborted) {
      await this.#end(opened, 0)
      this.#environment.signal.throwIfAborted()
    }
    opened.takeOver(before)
    this.#serve(opened, options)
    void this.#end(before, this.#environment.stopTimeout, GRACE_MS, (timeoutMs) => before.giveWay(timeoutMs))
  }

  /** Makes connections end with their responses. New connections are still accepted. */
  drain(): void {
    for (const one of this.#all) one.drain()
  }

  /**
   * Closes it until it is opened again: accepts no more connections, and resolves when the last has ended and its requests are
   * over. It waits for no observer.
   *
   * @returns how many connections hadn't ended after `timeoutMs` and were cut
   */
  async close(timeoutMs: number): Promise<number> {
    await Promise.all(this.#all.map((one) => one.goDown()))
    const closing = this.#close(timeoutMs, GRACE_MS)
    this.#current = undefined
    return closing
  }

  /** Closes it at once, since its server couldn't start. It waits for no observer. */
  async giveUp(): Promise<void> {
    await this.close(0)
    void this.#observers?.close()
  }

  /**
   * Closes it with its server, within the time of any call of `close` that is under way. It still tells where it was open.
   *
   * @param graceMs how long close events, and functions whose client is gone, may take at least
   */
  async shut(timeoutMs: number, graceMs: number): Promise<void> {
    await this.#close(timeoutMs, graceMs)
    this.#shut.abort()
    await this.#observers?.close()
  }

  get #all(): readonly OpenEntryPoint[] {
    return [...new Set([...this.#ending, ...(this.#current === undefined ? [] : [this.#current])])]
  }

  async #loadObservers({ observer }: ReadEntryPointOptions): Promise<void> {
    if (observer.length === 0 || this.#observers !== undefined) return
    const { Observers } = await import('./observers/observers.ts')
    const observers = new Observers(this, this.#logger)
    this.#observers = observers
    this.status.listen((change) => observers.tell(change))
  }

  #create(options: ReadEntryPointOptions): OpenEntryPoint {
    const watch: ListenerWatch = {
      entryPoint: this.name === DEFAULT_ENTRY_POINT ? undefined : this.name,
      findHolder: this.#environment.findHolder,
      failed: (error) => {
        this.#logger.error(`Entry point "${this.name}" can't accept a connection`, { error, entryPoint: this.name })
        if (this.#current === opened) this.status.fail(error)
      },
      recovered: () => {
        if (this.#current === opened) this.status.change('ready')
      },
    }
    const isCounted = options.enableStats || this.#environment.countsAlways
    const statistics = isCounted ? this.#openStatistics() : undefined
    const opened: OpenEntryPoint = new OpenEntryPoint(this.name, options, { ...this.#environment, statistics }, watch)
    return opened
  }

  /** Waits for the gate of a change; closes what was opened if it is refused. */
  async #pass(gate: Gate | undefined, opened: OpenEntryPoint): Promise<void> {
    try {
      await gate?.()
    } catch (error) {
      await this.#end(opened, 0)
      throw error
    }
  }

  #openStatistics(): Statistics {
    return (this.#statistics ??= new Statistics())
  }

  #serve(opened: OpenEntryPoint, options: ReadEntryPointOptions): void {
    this.#current = opened
    this.#options = options
    this.#observers?.use(options.observer)
    if (this.#environment.signal.aborted) return
    this.status.change('ready')
    this.status.tellAddresses(opened.listeners.map((listener) => listener.address))
  }

  async #close(timeoutMs: number, graceMs: number): Promise<number> {
    const all = this.#all
    const cut = await Promise.all(all.map((one) => this.#end(one, timeoutMs, graceMs)))
    if (all.length > 0 || this.status.state !== 'failed') this.status.change('closed')
    return cut.reduce((sum, connections) => sum + connections, 0)
  }

  async #end(
    one: OpenEntryPoint,
    timeoutMs: number,
    graceMs = 0,
    close = (ms: number) => one.close(ms),
  ): Promise<number> {
    this.#ending.add(one)
    await one.goDown()
    const deadline = performance.now() + timeoutMs
    const connections = await close(timeoutMs)
    const idle = one.traffic.whenIdle()
    const over = unlessAborted(this.#shut.signal, idle).catch(() => {})
    await within(Math.max(deadline - performance.now(), graceMs), over)
    await one.finish()
    void idle.then(() => this.#ending.delete(one))
    return connections
  }
}

/** How deliveries go before the first. */
function createStatus(name: string, entryPoint: string): ObserverStatus {
  return { name, entryPoint, pending: 0, dropped: 0, lastAccepted: undefined, lastError: undefined }
}

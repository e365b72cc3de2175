import type { ContextBase } from '../base/context.ts'
import { CommandError } from '../base/errors.ts'
import { isHttpHandler } from '../binding/http-handler.ts'
import type { SwitchTarget } from '../layers/switch-target.ts'
import type { Logger } from '../log/logger.ts'
import { formatAddress, parseAddresses } from '../net/address.ts'
import type { Bindings, Dispatcher } from '../pipeline/dispatcher.ts'
import { checkEndpoints, readyEndpoints } from '../pipeline/ready-endpoints.ts'
import { type CommandEvent, pickCommands } from './commands/command-options.ts'
import type { CommandCaller, Commands } from './commands/commands.ts'
import type { ReadEntryPointOptions } from './entry-point-options.ts'
import type { PlacedService } from './handler/connection-server.ts'
import { bindingsOf, serverHandlerOf, serviceOf } from './handler/handler-option.ts'
import type { ServedBy } from './handler/server-handler.ts'
import { placeService } from './handler/place-service.ts'
import { warnOfIdle } from './handler/warn-of-idle.ts'
import { limitsOf } from './http-limits.ts'
import type { HttpServerOptions } from './http-server.ts'
import type { Listener, ListenerWatch } from './listener.ts'
import { ServedAddress, type Serving } from './served-address.ts'
import type { Statistics } from './statistics.ts'
import type { HttpsOptions } from './tls/https-options.ts'
import { prepareTls } from './tls/prepare-tls.ts'
import type { Traffic } from './traffic.ts'
import { VersionedTraffic } from './versioned-traffic.ts'

/** What an open entry point needs of its server. */
export interface EntryPointEnvironment extends ServedBy {
  readonly logger: Logger
  /** How long a stop waits for requests, in milliseconds. */
  readonly stopTimeout: number
  /** The option `https` of the server. */
  readonly https?: HttpsOptions | undefined
  /** Counts what is done there; `undefined` where nothing is counted. */
  readonly statistics?: Statistics | undefined
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  /** Returns how functions among the commands are called. */
  readonly commandCaller: () => CommandCaller
}

/** An entry point from its opening to its closing: addresses, what serves there, and the work under way. */
export class OpenEntryPoint implements SwitchTarget {
  readonly entryPoint: string
  readonly inherits: boolean
  readonly instead: Bindings | undefined
  readonly traffic: VersionedTraffic
  readonly #options: ReadEntryPointOptions
  readonly #environment: EntryPointEnvironment
  readonly #watch: ListenerWatch
  /** What serves the connections in place of the dispatcher. */
  readonly #placed: PlacedService | undefined
  #commands: Commands | undefined
  /** Whether all addresses were listened on. */
  #isUp = false
  #addresses: readonly ServedAddress[]
  #httpOptions: HttpServerOptions

  constructor(name: string, options: ReadEntryPointOptions, environment: EntryPointEnvironment, watch: ListenerWatch) {
    this.entryPoint = name
    this.inherits = options.inherits
    this.instead = bindingsOf(options.handler)
    this.#options = options
    this.#environment = { ...environment, ...serverHandlerOf(options.handler)?.servedBy }
    this.#watch = watch
    this.#httpOptions = { ...limitsOf(options), logger: environment.logger, statistics: environment.statistics }
    // It throws where the service can't be opened: what is attached before would be switched for ever.
    this.#placed = this.#placeService()
    this.traffic = new VersionedTraffic(this.#environment.layers.attach(this))
    serverHandlerOf(options.handler)?.enter(this.traffic)
    this.#addresses = parseAddresses(options.address).map(
      (address) => new ServedAddress(address, this.#serving, this.#environment.openBaseContext),
    )
  }

  /** The open listeners, in the order of the addresses. */
  get listeners(): readonly Listener[] {
    return this.#addresses.flatMap(({ listener }) => listener ?? [])
  }

  /** What the contexts of requests at the first address inherit from; `undefined` without `openBaseContext`. */
  get firstBase(): ContextBase | undefined {
    return this.#addresses[0]?.base
  }

  /**
   * Runs `preUp`, opens all addresses, and runs `postUp`. If any of it fails, what was opened is closed.
   *
   * @param before what is open already: where both have an address, it is left for `takeOver`
   * @throws ListenError naming the address; ConfigError for a key or certificate that can't be read; CommandError of a
   * command that aborts the start; what its handler has against serving; the reason of the signal if it is aborted before it listens
   */
  async open(before?: OpenEntryPoint): Promise<void> {
    const { application, signal } = this.#environment
    const endpoints = [this.#options.handler].filter(isHttpHandler)
    try {
      checkEndpoints(endpoints, application)
      this.#commands = await this.#loadCommands()
      await this.#run('preUp', signal)
      await readyEndpoints(endpoints, application, signal)
      await this.#listen(before)
      this.#isUp = true
      warnOfIdle(this.entryPoint, this.#options, this.#environment)
      await this.#run('postUp', signal)
    } catch (error) {
      // What is up is for the stop to close.
      if (this.#isUp && signal.aborted) return
      await this.goDown()
      await this.close(0)
      await this.finish()
      this.#addresses = []
      throw error
    }
  }

  /** Takes the sockets of the addresses that are open already, in one go. */
  takeOver(before: OpenEntryPoint): void {
    for (const address of this.#addresses) {
      const other = before.#at(address)
      if (address.listener === undefined && other !== undefined) address.takeOver(other, this.#httpOptions, this.#watch)
    }
  }

  /** Serves all requests whose head arrives from now on with another dispatcher. Returns the work under way. */
  switchTo(dispatcher: Dispatcher): Traffic {
    const before = this.traffic.switchTo(dispatcher)
    for (const address of this.#addresses) address.switchTo(this.#serving)
    return before
  }

  /** Makes connections end with their responses. New connections are still accepted. */
  drain(): void {
    this.traffic.drain()
  }

  /** Makes connections end with their responses, and runs `preDown`, if it was open. */
  async goDown(): Promise<void> {
    this.traffic.drain(this.#goesOnElsewhere)
    if (this.#isUp) await this.#run('preDown')
  }

  /**
   * Accepts no more connections, and resolves when the last has ended.
   *
   * @returns how many hadn't ended after `timeoutMs` and were cut
   */
  close(timeoutMs: number): Promise<number> {
    return this.#close((listener) => this.#closeListener(listener, timeoutMs), timeoutMs)
  }

  /**
   * As `close`, but where another one goes on at an address, nothing is cut; where it goes on at all of them, event streams and
   * WebSockets aren't ended either.
   */
  giveWay(timeoutMs: number): Promise<number> {
    return this.#close(
      (listener) => (listener.isTakenOver ? listener.giveWay() : this.#closeListener(listener, timeoutMs)),
      this.#goesOnElsewhere ? undefined : timeoutMs,
    )
  }

  /** Runs `postDown`, if it was open, and ends what the commands have left running. */
  async finish(): Promise<void> {
    if (this.#isUp) await this.#run('postDown')
    await this.#commands?.end()
  }

  /** Whether another one listens at all of its addresses. */
  get #goesOnElsewhere(): boolean {
    return this.listeners.every(({ isTakenOver }) => isTakenOver)
  }

  get #serving(): Serving {
    const { dispatcher, current } = this.traffic
    const own = { entryPoint: this.entryPoint, traffic: current, version: dispatcher.version }
    return { dispatcher, settings: { ...this.#environment.settings, ...own }, placed: this.#placed }
  }

  /** What is spoken over TLS. */
  get #speaks(): 'http2' | 'http1' | 'other' {
    if (this.#placed !== undefined) return 'other'
    return this.#options.http2 ? 'http2' : 'http1'
  }

  /** Where the option `https` in use is written. */
  get #httpsPlace(): string {
    return this.#options.https === this.#environment.https ? 'https' : `entryPoints.${this.entryPoint}.https`
  }

  #placeService(): PlacedService | undefined {
    const service = serviceOf(this.#options.handler)
    if (service === undefined) return undefined
    const limits = limitsOf(this.#options)
    return placeService(service, { ...this.#environment, limits, traffic: () => this.traffic, watch: this.#watch })
  }

  async #loadCommands(): Promise<Commands | undefined> {
    const commands = pickCommands(this.#options)
    if (commands === undefined) return undefined
    const { Commands } = await import('./commands/commands.ts')
    return new Commands(this.#environment.commandCaller(), commands, this.#environment.logger)
  }

  async #run(event: CommandEvent, signal?: AbortSignal): Promise<void> {
    const addresses = this.#addresses.map(({ listener, configured }) => listener?.address ?? formatAddress(configured))
    const failure = await this.#commands?.run(event, addresses.join(), signal)
    if (failure !== undefined) throw new CommandError(failure.message, failure)
  }

  async #listen(before: OpenEntryPoint | undefined): Promise<void> {
    const { https } = this.#options
    if (https !== undefined) {
      const owner = { entryPoint: this.entryPoint, place: this.#httpsPlace, logger: this.#environment.logger }
      this.#httpOptions = { ...this.#httpOptions, create: await prepareTls({ https, speaks: this.#speaks, ...owner }) }
    }
    for (const address of this.#addresses) {
      const isOpen = before !== undefined && before.#at(address) !== undefined
      if (!isOpen) await address.listen(this.#httpOptions, this.#watch)
    }
  }

  #at({ configured }: ServedAddress): ServedAddress | undefined {
    return this.#addresses.find((address) => address.listensAt(configured))
  }

  /** @param streamsMs how long event streams and WebSockets may take to end; `undefined` if they needn't */
  async #close(close: (listener: Listener) => Promise<number>, streamsMs: number | undefined): Promise<number> {
    this.traffic.drain(streamsMs === undefined)
    // The listeners first: they count open streams among their connections before these are cut.
    const closing = this.listeners.map((listener) => close(listener))
    if (streamsMs !== undefined) await this.traffic.endStreams(streamsMs)
    const cut = await Promise.all(closing)
    this.#placed?.opened.close?.()
    this.#environment.layers.detach(this, this.traffic.current)
    serverHandlerOf(this.#options.handler)?.leave(this.traffic)
    return cut.reduce((sum, connections) => sum + connections, 0)
  }

  async #closeListener(listener: Listener, timeoutMs: number): Promise<number> {
    const connections = await listener.close(timeoutMs)
    if (connections === 0) return 0
    const { logger, stopTimeout } = this.#environment
    const what = connections === 1 ? '1 connection' : `${connections} connections`
    const limit = timeoutMs === stopTimeout ? 'stopTimeout' : `${timeoutMs} ms`
    const fields = { connections, address: listener.address, entryPoint: this.entryPoint }
    logger.warn(`Closed ${what} that hadn't ended within ${limit}`, fields)
    return connections
  }
}

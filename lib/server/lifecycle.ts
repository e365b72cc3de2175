import type { ServerState } from '../http/application.ts'
import { StateError } from '../base/errors.ts'
import type { Logger } from '../log/logger.ts'
import { isInsideHookOf, runHookOf } from '../base/hook-runs.ts'
import { within } from '../base/within.ts'
import { Components } from './component.ts'
import { ignoreSignals, stopOnSignal } from './signals.ts'

/** The part of a server that is started and stopped. It owns the hooks that run, its own among them. */
export interface LifecycleTarget {
  readonly name: string
  /** A logger that never throws. */
  readonly logger: Logger
  /** How long a stop waits for requests in flight, in milliseconds. */
  readonly stopTimeout: number
  /** Opened before the components start, and closed after they have stopped. */
  readonly database: {
    /** `undefined` if there is none: then the start doesn't wait. */
    open(): Promise<void> | undefined
    /** Ends a test transaction. */
    rollBack(): Promise<void>
    /** Closes it for good, also if it wasn't opened. Never rejects. */
    stop(): Promise<void>
  }
  /** Fixes what is served. Called at once by a start, which fails with what it throws. */
  prepare(): void
  /** Tells of the start. Returns what it has to wait for; `undefined` if nothing. */
  tellStart(): Promise<unknown> | undefined
  /** Opens all listeners or none. @param signal aborted if the server stops meanwhile: may reject with its reason then */
  open(signal: AbortSignal): Promise<void>
  /** Resolves when all workers of the application are of one version. Called when the last startup hook has run. */
  whenAgreed(): Promise<void>
  /** Makes connections end with their responses. Called at once by a stop, also without a start. */
  drain(): void
  /**
   * Accepts no more connections and resolves when the last request is over. What hasn't ended after `timeoutMs` is cut, or, if
   * it can't be, left alone.
   */
  close(timeoutMs: number): Promise<void>
  /** Releases what is bound, once nothing is served any more. Never rejects. */
  retire(): Promise<void>
}

/** Moves a server from state to state, never back, and runs its components and hooks in between. */
export class Lifecycle<Owner> {
  readonly components: Components
  readonly startupHooks: ((owner: Owner) => unknown)[] = []
  readonly shutdownHooks: ((owner: Owner) => unknown)[] = []
  readonly #owner: Owner
  readonly #target: LifecycleTarget
  readonly #stopSignal = new AbortController()
  #state: ServerState = 'created'
  #opening: Promise<void> = Promise.resolve()
  /** Whether listeners are opened, or were. */
  #isListening = false
  #isOpen = false
  #startingUp: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #isOver = false
  #leavesSignals = false
  #resolveStopped!: () => void
  readonly #whenStopped = new Promise<void>((resolve) => (this.#resolveStopped = resolve))

  constructor(owner: Owner, target: LifecycleTarget) {
    this.#owner = owner
    this.#target = target
    this.components = new Components(target, target.logger)
  }

  get stopTimeout(): number {
    return this.#target.stopTimeout
  }

  get state(): ServerState {
    return this.#state
  }

  /** Resolves when the listeners are open and the startup hooks have run. */
  async start(): Promise<void> {
    const wasReady = await this.#startUp('start')
    if (wasReady) return
    throw new StateError(`start: server "${this.#target.name}" was stopped before it was ready`, {
      failure: 'ERR_TRIBIND_SERVER_STOPPED',
    })
  }

  /** Starts, and resolves when the last shutdown hook has run, also if it was stopped while it started. */
  async run(): Promise<void> {
    await this.#startUp('run')
    await this.#whenStopped
  }

  /** Every call returns the same promise, except in a hook, where it resolves at once because the stop waits for that hook. */
  stop(): Promise<void> {
    if (this.#stopping === undefined) {
      this.#stopping = this.#stop()
      // Listeners of the signal may call stop.
      this.#stopSignal.abort()
    }
    return isInsideHookOf(this.#target) ? Promise.resolve() : this.#stopping
  }

  stopOnSignal(): void {
    if (this.#state !== 'stopped' && !this.#leavesSignals) stopOnSignal(this)
  }

  /** Leaves signals to the server at whose entry points this one serves. */
  leaveSignals(call: string): void {
    this.checkCreated(call)
    this.#leavesSignals = true
    ignoreSignals(this)
  }

  /** @throws StateError unless the server is ready */
  checkReady(call: string): void {
    if (this.#state === 'ready') return
    throw new StateError(`${call}: server "${this.#target.name}" must be ready, is ${this.#state}`, {
      failure: 'ERR_TRIBIND_SERVER_NOT_RUNNING',
    })
  }

  /** @throws StateError after the start */
  checkCreated(call: string): void {
    this.#checkCreated(call, `must be in the state created, is ${this.#state} already: call it before the start`)
  }

  #checkCreated(call: string, problem: string): void {
    if (this.#state === 'created') return
    throw new StateError(`${call}: server "${this.#target.name}" ${problem}`, { failure: 'ERR_TRIBIND_SERVER_STARTED' })
  }

  /** Resolves to true when the server is ready; to false, after the stop, if it was stopped before. */
  async #startUp(call: string): Promise<boolean> {
    const held = this.#target.tellStart()
    if (held !== undefined) await held
    const once = 'a server starts once'
    const problem =
      this.#state === 'stopped' ? `is stopped: ${once}, create a new one` : `is ${this.#state} already: ${once}`
    this.#checkCreated(call, problem)
    this.#state = 'preparing'
    this.#opening = this.#open()
    try {
      // A component that never starts delays a stop by its timeout, and the start no longer.
      await Promise.race([this.#opening, this.#whenStopped])
    } catch (error) {
      this.#failUnlessStopped(error)
    }
    if (this.#stopping !== undefined) {
      await this.#stopping
      return false
    }
    this.#state = 'ready'
    this.#startingUp = this.#runStartupHooks()
    // As above.
    await Promise.race([this.#startingUp, this.#whenStopped]).finally(() => this.#stopping)
    return true
  }

  async #open(): Promise<void> {
    try {
      this.#target.prepare()
      const opening = this.#target.database.open()
      if (opening !== undefined) {
        await opening
        this.#stopSignal.signal.throwIfAborted()
      }
      await this.components.start(this.#stopSignal.signal)
      this.#isListening = true
      await this.#target.open(this.#stopSignal.signal)
    } catch (error) {
      await within(this.#target.stopTimeout, this.#target.retire())
      await this.components.stop()
      await this.#target.database.stop()
      throw error
    }
    this.#isOpen = true
  }

  #failUnlessStopped(error: unknown): void {
    const { aborted, reason } = this.#stopSignal.signal
    if (aborted && error === reason) return
    this.#state = 'stopped'
    ignoreSignals(this)
    throw error
  }

  async #stop(): Promise<void> {
    const wasStarted = this.#state === 'preparing' || this.#state === 'ready'
    const { name, logger, stopTimeout } = this.#target
    this.#state = 'stopped'
    this.#target.drain()
    if (wasStarted) logger.info('Stopping', { name })
    await this.#close(stopTimeout)
    await within(stopTimeout, this.#target.retire())
    await this.#target.database.rollBack()
    if (this.#isOpen) await this.#runShutdownHooks()
    await this.components.stop()
    await this.#target.database.stop()
    ignoreSignals(this)
    this.#isOver = true
    if (wasStarted) logger.info('Stopped', { name })
    this.#resolveStopped()
  }

  /** Waits for what starts, then for requests and connections. */
  async #close(timeoutMs: number): Promise<void> {
    await within(timeoutMs, settled(this.#opening))
    // After late components, no listeners are opened.
    if (this.#isListening) await settled(this.#opening)
    await Promise.all([this.#target.close(timeoutMs), within(timeoutMs, settled(this.#startingUp))])
  }

  async #runStartupHooks(): Promise<void> {
    try {
      for (const hook of this.startupHooks) {
        await runHookOf(this.#target, () => hook(this.#owner))
        if (this.#stopping !== undefined) return
      }
      await this.#target.whenAgreed()
    } catch (error) {
      if (this.#isOver) this.#target.logger.error('A startup hook failed after the stop', { error })
      void this.stop()
      throw error
    }
  }

  async #runShutdownHooks(): Promise<void> {
    for (const hook of this.shutdownHooks) {
      try {
        await runHookOf(this.#target, () => hook(this.#owner))
      } catch (error) {
        this.#target.logger.error('A shutdown hook failed', { error })
      }
    }
  }
}

function settled(promise: Promise<void>): Promise<void> {
  return promise.catch(() => {})
}

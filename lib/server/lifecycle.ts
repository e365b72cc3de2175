import type { ServerState } from '../http/application.ts'
import { StateError } from '../base/errors.ts'
import type { Logger } from '../log/logger.ts'
import { within } from '../base/within.ts'
import type { Cut } from '../entrypoint/entrypoints.ts'
import { isInsideHookOf, runHookOf } from './hook-runs.ts'
import { ignoreSignals, stopOnSignal } from './signals.ts'

/** What a life is made of: the work of whoever has it. */
export interface Living {
  readonly name: string
  /** One that never throws. */
  readonly logger: Logger
  /** How long requests in flight are waited for, in milliseconds. */
  readonly stopTimeout: number
  /** Opens all listeners or none. */
  open(): Promise<void>
  /** Takes no more connections; resolves when the last has ended, to those that were cut after this long. */
  close(timeoutMs: number): Promise<readonly Cut[]>
  /** Resolves when nothing runs for any request. */
  whenIdle(): Promise<void>
}

// What is left once all connections have ended: close events, and functions that run on although their client is gone.
const CLOSE_EVENTS_MS = 2000

/** Takes a server from state to state, only ever forward, and runs its hooks on the way. */
export class Lifecycle<Owner> {
  readonly startupHooks: ((owner: Owner) => unknown)[] = []
  readonly shutdownHooks: ((owner: Owner) => unknown)[] = []
  readonly #owner: Owner
  readonly #living: Living
  #state: ServerState = 'created'
  #opening: Promise<boolean> = Promise.resolve(false)
  #startingUp: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #isOver = false
  #resolveStopped!: () => void
  readonly #whenStopped = new Promise<void>((resolve) => (this.#resolveStopped = resolve))

  constructor(owner: Owner, living: Living) {
    this.#owner = owner
    this.#living = living
  }

  get state(): ServerState {
    return this.#state
  }

  /** Resolves when the listeners are open and the startup hooks have run. */
  async start(): Promise<void> {
    const wasReady = await this.#startUp('start')
    if (!wasReady) throw new StateError(`server "${this.#living.name}" was stopped while it started`)
  }

  /** Starts, and resolves when the last shutdown hook has run, also where it was stopped while it started. */
  async run(): Promise<void> {
    await this.#startUp('run')
    await this.#whenStopped
  }

  /** Every call gives the end of the same stop, but in a hook it resolves at once: the stop waits for that hook. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return isInsideHookOf(this) ? Promise.resolve() : this.#stopping
  }

  stopOnSignal(): void {
    if (this.#state !== 'stopped') stopOnSignal(this)
  }

  /** @throws StateError once it was started */
  checkCreated(call: string): void {
    if (this.#state === 'created') return
    throw new StateError(`${call}: server "${this.#living.name}" is ${this.#state} already`)
  }

  /** Gives false, when the stop is over, where the server was stopped before it was ready. */
  async #startUp(call: string): Promise<boolean> {
    this.checkCreated(call)
    this.#state = 'preparing'
    await this.#open()
    if (this.#stopping !== undefined) {
      await this.#stopping
      return false
    }
    this.#state = 'ready'
    this.#startingUp = this.#runStartupHooks()
    // A hook that never ends holds up a stop for its time, and nobody any longer.
    await Promise.race([this.#startingUp, this.#whenStopped]).finally(() => this.#stopping)
    return true
  }

  async #open(): Promise<void> {
    const opening = this.#living.open()
    this.#opening = opening.then(
      () => true,
      () => false,
    )
    try {
      await opening
    } catch (error) {
      this.#state = 'stopped'
      ignoreSignals(this)
      throw error
    }
  }

  async #stop(): Promise<void> {
    this.#state = 'stopped'
    const wasOpen = await this.#opening
    const { stopTimeout } = this.#living
    const deadline = performance.now() + stopTimeout
    const [cut] = await Promise.all([
      this.#living.close(stopTimeout),
      within(
        stopTimeout,
        this.#startingUp.catch(() => {}),
      ),
    ])
    this.#report(cut)
    await within(Math.max(deadline - performance.now(), CLOSE_EVENTS_MS), this.#living.whenIdle())
    if (wasOpen) await this.#runShutdownHooks()
    ignoreSignals(this)
    this.#isOver = true
    this.#resolveStopped()
  }

  #report(cut: readonly Cut[]): void {
    for (const { connections, address } of cut) {
      const what = connections === 1 ? '1 connection' : `${connections} connections`
      this.#living.logger.warn(`Closed ${what} that hadn't ended within stopTimeout`, { connections, address })
    }
  }

  async #runStartupHooks(): Promise<void> {
    try {
      for (const hook of this.startupHooks) {
        await runHookOf(this, () => hook(this.#owner))
        if (this.#stopping !== undefined) return
      }
    } catch (error) {
      if (this.#isOver) this.#living.logger.error('A startup hook failed after the stop', { error })
      void this.stop()
      throw error
    }
  }

  async #runShutdownHooks(): Promise<void> {
    for (const hook of this.shutdownHooks) {
      try {
        await runHookOf(this, () => hook(this.#owner))
      } catch (error) {
        this.#living.logger.error('A shutdown hook failed', { error })
      }
    }
  }
}

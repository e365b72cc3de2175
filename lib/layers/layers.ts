import type { Routes } from '../binding/routes.ts'
import { Dispatcher, type DispatcherEnvironment } from '../pipeline/dispatcher.ts'
import type { RetiredTraffic, SwitchTarget } from './switch-target.ts'

/** All that is bound, and the dispatchers that serve it. */
export class Layers {
  /** Counts the switches, from 1 on. */
  version = 1
  readonly #code: Routes
  readonly #environment: DispatcherEnvironment
  readonly #targets = new Set<SwitchTarget>()
  /** Whether something was bound since the dispatchers were made. */
  #isStale = false

  constructor(code: Routes, environment: DispatcherEnvironment) {
    this.#code = code
    this.#environment = environment
    code.onChange(() => (this.#isStale = true))
  }

  /** Returns the dispatcher that serves a target now; from now on, each other one is passed to its `switchTo`. */
  attach(target: SwitchTarget): Dispatcher {
    this.settle()
    this.#targets.add(target)
    return this.#createDispatcher(target)
  }

  /**
   * Switches a target no more.
   *
   * @param _traffic what is still under way there
   */
  detach(target: SwitchTarget, _traffic: RetiredTraffic): void {
    this.#targets.delete(target)
  }

  /** Serves what was bound since the last call, which before the start may be anything. */
  settle(): void {
    if (!this.#isStale) return
    this.#isStale = false
    for (const target of this.#targets) target.switchTo(this.#createDispatcher(target))
  }

  /** Refuses all further registrations on the server itself. */
  freeze(): void {
    this.#code.freeze()
    this.settle()
  }

  #createDispatcher(_target: SwitchTarget): Dispatcher {
    return new Dispatcher(this.#code.bindings, this.#environment, this.version)
  }
}

import { Switch } from '../base/switch.ts'
import type { Routes } from '../binding/routes.ts'
import { Dispatcher, type DispatcherEnvironment } from '../pipeline/dispatcher.ts'

/** Holds the dispatcher of what is bound. Until the start, it is rebuilt when it is needed after a registration. */
export class DispatcherSwitch {
  readonly #routes: Routes
  readonly #environment: DispatcherEnvironment
  readonly #current = new Switch<Dispatcher | undefined>(undefined)

  constructor(routes: Routes, environment: DispatcherEnvironment) {
    this.#routes = routes
    this.#environment = environment
    routes.onChange(() => this.#current.set(undefined))
  }

  get(): Dispatcher {
    return this.#current.current ?? this.#build()
  }

  /** Refuses further registrations and returns the dispatcher of all previous ones. */
  freeze(): Dispatcher {
    this.#routes.freeze()
    return this.get()
  }

  #build(): Dispatcher {
    const dispatcher = new Dispatcher(this.#routes.bindings, this.#environment)
    this.#current.set(dispatcher)
    return dispatcher
  }
}

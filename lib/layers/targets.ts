import { runAtOnce } from '../base/steps.ts'
import { type Bindings, Dispatcher, type DispatcherEnvironment } from '../pipeline/dispatcher.ts'
import { RouteIndex } from '../routing/route-index.ts'
import type { RetiredTraffic, ServedPlace, SwitchTarget } from './switch-target.ts'
import type { Version } from './version.ts'

/** The dispatchers of some targets. */
export type Dispatchers = ReadonlyMap<SwitchTarget, Dispatcher>

/** The places that are switched together, each with the dispatcher that serves it. */
export class Targets {
  readonly #environment: DispatcherEnvironment
  readonly #dispatchers = new Map<SwitchTarget, Dispatcher>()

  constructor(environment: DispatcherEnvironment) {
    this.#environment = environment
  }

  /** Adds a target, and returns the dispatcher that serves it. */
  attach(target: SwitchTarget, version: Version): Dispatcher {
    const dispatcher = this.#create(target, version, undefined)
    this.#dispatchers.set(target, dispatcher)
    return dispatcher
  }

  /** Returns false if the target isn't there. */
  detach(target: SwitchTarget): boolean {
    return this.#dispatchers.delete(target)
  }

  /** Returns the dispatcher that serves at a place, or one that would. */
  dispatcherFor(place: ServedPlace, version: Version): Dispatcher {
    const { entryPoint, inherits, instead } = place
    for (const [target, dispatcher] of this.#dispatchers) {
      const isSame = target.entryPoint === entryPoint && target.inherits === inherits && target.instead === instead
      if (isSame) return dispatcher
    }
    return this.#create(place, version, undefined)
  }

  /** Creates the dispatchers by which a version is served. Targets at which the same is bound share one. */
  createDispatchers(version: Version): Dispatchers {
    const shared = new Map<string, Dispatcher>()
    const created = new Map<SwitchTarget, Dispatcher>()
    for (const [target, before] of this.#dispatchers) {
      const { entryPoint, inherits, instead } = target
      const key = `${inherits} ${entryPoint ?? ''}`
      const dispatcher = (instead ? undefined : shared.get(key)) ?? this.#create(target, version, before)
      if (instead === undefined) shared.set(key, dispatcher)
      created.set(target, dispatcher)
    }
    return created
  }

  /** Switches all targets in one piece: between two of them, no request arrives. Returns what is still under way. */
  switchTo(dispatchers: Dispatchers): RetiredTraffic[] {
    return Array.from(dispatchers, ([target, dispatcher]) => {
      this.#dispatchers.set(target, dispatcher)
      return target.switchTo(dispatcher)
    })
  }

  /** @param before the dispatcher that serves the target until then */
  #create(
    { entryPoint, inherits, instead }: ServedPlace,
    { number, contents }: Version,
    before: Dispatcher | undefined,
  ): Dispatcher {
    const bound = contents.flatMap((content) => content.bindingsAt(entryPoint, inherits))
    const bindings = instead === undefined ? bound : [instead, ...bound.map(withoutRoutes)]
    return new Dispatcher(bindings, this.#environment, number, before)
  }
}

function withoutRoutes({ interceptors }: Bindings): Bindings {
  const none: Bindings['routes'] = runAtOnce(RouteIndex.build([]))
  return { routes: none, webSockets: none, statics: none, interceptors }
}

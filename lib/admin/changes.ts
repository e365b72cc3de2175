import type { AdminWorld } from './admin-world.ts'

/** What has changed, as an event. */
interface Change {
  readonly event: string
  readonly data: object
}

/** Finds what has changed at entry points and providers since it was last asked. */
export class Changes {
  readonly #world: AdminWorld
  #known = new Map<string, string>()

  constructor(world: AdminWorld) {
    this.#world = world
  }

  /** Returns what there is in this process. */
  readonly read = (): readonly Keyed[] => [...this.#entryPoints(), ...this.#stats(), ...this.#configuration()]

  /** Returns what has changed. @param now what there is, in all workers */
  take(now: readonly Keyed[] = this.read()): Change[] {
    const known = this.#known
    this.#known = new Map(now.map(({ key, change }) => [key, JSON.stringify(change.data)]))
    return now.filter(({ key }) => known.get(key) !== this.#known.get(key)).map(({ change }) => change)
  }

  #entryPoints(): Keyed[] {
    return this.#world.server.entryPoints().map((one) => {
      const { stats: _, ...status } = one.status()
      return keyed('entrypoint', one.name, { name: one.name, addresses: one.addresses, status })
    })
  }

  #stats(): Keyed[] {
    return this.#world.server.entryPoints().flatMap(({ name }) => {
      const stats = this.#world.parts.entryPoints().insideOf(name)?.stats
      return stats === undefined ? [] : keyed('stats', name, { name, stats })
    })
  }

  #configuration(): Keyed[] {
    const status = this.#world.parts.configuration.port?.face.status()
    if (status === undefined) return []
    const { providers, version, appliedAt, pinned } = status
    const whole = keyed('configuration', '', { version, appliedAt, pinned })
    return [...providers.map((provider) => keyed('provider', provider.name, provider)), whole]
  }
}

/** What may change, by what it is known by. */
export interface Keyed {
  readonly key: string
  readonly change: Change
}

function keyed(event: string, name: string, data: object): Keyed {
  return { key: `${event} ${name}`, change: { event, data } }
}

import type { Application, ConfigurationIssue, Handler, Middleware } from '../../index.ts'
import type { Provided } from '../../kit.ts'
import { joinPath } from '../model/issue-of.ts'
import type { Making } from '../model/kind.ts'
import { MakingError } from '../model/making-error.ts'
import type { Middlewares } from '../model/middleware-table.ts'
import type { Part } from '../model/part.ts'
import type { Reference } from '../model/reference.ts'
import { isHandler } from './is-handler.ts'
import type { Lease } from './instances.ts'

/** Thrown for a part that can't be used, after what is wrong was noted. */
class Unusable extends Error {}

/** Makes services and middlewares of what a model says of them. */
export class Maker {
  /** What kept parts from being made, by part. */
  readonly issues: Map<Part, ConfigurationIssue> = new Map()
  readonly #lease: Lease
  readonly #server: Application
  readonly #provided: Provided
  readonly #made = new Map<Part, unknown>()
  readonly #unusable = new Set<Part>()

  constructor(lease: Lease, server: Application, provided: Provided) {
    this.#lease = lease
    this.#server = server
    this.#provided = provided
  }

  /** Whether a part can't be used: that, or what it refers to, could not be made, or is wrong. */
  isUnusable(part: Part): boolean {
    return part.isBroken || this.#unusable.has(part)
  }

  /** Returns the middlewares, the outermost first, or `undefined` for those that can't be used. */
  middlewares(part: Part | undefined): readonly Middleware[] | undefined {
    const made = this.make(part) as Middlewares | undefined
    return made === undefined ? undefined : [made].flat()
  }

  /** Returns what is made of a part, or `undefined` for one that can't be used. */
  make(part: Part | undefined): unknown {
    if (part === undefined) return undefined
    try {
      return this.#make(part)
    } catch (error) {
      if (error instanceof Unusable) return undefined
      throw error
    }
  }

  /** @throws Unusable */
  #make(part: Part): unknown {
    if (this.#made.has(part)) return this.#made.get(part)
    if (this.isUnusable(part)) throw new Unusable()
    try {
      const made = this.#acquire(part)
      this.#made.set(part, made)
      return made
    } catch (error) {
      this.#unusable.add(part)
      if (!(error instanceof Unusable)) this.issues.set(part, tell(part, error as Error))
      throw new Unusable()
    }
  }

  #acquire(part: Part): unknown {
    const { kind } = part
    if (kind === undefined) throw new Unusable()
    // What is made with must be there also where the instance itself is kept: their holders are counted.
    for (const target of part.targets.values()) this.#make(target)
    if (kind.isOthers) return kind.create(this.#makingOf(part, undefined))
    return this.#lease.acquire(part.key, `${part.id} ${kind.name}`, (before) =>
      kind.create(this.#makingOf(part, before)),
    )
  }

  #makingOf(part: Part, before: unknown): Making {
    const made = (reference: Reference) => this.#make(part.targets.get(reference) as Part)
    return {
      read: part.read,
      given: part.given as Readonly<Record<string, unknown>>,
      server: this.#server,
      title: `${part.place.type.slice(0, -1)} "${part.qualifiedName}"`,
      before,
      provided: this.#provided.endpoints,
      handler: (reference) => checkHandler(made(reference), reference),
      middlewares: (reference) => [made(reference) as Middlewares].flat(),
      keep: <T extends object>(create: () => T) =>
        this.#lease.acquire(`kept ${part.ownKey}`, `kept ${part.id}`, create) as T,
    }
  }
}

function checkHandler(made: unknown, { place }: Reference): Handler {
  if (isHandler(made)) return made
  throw new MakingError(place, 'must be a service that is one handler; an object or a class has several')
}

function tell(part: Part, error: Error): ConfigurationIssue {
  const place = error instanceof MakingError ? error.place : (part.kind?.name ?? '')
  return { path: joinPath(part.place.path, place), message: error.message }
}

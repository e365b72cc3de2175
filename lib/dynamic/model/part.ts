import { createHash } from 'node:crypto'
import type { ConfigurationIssue } from '../../index.ts'
import type { Pattern } from '../../kit.ts'
import { canonical } from '../canonical.ts'
import type { Kind } from './kind.ts'
import type { Reference, Referred } from './reference.ts'

export type PartType = Referred | 'routes'

/** Where a part stands. */
export interface PartPlace {
  readonly type: PartType
  /** `''` for what is written in place of a name. */
  readonly name: string
  readonly provider: string
  /** Such as `routes.cart`, or `routes.cart.service` for what is written there. */
  readonly path: string
  /** The named part around what is written in place of a name. */
  readonly owner?: Part
}

/** A route, a service or a middleware of a configuration, with what is wrong with it. */
export class Part {
  readonly place: PartPlace
  readonly given: unknown
  readonly errors: ConfigurationIssue[] = []
  /** What doesn't keep it from being used. */
  readonly warnings: ConfigurationIssue[] = []
  /** `undefined` where it can't be told. */
  kind: Kind | undefined
  /** As the table of its kind has read it. */
  read: object = {}
  /** Of a route; `undefined` where it can't be read. */
  pattern: Pattern | undefined
  /** What it refers to, as far as that is there. */
  readonly targets: Map<Reference, Part> = new Map()
  #key: string | undefined
  #isBroken: boolean | undefined

  constructor(place: PartPlace, given: unknown) {
    this.place = place
    this.given = given
  }

  /** Such as `carts@file`; of what is written in place of a name, that of the part around. */
  get qualifiedName(): string {
    const { owner = this, provider } = this.place
    return `${owner.place.name}@${provider}`
  }

  /** What tells its place from all others. */
  get id(): string {
    return `${this.place.path}@${this.place.provider}`
  }

  /** Whether it, or anything that it refers to, can't be used. Once asked, it doesn't change. */
  get isBroken(): boolean {
    return (this.#isBroken ??= this.errors.length > 0 || [...this.targets.values()].some(({ isBroken }) => isBroken))
  }

  /** What it has in common with the same part of another version where neither it nor what it refers to has changed. */
  get key(): string {
    return (this.#key ??= digest([this.ownKey, ...Array.from(this.targets.values(), ({ key }) => key)]))
  }

  /** The same for the part alone. */
  get ownKey(): string {
    return digest([this.id, canonical(this.given)])
  }
}

function digest(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('base64')
}

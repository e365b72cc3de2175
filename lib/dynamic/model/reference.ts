import { type About, isObject, isPlain, type JsonSchema, type Option, type PresenceOf } from '../../kit.ts'

/** What a reference may lead to. */
export type Referred = 'services' | 'middlewares'

/** A service or middleware that a part of a configuration is made with. */
export class Reference {
  readonly type: Referred
  /** A name, with or without `@provider`, or what is written in its place. */
  readonly target: string | object
  /** Where it stands in its part, such as `weighted[0].service`. */
  readonly place: string

  constructor(type: Referred, target: string | object, place: string) {
    this.type = type
    this.target = target
    this.place = place
  }
}

const singular = { services: 'service', middlewares: 'middleware' } as const

/** Declares an option that is the name of a service or a middleware, or one that is written in its place. */
export function reference(type: Referred): Option<unknown, 'always', Reference> {
  return {
    isValid: isTarget,
    words: wordsOf(type),
    required: true,
    convert: (value, place) => new Reference(type, value as string | object, place),
    json: () => schemaOf(type),
  }
}

/** Declares an option that is an array of such. */
export function references<const A extends About<unknown> = About<unknown>>(
  type: Referred,
  about?: A,
): Option<unknown, PresenceOf<A>, readonly Reference[]> {
  return {
    ...about,
    isValid: (value) => Array.isArray(value) && value.every(isTarget),
    words: `an array, each ${wordsOf(type)}`,
    convert: (value, place) =>
      (value as (string | object)[]).map((target, i) => new Reference(type, target, `${place}[${i}]`)),
    json: () => ({ type: 'array', items: schemaOf(type) }),
  }
}

/** Finds the references in what a table has read. */
export function findReferences(read: unknown): Reference[] {
  if (read instanceof Reference) return [read]
  if (Array.isArray(read)) return read.flatMap(findReferences)
  return isObject(read) && isPlain(read) ? Object.values(read).flatMap(findReferences) : []
}

function isTarget(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || isObject(value)
}

function wordsOf(type: Referred): string {
  return `the name of a ${singular[type]}, or an object that is one`
}

function schemaOf(type: Referred): JsonSchema {
  return { anyOf: [{ type: 'string', minLength: 1 }, { $ref: `#/$defs/${singular[type]}` }] }
}

import type { Application, Handler, Middleware } from '../../index.ts'
import { defineOptions, type JsonSchema, nested, type Option, type OptionFields, type RowsOf } from '../../kit.ts'
import type { Reference } from './reference.ts'

/** What a service is for requests: a handler, or an object or class whose methods are bound. */
export type Service = Handler | object

/** What a service or a middleware is made with. */
export interface Making<Read = unknown> {
  /** As the table of its kind has read it. */
  readonly read: Read
  /** As it was written. */
  readonly given: Readonly<Record<string, unknown>>
  readonly server: Application
  /** How the log names it, such as `service "carts@file"`. */
  readonly title: string
  /** What was made of the one of the same name and kind in whose place it comes; `undefined` where there is none. */
  readonly before: unknown
  /** What code gave names to. */
  readonly provided: ReadonlyMap<string, object>
  /** Returns the service that a reference leads to. @throws if it can't be made, or is an object or a class */
  readonly handler: (reference: Reference) => Handler
  /** Returns the middlewares that a reference leads to, the outermost first. @throws if they can't be made */
  readonly middlewares: (reference: Reference) => readonly Middleware[]
  /** Returns what was created for the same part of a configuration before, whatever became of what it refers to. */
  readonly keep: <T extends object>(create: () => T) => T
}

/** One kind of service or of middleware: how it is written, and what is made of it. */
export interface Kind<Made = unknown> {
  /** The member that tells it from the others. */
  readonly name: string
  /** All its members. */
  readonly table: KindTable
  /** @throws for what can't be made */
  readonly create: (making: Making) => Made
  /** Whether what it returns belongs to others, who close it. */
  readonly isOthers?: true
}

/** What of a table of options is needed. */
export interface KindTable {
  parse(given: never, place: string, report: (error: Error) => void): object
  jsonSchema(): JsonSchema
}

/** Declares a kind by the rows of all its members. */
export function kind<Read extends object, Made = Service>(
  name: string,
  rows: NoInfer<RowsOf<Partial<Record<keyof Read, unknown>>, Read>>,
  create: (making: Making<Read>) => Made,
): Kind<Made> {
  return {
    name,
    table: defineOptions<Partial<Record<keyof Read, unknown>>, Read>(rows),
    create: create as (making: Making) => Made,
  }
}

/** Declares a member that is an object of options, which another table reads. */
export function requiredOptions<Read>(fields: OptionFields<Read>, words: string): Option<unknown, 'always', Read> {
  return nested<unknown, Read, { required: true }>(fields, words, { required: true })
}

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkFunction } from '../base/check-function.ts'
import { metadata } from '../base/metadata.ts'
import type { InputKey } from '../http/checked-inputs.ts'
import type { EventStream } from '../http/events/event-stream.ts'
import type { Reply } from '../http/reply.ts'
import { coreOf, type Request } from '../http/request.ts'
import { type DeclarationParts, type NamedPart, type ReadDeclaration, readParts } from './declaration-parts.ts'
import { readInput } from './read-input.ts'

/** The checked input of an endpoint: of the parts that its declaration has, what their schemas return. */
export type DeclaredInput<Parts> = {
  readonly [Part in keyof Parts & (NamedPart | 'body')]: OutputOf<Parts[Part]>
}

type OutputOf<Part> = Part extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Part>
  : Part extends { readonly schema: infer Schema extends StandardSchemaV1 }
    ? StandardSchemaV1.InferOutput<Schema>
    : never

/** What a function that `handler` takes is called with. */
export type HandlerInput<Parts> = DeclaredInput<Parts> & { readonly request: Request }

/** What the function of a declared handler may return: the body of the first 2xx response, `reply(status, body)`, or nothing. */
export type HandlerResult<Parts> = Parts extends { readonly responses: infer Responses }
  ? Value<Responses> | Promise<Value<Responses>>
  : unknown

// What answers by itself, such as an open event stream, isn't held against the declaration.
type Value<Responses> = Replies<Responses> | FirstBody<Responses> | Itself | void

type Itself = Pick<globalThis.Response, 'redirected'> | EventStream | AsyncIterable<unknown>

type Replies<Responses> = {
  [Status in keyof Responses & number]: Reply<Status, BodyOf<Responses[Status]>>
}[keyof Responses & number]

type BodyOf<Response> = Response extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Response>
  : Response extends { readonly body: infer Body extends StandardSchemaV1 }
    ? StandardSchemaV1.InferOutput<Body>
    : undefined

type FirstBody<Responses, Statuses = Successes> = Statuses extends readonly [infer First, ...infer Others]
  ? First extends keyof Responses
    ? BodyOf<Responses[First]>
    : FirstBody<Responses, Others>
  : NoReply

type Successes = readonly [200, 201, 202, 203, 204, 205, 206, 207, 208, 226]

/** Any value but a reply, whose status would have to be declared. */
type NoReply = string | number | boolean | null | (object & { readonly [Member in keyof Reply]?: never })

/** What has no part but those of a declaration. */
type OnlyParts<Parts> = {
  readonly [Part in Exclude<keyof Parts, keyof DeclarationParts>]: {
    readonly refused: `"${Part & string}" is not a part of a declaration`
  }
}

/** A handler of a declaration, to bind as any other. */
export type DeclaredHandler = (request: Request<object>) => unknown

/** What an endpoint takes and returns, declared once. */
export class Declaration<Parts extends DeclarationParts = DeclarationParts> implements InputKey<DeclaredInput<Parts>> {
  /** As they were passed. */
  readonly parts: Parts
  /** The same, each part in one form. */
  readonly read: ReadDeclaration
  /** For types only: it has no value. */
  declare readonly input?: DeclaredInput<Parts> | undefined

  /** @internal */
  constructor(parts: Parts) {
    this.read = readParts(parts)
    this.parts = Object.freeze({ ...parts })
  }

  /**
   * Returns a handler that calls a function with the checked input, and with the request. What the function returns is the body of the
   * first 2xx response that is declared, and 200 without any; `reply` answers with another.
   *
   * An input that schemas refuse is a `ValidationError`, 400, with all issues of all parts; a body of another type than declared is 415.
   */
  handler(fn: (input: HandlerInput<Parts>) => HandlerResult<Parts>): DeclaredHandler {
    checkFunction('handler', fn)
    const call = fn as (input: object) => unknown
    const handler: DeclaredHandler = (request) =>
      readInput(this, coreOf(request), (input) => call({ ...input, request }))
    handlers.set(handler, this as AnyDeclaration)
    return Object.defineProperty(handler, 'name', { value: fn.name })
  }
}

/** A declaration of anything. */
export type AnyDeclaration = Declaration

/**
 * Declares what an endpoint takes and returns.
 *
 * @throws ConfigError naming the part that doesn't exist or has a wrong value
 */
export function declaration<const Parts extends DeclarationParts>(parts: Parts & OnlyParts<Parts>): Declaration<Parts> {
  return new Declaration<Parts>(parts)
}

const handlers = new WeakMap<object, AnyDeclaration>()

/** The key under which the declarations of methods are kept, on an object or on the prototype of a class. */
const DECLARATIONS = 'tribind:declarations'

/** Adds declarations of methods to an object, or to the prototype of a class. */
export function keepDeclarations(members: object, methods: Readonly<Record<string, AnyDeclaration>>): void {
  const { defineMetadata, getOwnMetadata } = metadata()
  hasMethods = true
  const before = (getOwnMetadata(DECLARATIONS, members) ?? []) as Iterable<[string, AnyDeclaration]>
  defineMetadata(DECLARATIONS, new Map([...before, ...Object.entries(methods)]), members)
}

/** Whether a method was declared anywhere: else nothing is loaded to look for one. */
let hasMethods = false

/** Returns the declarations of the methods of an object, or of the prototype of a class: its own and those that it inherits. */
export function declaredMethods(members: object): ReadonlyMap<string, AnyDeclaration> {
  if (!hasMethods) return new Map()
  const { getOwnMetadata } = metadata()
  const levels: Iterable<[string, AnyDeclaration]>[] = []
  for (let level: object | null = members; level !== null; level = Object.getPrototypeOf(level) as object | null)
    levels.unshift((getOwnMetadata(DECLARATIONS, level) ?? []) as Iterable<[string, AnyDeclaration]>)
  return new Map(levels.flatMap((level) => [...level]))
}

/** What was bound, as the list of routes has it. */
interface BoundSubject {
  readonly type: string
  /** That of a function, or `Class.method`. */
  readonly name: string
  readonly subject: unknown
}

/** Returns the declaration of what was bound: of a function, or of a method of a class or object. */
export function declarationOfBound({ type, name, subject }: BoundSubject): AnyDeclaration | undefined {
  if (typeof subject !== 'object' && typeof subject !== 'function') return undefined
  const method = type === 'handler' ? undefined : name.slice(name.lastIndexOf('.') + 1)
  return declarationOf(subject as object, method)
}

/** Returns the declaration of a handler, or of a method of a class or object; `undefined` if it has none. */
export function declarationOf(subject: object, method?: string): AnyDeclaration | undefined {
  if (method === undefined) return handlers.get(subject)
  const members = typeof subject === 'function' ? (subject.prototype as object) : subject
  return declaredMethods(members).get(method)
}

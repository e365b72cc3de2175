import { RouteError } from '../base/errors.ts'
import { printValue } from '../options/print-value.ts'
import type { HttpMethod } from '../net/methods.ts'
import type { Controller } from '../pipeline/controller.ts'

/** The names of an object's public methods that can be bound. */
export type MethodName<T> = {
  [K in keyof T & string]: K extends `_${string}` | 'init' | 'shut' | (T extends Controller ? keyof Controller : never)
    ? never
    : T[K] extends (...args: never[]) => unknown
      ? K
      : never
}[keyof T & string]

/** Names of methods: `'show1, show2'`, or an array of them. */
export type MethodList = string | readonly string[]

/** Accepts an object, and refuses a class, whose methods are those of its instances. */
export type NotClass<T> = T extends AnyClass ? IsClass : unknown

type AnyClass = abstract new (...args: never[]) => unknown
type IsClass = 'is a class: pass an instance of it, or use bindController'

/** The list itself if it names only public methods of `T`; otherwise a type whose text names the wrong one. */
export type CheckedList<T, List extends MethodList> =
  string extends NamesIn<List>
    ? List
    : [Exclude<NamesIn<List>, MethodName<T>>] extends [never]
      ? List
      : { readonly refused: `"${Exclude<NamesIn<List>, MethodName<T>>}" is not a public method` }

type NamesIn<List extends MethodList> = List extends string ? Split<List> : List[number]
type Split<S extends string> = string extends S ? S : S extends `${infer A},${infer B}` ? Trim<A> | Split<B> : Trim<S>
type Trim<S extends string> = S extends ` ${infer T}` | `${infer T} ` ? Trim<T> : S

/**
 * Accepts an object whose methods may all be bound, and refuses one with private or protected methods.
 *
 * TypeScript's `private` and `protected` end at compile time: such methods would become routes. A type can't list
 * them, nor distinguish them from `#private` members, so a class with either needs a list of the methods to bind.
 */
export type WithoutPrivate<T> = T extends AnyClass
  ? IsClass
  : Pick<T, keyof T> extends T
    ? unknown
    : 'has private, protected or # members: pass the list of methods to bind as third argument'

/**
 * Accepts what REST may bind, and refuses a class with a hidden method named like an HTTP method, which would serve requests.
 *
 * Unlike other names, these are known, so each can be checked; `#private` members don't matter here.
 */
export type WithPublicVerbs<T> = WithPublic<T, Lowercase<HttpMethod>>

/** Accepts what may be a resource, and refuses a class with a hidden method named like an action. */
export type WithPublicActions<T> = WithPublic<T, Action>

/** The methods of a resource that serve requests. */
export type Action = 'index' | 'create' | 'store' | 'show' | 'edit' | 'update' | 'destroy'

type WithPublic<T, Names extends string> = T extends AnyClass
  ? IsClass
  : [Hidden<T, Names>] extends [never]
    ? unknown
    : `its method "${Hidden<T, Names>}" is private or protected, but would serve requests`

type Hidden<T, Names extends string> = {
  [V in Names]: V extends keyof T ? never : T extends Pick<T, keyof T> & { [K in V]?: unknown } ? never : V
}[Names]

/**
 * Returns the names in a list, as they are written.
 *
 * @throws RouteError for what is neither a string nor an array
 */
export function parseMethodList(list: MethodList): string[] {
  if (typeof list !== 'string' && !Array.isArray(list))
    throw new RouteError(`the list of methods must be a string or an array of names, got ${printValue(list)}`, {
      failure: 'ERR_TRIBIND_ROUTE_MEMBERS_EMPTY',
    })
  const names = typeof list === 'string' ? list.split(',') : [...list]
  return names.map((name) => String(name).trim()).filter(Boolean)
}

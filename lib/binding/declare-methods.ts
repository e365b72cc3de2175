import { ConfigError } from '../base/errors.ts'
import { type AnyDeclaration, Declaration, keepDeclarations } from '../declare/declaration.ts'
import { printValue } from '../options/print-value.ts'
import type { MethodName } from './method-list.ts'

/** Declarations of the public methods of `T`, by name. */
export type MethodDeclarations<T> = { readonly [Name in MethodName<T>]?: AnyDeclaration }

type OnlyMethods<T, Methods> = {
  readonly [Name in Exclude<keyof Methods, MethodName<T>>]: `"${Name & string}" is not a public method`
}

/**
 * Declares what methods of a class, or of an object, take and return, wherever they are bound. A subclass inherits the declarations, and
 * may have others. Called again it adds to what was declared.
 *
 * What isn't a public method is a `RouteError` where the class or object is bound.
 *
 * @throws ConfigError for what isn't a class or an object, and for what isn't a declaration
 */
export function declareMethods<T extends object, const Methods extends MethodDeclarations<T>>(
  target: abstract new (...args: never[]) => T,
  methods: Methods & OnlyMethods<T, Methods>,
): void
export function declareMethods<T extends object, const Methods extends MethodDeclarations<T>>(
  target: T,
  methods: Methods & OnlyMethods<T, Methods>,
): void
export function declareMethods(target: unknown, methods: Readonly<Record<string, unknown>>): void {
  const members: unknown = typeof target === 'function' ? target.prototype : target
  if (typeof members !== 'object' || members === null)
    throw refuse('the first argument', 'a class or an object', target)
  if (typeof methods !== 'object' || methods === null)
    throw refuse('the second argument', 'an object of declarations by method', methods)
  for (const [name, declared] of Object.entries(methods))
    if (!(declared instanceof Declaration)) throw refuse(`"${name}"`, 'what declaration() returned', declared)
  keepDeclarations(members, methods as Readonly<Record<string, AnyDeclaration>>)
}

function refuse(argument: string, words: string, got: unknown): ConfigError {
  return new ConfigError(`declareMethods: ${argument} must be ${words}, got ${printValue(got)}`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}

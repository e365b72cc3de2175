import { type About, type Option, option, type PresenceOf } from '../options/option.ts'

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

/** Whether a value is the name of a header field or a method (RFC 9110, section 5.6.2). */
export function isToken(value: unknown): boolean {
  return typeof value === 'string' && token.test(value)
}

/** An option that holds names in an array, or in one string with commas. */
export function tokenList<const A extends About<Names> = About<Names>>(about?: A): Option<Names, PresenceOf<A>> {
  return option<Names, A>(isTokenList, 'an array of names of fields or methods, or one string with commas', about)
}

type Names = string | readonly string[]

function isTokenList(value: unknown): boolean {
  return (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : [value].flat()).every(isToken)
}

import { ConfigError } from '../base/errors.ts'
import { noSuchOption } from '../options/no-such-option.ts'
import { type Check, type Checks, printValue } from '../options/option-checks.ts'

export const count: Check = [(value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0']

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

/** A name of a header field or a method (RFC 9110, section 5.6.2). */
export function isToken(value: unknown): boolean {
  return typeof value === 'string' && token.test(value)
}

/** Names in an array, or in one text with commas. */
export const tokenList: Check = [
  (value) => (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : [value].flat()).every(isToken),
  'an array of names of fields or methods, or one text with commas',
]

/**
 * Sees to it that a middleware is made only with options that it knows, each in its range.
 *
 * @param maker the function that makes it, for the message
 * @throws ConfigError naming the option
 */
export function checkOptions<T extends object>(maker: string, given: T, checks: Checks<T>): void {
  if (typeof given !== 'object' || given === null) throw new ConfigError(`${maker} takes an object of options`)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, name)) throw new ConfigError(`${maker}: ${noSuchOption(name, Object.keys(checks))}`)
    const [isValid, range] = checks[name as keyof T]
    if (value !== undefined && !isValid(value))
      throw new ConfigError(`${maker}: the option "${name}" is ${range}, not ${printValue(value)}`)
  }
}

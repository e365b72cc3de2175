import { ConfigError } from '../index.ts'
import { isObject, printValue } from '../kit.ts'

/** What a file of a language has: texts, plural forms, and objects of such whose keys are joined with `.`. */
export interface LinesObject {
  readonly [key: string]: string | LinesObject
}

/** The texts of a line for numbers, by plural category or as `=0`. */
export type Forms = { readonly other: string } & Readonly<Record<string, string>>

/** A line by its whole key. */
export type LineEntry = readonly [key: string, source: string | Forms]

/**
 * Returns the lines of an object, their keys joined with `.`.
 *
 * @param place what the object is, for messages, such as a file
 * @param prefix the first part of all keys; `''` for none
 * @throws ConfigError naming place and key
 */
export function flattenLines(lines: unknown, place: string, prefix = ''): LineEntry[] {
  if (!isObject(lines)) throw refuse(place, prefix, lines)
  return Object.entries(lines).flatMap(([key, value]: [string, unknown]): LineEntry[] => {
    const whole = prefix === '' ? key : `${prefix}.${key}`
    if (key === '' || whole.split('.').includes('__proto__'))
      throw new ConfigError(`${place}: a key must not be empty or "__proto__", got ${printValue(whole)}`, {
        failure: 'ERR_TRIBIND_LANGUAGE_LINE',
      })
    return typeof value === 'string' || isForms(value) ? [[whole, value]] : flattenLines(value, place, whole)
  })
}

/** Whether an object is the forms of one line: it has `other`, and nothing but forms. */
function isForms(value: unknown): value is Forms {
  if (!isObject(value) || !Object.hasOwn(value, 'other')) return false
  return Object.entries(value).every(([name, text]) => isFormName(name) && typeof text === 'string')
}

function isFormName(name: string): boolean {
  return /^(?:zero|one|two|few|many|other|=\d+)$/.test(name)
}

function refuse(place: string, key: string, got: unknown): ConfigError {
  const what = key === '' ? 'its content' : printValue(key)
  return new ConfigError(
    `${place}: ${what} must be a text, plural forms with "other", or an object of such, got ${printValue(got)}`,
    { failure: 'ERR_TRIBIND_LANGUAGE_LINE' },
  )
}

import { ConfigError } from '../base/errors.ts'
import { type About, type JsonSchema, type Option, option, type PresenceOf } from './option.ts'
import { printValue } from './print-value.ts'

/** The longest time of a timer of Node.js; set to a longer one, it fires at once. */
const MAX_MS = 2 ** 31 - 1

/** The JSON Schema of a non-empty string. */
export const textSchema: JsonSchema = { type: 'string', minLength: 1 }

/** Declares an option that is true or false. */
export function flag<const A extends About<boolean> = About<boolean>>(about?: A): Option<boolean, PresenceOf<A>> {
  return { ...option<boolean, A>(isBoolean, 'true or false', about), json: () => ({ type: 'boolean' }) }
}

/** Declares an option that is a non-empty string. */
export function text<const A extends About<string> = About<string>>(about?: A): Option<string, PresenceOf<A>> {
  return { ...option<string, A>(isText, 'a non-empty string', about), json: () => textSchema }
}

/** Declares an option that is a function. */
export function callback<Value, const A extends About<NoInfer<Value>> = About<Value>>(
  words = 'a function',
  about?: A,
): Option<Value, PresenceOf<A>> {
  return option<Value, A>(isFunction, words, about)
}

/** Declares an option that is one of a few values. */
export function oneOf<const Value, const A extends About<NoInfer<Value>> = About<Value>>(
  values: readonly Value[],
  about?: A,
): Option<Value, PresenceOf<A>> {
  const isValid = (value: unknown) => values.includes(value as Value)
  return { ...option<Value, A>(isValid, `one of ${values.join(', ')}`, about), json: () => ({ enum: values }) }
}

/** Declares an option that is an integer in a range. */
export function integer<const A extends About<number> = About<number>>(
  range: Range,
  about?: A,
): Option<number, PresenceOf<A>> {
  const { from, to = Infinity, unit } = range
  const isValid = (value: unknown) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to
  const words = `an integer from ${from}${to === Infinity ? '' : ` to ${to}`}${unit === undefined ? '' : ` (${unit})`}`
  const json = () => ({ type: 'integer', minimum: from, ...(to < Infinity && { maximum: to }) })
  return { ...option<number, A>(isValid, words, about), json }
}

/** The integers that an option may have, both bounds included. */
interface Range {
  readonly from: number
  /** Default: no upper bound. */
  readonly to?: number
  /** Such as `bytes`. */
  readonly unit?: string
}

/** Declares an option that is a time, up to the longest that a timer of Node.js takes. */
export function milliseconds<const A extends About<number> = About<number>>(
  from: number,
  about?: A,
): Option<number, PresenceOf<A>> {
  return integer<A>({ from, to: MAX_MS, unit: 'milliseconds' }, about)
}

const durationText = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/** A time: milliseconds as a number, or a text such as `'500ms'`, `'10s'`, `'2m'` and `'1h'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`

/**
 * Declares an option that is a time, up to the longest that a timer of Node.js takes. The table returns milliseconds.
 *
 * @param from the shortest, in milliseconds
 */
export function duration<const A extends About<Duration> = About<Duration>>(
  from: number,
  about?: A,
): Option<Duration, PresenceOf<A>, number> {
  const isValid = (value: unknown) => {
    const ms = parseDuration(value)
    return ms !== undefined && ms >= from && ms <= MAX_MS
  }
  const examples = `${from > 500 ? '' : '"500ms", '}"10s", "2m" or "1h"`
  const words = `a time from ${from} ms, as milliseconds or a text such as ${examples}`
  const json = () => ({ anyOf: [{ type: 'integer', minimum: from, maximum: MAX_MS }, durationSchema] })
  return { ...about, isValid, words, json, convert: (value) => parseDuration(value) as number }
}

/** Returns the time that a call got, in milliseconds. @throws ConfigError naming the call */
export function readDuration(call: string, value: unknown): number {
  const ms = parseDuration(value)
  if (ms !== undefined && ms >= 0 && ms <= MAX_MS) return ms
  throw new ConfigError(
    `${call}: the time must be a number of milliseconds from 0 or a text such as "500ms", "10s", "2m" or "1h", got ${printValue(value)}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}

const durationSchema = { type: 'string', pattern: durationText.source }

const unitsInMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Returns a time in whole milliseconds; `undefined` for anything but a time. */
function parseDuration(value: unknown): number | undefined {
  if (Number.isInteger(value)) return value as number
  const [, amount, unit] = (typeof value === 'string' && durationText.exec(value)) || []
  return amount === undefined ? undefined : Math.round(Number(amount) * unitsInMs[unit as keyof typeof unitsInMs])
}

/** Declares an option that is a number of bytes, from 0. */
export function bytes<const A extends About<number> = About<number>>(about?: A): Option<number, PresenceOf<A>> {
  return integer<A>({ from: 0, unit: 'bytes' }, about)
}

/** Whether a value is a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

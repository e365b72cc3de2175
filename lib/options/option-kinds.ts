import { type About, type Option, option, type PresenceOf } from './option.ts'

/** The longest time of a timer of Node.js; set to a longer one, it fires at once. */
const MAX_MS = 2 ** 31 - 1

/** Declares an option that is true or false. */
export function flag<const A extends About<boolean> = About<boolean>>(about?: A): Option<boolean, PresenceOf<A>> {
  return option<boolean, A>((value) => typeof value === 'boolean', 'true or false', about)
}

/** Declares an option that is a non-empty string. */
export function text<const A extends About<string> = About<string>>(about?: A): Option<string, PresenceOf<A>> {
  return option<string, A>(isText, 'a non-empty string', about)
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
  return option<Value, A>((value) => values.includes(value as Value), `one of ${values.join(', ')}`, about)
}

/** Declares an option that is an integer in a range. */
export function integer<const A extends About<number> = About<number>>(
  range: Range,
  about?: A,
): Option<number, PresenceOf<A>> {
  const { from, to = Infinity, unit } = range
  const isValid = (value: unknown) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to
  const words = `an integer from ${from}${to === Infinity ? '' : ` to ${to}`}${unit === undefined ? '' : ` (${unit})`}`
  return option<number, A>(isValid, words, about)
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

/** Declares an option that is a time: milliseconds as a number, or a text such as `10s`. The table returns milliseconds. */
export function duration<const A extends About<number | string> = About<number | string>>(
  from: number,
  about?: A,
): Option<number | string, PresenceOf<A>, number> {
  const isValid = (value: unknown) => {
    const ms = toMilliseconds(value)
    return Number.isInteger(ms) && ms >= from && ms <= MAX_MS
  }
  const words = `a time from ${from} ms, as a number of milliseconds or a text such as '500ms', '10s', '2m' or '1h'`
  return { ...about, isValid, words, read: toMilliseconds }
}

const unitsInMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Returns a time in milliseconds, and `NaN` for what isn't one. */
function toMilliseconds(value: unknown): number {
  if (typeof value !== 'string') return typeof value === 'number' ? value : NaN
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? []
  return Math.round(Number(amount) * (unitsInMs[unit] ?? NaN))
}

/** Declares an option that is a number of bytes, from 0. */
export function bytes<const A extends About<number> = About<number>>(about?: A): Option<number, PresenceOf<A>> {
  return integer<A>({ from: 0, unit: 'bytes' }, about)
}

/** Whether a value is a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

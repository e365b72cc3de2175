import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'

/** What to send in place of values that JSON has no text for, by their class. */
const instead: ReadonlyMap<string, string> = new Map([
  ['Map', 'send Object.fromEntries(map) or [...map]'],
  ['Set', 'send [...set]'],
  ['Error', 'throw it, or send its message'],
  ['Promise', 'await it'],
  ['Response', 'return it from the handler'],
  ['ReadableStream', 'use response.stream()'],
  ['Blob', 'send its text, or write it alone'],
  ['File', 'send its text, or write it alone'],
  ['FormData', 'send Object.fromEntries(form), or write it alone'],
  ['URLSearchParams', 'send Object.fromEntries(params), or write it alone'],
  ['Headers', 'send Object.fromEntries(headers)'],
])

/** @throws ResponseError for the first object in a value of which JSON keeps nothing, such as a Map */
export function refuseLost(value: unknown): void {
  const places = new Map<unknown, string>()
  JSON.stringify(value, function (this: unknown, key: string, part: unknown) {
    if (typeof part !== 'object' || part === null) return part
    const around = places.get(this)
    const place = around === undefined ? '' : around + formatStep(Array.isArray(this), key, around === '')
    places.set(part, place)
    if (isLost(part)) refuseContent(part, place)
    return part
  })
}

/** @throws ResponseError always, with what to send instead. */
export function refuseContent(value: unknown, place = ''): never {
  const advice = instead.get(value instanceof Error ? 'Error' : classOf(value))
  throw new ResponseError(
    `a response must be text, bytes, a stream or a value that JSON has a text for, got ${printValue(value)}` +
      (place === '' ? '' : ` at "${place}"`) +
      (advice === undefined ? '' : `: ${advice}`),
    { failure: 'ERR_TRIBIND_RESPONSE_CONTENT' },
  )
}

/** Returns whether JSON keeps nothing of an object of a class that the language or the platform brings. */
function isLost(value: object): boolean {
  const name = classOf(value)
  return name !== 'Object' && name !== 'Array' && JSON.stringify(value) === '{}'
}

function formatStep(isIndex: boolean, key: string, isFirst: boolean): string {
  if (isIndex) return `[${key}]`
  return isFirst ? key : `.${key}`
}

function classOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

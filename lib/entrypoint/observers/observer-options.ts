import { ConfigError } from '../../base/errors.ts'
import { suggestName } from '../../base/nearest-name.ts'
import { type Complete, defineOptions, type OptionTable } from '../../options/define-options.ts'
import { isObject, type Option, option, type Report } from '../../options/option.ts'
import { callback, type Duration, duration, flag, isFunction, isText, textSchema } from '../../options/option-kinds.ts'
import { printValue } from '../../options/print-value.ts'
import type { ObserverEvent } from './observer-event.ts'

/**
 * Who is told of an entry point, and how. Exactly one of `url` and `report` is required.
 *
 * What isn't accepted is sent again with the next period, in order, together with what has come since.
 */
export interface ObserverOptions {
  /**
   * Where events are posted, by http or https, as JSON: `{ "events": [ … ] }`, each an `ObserverEvent`. They are accepted by a status from
   * 200 to 299, unless the body is JSON with `"ok": false`. Its user and password are sent as Basic credentials (RFC 7617).
   */
  url?: string | URL
  /** Sent as Bearer token. Default: none. */
  token?: string
  /**
   * Called with the events instead. They are accepted unless it returns false, throws or rejects, or hasn't ended when `signal`
   * aborts at the timeout.
   */
  report?: (events: ObserverEvent[], signal: AbortSignal) => unknown
  /** How often statistics are sent, and what wasn't accepted is sent again: milliseconds or a text such as `10s`, at least 1 s. Default `5s`. */
  period?: Duration
  /** How long a delivery may take, and how long the stop waits for the last one. Default `5s`. */
  timeout?: Duration
  /** Whether `inputBytes` and `outputBytes` are those since the event before instead of all. Default false. */
  resetTraffic?: boolean
}

/** The option `observer` of an entry point: URLs, names from the option `observers`, and objects. */
export type ObserverOption = ObserverTarget | readonly ObserverTarget[]

/** The option `observers` of a server: URLs and objects, by name. */
export type NamedObservers = Readonly<Record<string, string | URL | ObserverOptions>>

type ObserverTarget = string | URL | ObserverOptions

type TableOptions = Complete<Omit<ObserverOptions, 'period' | 'timeout'>, 'url' | 'token' | 'report'> & {
  readonly period: number
  readonly timeout: number
}

/** An observer as its options were read. */
export interface ReadObserver extends Omit<TableOptions, 'url'> {
  readonly name: string
  readonly url?: URL
}

/** The option `observers` as it was read. */
export type ObserversByName = Readonly<Record<string, ReadObserver>>

const urlSchema = { type: 'string', pattern: '^[Hh][Tt][Tt][Pp][Ss]?:' }
const urlWords = 'a URL that begins with http:// or https://'
const namedWords = `${urlWords}, or an object with url or report`
const words = `${urlWords}, an object with url or report, a name from option "observers", or an array of these`

/** The table of the options of an observer. */
export const observerOptions: OptionTable<ObserverOptions, TableOptions> = defineOptions(
  {
    url: option(isHttpUrl, urlWords, { secret: true, json: () => urlSchema }),
    token: option(isToken, 'a non-empty string of visible ASCII characters', { secret: true, json: () => textSchema }),
    report: callback('a function of events and a signal'),
    period: duration(1000, { default: '5s' }),
    timeout: duration(1, { default: '5s' }),
    resetTraffic: flag({ default: false }),
  },
  { check: findProblem },
)

function findProblem({ url, token, report }: TableOptions, place: string): string | undefined {
  if ((url === undefined) === (report === undefined))
    return `option "${place}url" or option "${place}report" is required, and not both`
  if (token === undefined) return undefined
  if (url === undefined) return `option "${place}token" needs option "${place}url": a function gets no token`
  const { username, password } = new URL(url)
  if (username + password !== '')
    return `option "${place}token" and the credentials in option "${place}url" exclude each other: leave one out`
  return undefined
}

/** Declares the option `observer` of an entry point, for `readObservers`. */
export function observerOption(): Option<ObserverOption, 'maybe'> {
  const json = () => {
    const target = { anyOf: [textSchema, observerOptions.jsonSchema()] }
    return { anyOf: [...target.anyOf, { type: 'array', items: target }] }
  }
  return option(isObserver, words, { secret: true, json })
}

/** Declares the option `observers` of a server. */
export function namedObserversOption(): Option<NamedObservers, 'always', ObserversByName> {
  const words = 'an object of observers by name, each a URL or an object with url or report'
  const convert = (given: unknown, _place: string, report?: Report) => {
    const entries = Object.entries(given as NamedObservers)
    const read = entries.map(([name, target]) => [
      name,
      { ...readTarget(target, `observers.${name}`, namedWords, report), name },
    ])
    return Object.freeze(Object.fromEntries(read) as ObserversByName)
  }
  const additionalProperties = () => ({ anyOf: [urlSchema, observerOptions.jsonSchema()] })
  const json = () => ({ type: 'object', additionalProperties: additionalProperties() })
  return { isValid: isObject, words, convert, json, default: {}, defaultText: 'none', secret: true }
}

/**
 * Reads the option `observer` of an entry point.
 *
 * @param place the option with its path, such as `entryPoints.web.observer`
 * @throws ConfigError naming what can't be read
 */
export function readObservers(
  given: ObserverOption | undefined,
  place: string,
  named: ObserversByName,
): readonly ReadObserver[] {
  if (given === undefined) return []
  const read = Array.isArray(given)
    ? (given as readonly ObserverTarget[]).map((target, i) => readOne(target, `${place}[${i}]`, named))
    : [readOne(given as ObserverTarget, place, named)]
  return numberTwins(read)
}

function readOne(target: ObserverTarget, place: string, named: ObserversByName): ReadObserver {
  if (!isName(target)) return readTarget(target, place)
  if (Object.hasOwn(named, target)) return named[target] as ReadObserver
  const names = Object.keys(named)
  throw refuse(
    `option "${place}": there is no observer "${target}" in option "observers"; there are: ` +
      `${names.join(', ') || 'none'}${suggestName(target, names)}`,
  )
}

function readTarget(target: ObserverTarget, place: string, expected = words, report?: Report): ReadObserver {
  if (isHttpUrl(target)) return readOptions({ url: target }, place, report)
  if (isObject(target)) return readOptions(target as ObserverOptions, place, report)
  // Other texts may have credentials.
  const got = isText(target) && !isName(target) ? 'another text' : printValue(target)
  const advice = isFunction(target) ? '; write a function as { report: function }' : ''
  throw refuse(`option "${place}" must be ${expected}, got ${got}${advice}`)
}

function readOptions(given: ObserverOptions, place: string, report?: Report): ReadObserver {
  const { url: text, ...options } = observerOptions.parse(given, `${place}.`, report)
  if (text === undefined) return { ...options, name: options.report?.name || 'report' }
  const url = new URL(text)
  return { ...options, url, name: url.origin + url.pathname }
}

/** Makes names unique: a second `report` is `report 2`. */
function numberTwins(observers: readonly ReadObserver[]): readonly ReadObserver[] {
  return observers.map((observer, i) => {
    const twins = observers.slice(0, i).filter(({ name }) => name === observer.name)
    return twins.length === 0 ? observer : { ...observer, name: `${observer.name} ${twins.length + 1}` }
  })
}

/** Whether a value is most likely meant as a name: without what a URL has between its parts. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]+$/.test(value)
}

/** What `readObservers` reads, or refuses in better words. */
function isObserver(value: unknown): boolean {
  return isText(value) || isObject(value) || Array.isArray(value) || isFunction(value)
}

function isHttpUrl(value: unknown): value is string | URL {
  if (!isText(value) && !(value instanceof URL)) return false
  try {
    const { protocol, username, password } = new URL(value)
    decodeURIComponent(username + password)
    return protocol === 'http:' || protocol === 'https:'
  } catch {
    return false
  }
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function refuse(message: string): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}

import { ConfigError } from '../base/errors.ts'
import { nameErrors } from '../base/name-errors.ts'
import { parseAddresses } from '../net/address.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, nested, type Option, option, type Report } from '../options/option.ts'
import { flag, text, textSchema } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import { commandRows, type CommandsByEvent, pickCommands, type ReadCommands } from './commands/command-options.ts'
import type { ConnectionService } from './handler/connection-service.ts'
import {
  type EntryPointHandler,
  handlerOption,
  serverHandlerOf,
  type ReadHandler,
  serviceOf,
} from './handler/handler-option.ts'
import {
  findLimitProblem,
  type HttpLimits,
  inheritedLimitRows,
  inheritLimits,
  limitsOf,
  type ParsedLimits,
  type ReadLimits,
} from './http-limits.ts'
import {
  type ObserverOption,
  observerOption,
  type ObserversByName,
  type ReadObserver,
  readObservers,
} from './observers/observer-options.ts'
import { httpsOptions, type HttpsOptions } from './tls/https-options.ts'

/** The options of an entry point. The limits default to those of the server. */
export interface EntryPointOptions extends HttpLimits, CommandsByEvent {
  /** Where to listen, as the server's option of that name; it includes the port. Several are joined with `,`. */
  address: string
  /** Enables TLS: `{ key, cert }`; false for plain HTTP. Default: that of the server. */
  https?: HttpsOptions | false
  /** Whether clients that support it are served over HTTP/2. Requires TLS. Default: that of the server, where there is TLS. */
  http2?: boolean
  /** Whether what is bound on the server serves here too. Default true. */
  inherits?: boolean
  /** Whether connections, bytes, requests and errors are counted, for `status()`. Default false. */
  enableStats?: boolean
  /** Texts by name, for those who read the status and the events. Default: none. */
  labels?: Readonly<Record<string, string>>
  /** Who is told of its states and statistics: a URL, an object with `url` or `report`, a name from the option `observers`, or an array of these. Default: none. */
  observer?: ObserverOption
  /**
   * What serves here in place of the routes: a function of each connection and the `EntryPoint`, a service such as `httpProxy(…)`, or
   * what `forward(…)` returns, which hooks and middleware act on as on a route `/*`. Default: none.
   */
  handler?: EntryPointHandler
}

/** The entry point that `address` and `port` of a server belong to, and that injected and mounted requests are served as at. */
export const DEFAULT_ENTRY_POINT = 'default'

/** Entry points by name, in the order in which they open; a text stands for `{ address }`. */
export type EntryPointsOption = Readonly<Record<string, EntryPointOptions | string>>

/** The options as they are given, checked one by one. */
export type ParsedEntryPoint = Omit<EntryPointOptions, keyof HttpLimits | 'handler'> &
  ParsedLimits & { readonly handler?: ReadHandler } & Required<
    Pick<EntryPointOptions, 'enableStats' | 'inherits' | 'labels'>
  > &
  ReadCommands

export type ParsedEntryPoints = Readonly<Record<string, ParsedEntryPoint>>

/** The options as they are in use. */
export type ReadEntryPointOptions = ReadLimits &
  ReadCommands &
  Complete<Pick<EntryPointOptions, 'address' | 'enableStats' | 'http2' | 'inherits' | 'labels'>> & {
    readonly https?: HttpsOptions
    readonly observer: readonly ReadObserver[]
    readonly handler?: ReadHandler
    /** The limits of its own that have no effect with its handler. */
    readonly idleLimits?: readonly string[]
  }

/** What the options of a server say of its entry points. */
export type EntryPointDefaults = ReadLimits & {
  readonly https?: HttpsOptions
  readonly http2: boolean
  readonly observers: ObserversByName
}

const asOfServer = { defaultText: "the server's" } as const

/** What to do instead of an option that `net.Server.listen` has. */
export const hostInstead: Readonly<Record<'host', string>> = {
  host: 'write it in "address", such as "127.0.0.1:8080"',
}

/** The table of the options of an entry point. */
export const entryPointOptions: OptionTable<EntryPointOptions, ParsedEntryPoint> = defineOptions(
  {
    address: text({ required: true }),
    https: nested(httpsOptions, 'false, or an object with key and cert', asOfServer, (value) => value === false),
    http2: flag(asOfServer),
    inherits: flag({ default: true }),
    enableStats: flag({ default: false }),
    labels: labels(),
    observer: observerOption(),
    handler: handlerOption(),
    ...inheritedLimitRows,
    ...commandRows,
  },
  {
    instead: { port: 'write it in "address", such as ":8080"', ...hostInstead },
    check: ({ address }, place) => {
      checkAddress(address, place)
      return undefined
    },
  },
)

function labels() {
  const isLabels = (value: unknown) => isObject(value) && Object.values(value).every((text) => typeof text === 'string')
  const convert = (value: unknown) => Object.freeze({ ...(value as Readonly<Record<string, string>>) })
  const json = () => ({ type: 'object', additionalProperties: { type: 'string' } })
  const about = { default: {}, defaultText: 'none', json }
  return { ...option<Readonly<Record<string, string>>, typeof about>(isLabels, 'an object of texts', about), convert }
}

/** Checks a list of addresses. @throws ConfigError naming the option */
export function checkAddress(address: string, place: string, port?: number): void {
  nameErrors(`option "${place}address"`, () => parseAddresses(address, port))
}

/** Declares the option that names entry points. */
export function entryPointsOption(): Option<EntryPointsOption, 'maybe', ParsedEntryPoints> {
  const words = 'an object of entry points by name, each an address or an object of options'
  const convert = (given: unknown, _place: string, report?: Report) => {
    const entries = Object.entries(given as EntryPointsOption)
    return Object.freeze(Object.fromEntries(entries.map(([name, one]) => [name, parseEntryPoint(name, one, report)])))
  }
  const json = () => ({
    type: 'object',
    additionalProperties: { anyOf: [textSchema, entryPointOptions.jsonSchema()] },
  })
  return { isValid: isObject, words, convert, json, secret: true }
}

/** Reads the options of one entry point. @throws ConfigError naming the option by its path */
export function parseEntryPoint(name: string, given: EntryPointOptions | string, report?: Report): ParsedEntryPoint {
  const path = `entryPoints.${name}`
  if (typeof name !== 'string' || name === '')
    throw invalid(`the name of an entry point must be a non-empty string, got ${printValue(name)}`)
  if (typeof given === 'string') return entryPointOptions.parse({ address: given }, `${path}.`, report)
  if (!isObject(given))
    throw invalid(`option "${path}" must be an address or an object of options, got ${printValue(given)}`)
  return entryPointOptions.parse(given, `${path}.`, report)
}

/** Returns the options of an entry point with what the server's say for it. @throws ConfigError naming the option by its path */
export function completeEntryPoint(
  name: string,
  { address, enableStats, inherits, labels, observer: given, ...own }: ParsedEntryPoint,
  server: EntryPointDefaults,
): ReadEntryPointOptions {
  const place = `entryPoints.${name}.`
  const { handler } = own
  const limits = inheritLimits(own, serverHandlerOf(handler)?.limits ?? server)
  const https = own.https ?? server.https
  const service = serviceOf(handler)
  const http2 = own.http2 ?? (server.http2 && https !== undefined && https !== false && service === undefined)
  const problem =
    findTlsProblem({ https, http2 }, place) ??
    findLimitProblem(limits, place) ??
    (service && findServiceProblem(service, { address, http2 }, place))
  if (problem !== undefined) throw new ConfigError(problem, { failure: 'ERR_TRIBIND_OPTION_CONFLICT' })
  const observer = readObservers(given, `${place}observer`, server.observers)
  const served = handler && { handler, idleLimits: service === undefined ? [] : service.findIdle(limitsOf(own)) }
  const rest = { enableStats, inherits, labels, observer, ...served, ...limits, ...pickCommands(own) }
  return Object.freeze({ address, ...(https && { https }), http2, ...rest })
}

/** Returns what is wrong with the options of TLS together, or `undefined`. */
export function findTlsProblem(
  { https, http2 }: { readonly https?: HttpsOptions | false | undefined; readonly http2: boolean },
  place = '',
): string | undefined {
  if (!http2 || https) return undefined
  return `option "${place}http2" needs option "${place}https": clients speak HTTP/2 over TLS only`
}

function findServiceProblem(
  service: ConnectionService,
  { address, http2 }: { readonly address: string; readonly http2: boolean },
  place: string,
): string | undefined {
  if (http2) return `option "${place}http2" must be false where "${place}handler" serves connections, got true`
  const problem = service.findProblem(parseAddresses(address))
  return problem && `option "${place}handler": ${problem}`
}

function invalid(problem: string): ConfigError {
  return new ConfigError(problem, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}

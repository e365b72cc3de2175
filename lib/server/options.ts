import type { Registered } from '../base/register.ts'
import type { ChainSetting, HopSetting } from '../base/chain-types.ts'
import { adaptLogger, isLogger } from '../log/adapt-logger.ts'
import { createDefaultLogger } from '../log/create-logger.ts'
import type { Logger } from '../log/logger.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, nested, option } from '../options/option.ts'
import {
  bytes,
  callback,
  type Duration,
  duration,
  flag,
  integer,
  isFunction,
  oneOf,
  text,
} from '../options/option-kinds.ts'
import type { TrustProxy } from '../net/proxy-trust.ts'
import { type NamingStyle, namingStyles } from '../binding/name-to-uri.ts'
import {
  checkAddress,
  entryPointOptions,
  type EntryPointsOption,
  entryPointsOption,
  findTlsProblem,
  hostInstead,
  type ParsedEntryPoints,
} from '../entrypoint/entry-point-options.ts'
import { findLimitProblem, type HttpLimits, limitRows, type ReadLimits } from '../entrypoint/http-limits.ts'
import {
  type NamedObservers,
  namedObserversOption,
  type ObserversByName,
} from '../entrypoint/observers/observer-options.ts'
import { httpsOptions, type HttpsOptions } from '../entrypoint/tls/https-options.ts'
import type { ServerConfig } from '../http/application.ts'
import { type InflateLimits, type InflateOptions, inflateOptions } from '../http/body/inflate.ts'
import type { ServerLanguages } from '../http/language.ts'
import {
  type MethodOverrideOptions,
  methodOverrideOptions,
  type ReadMethodOverrideOptions,
} from '../http/method-override.ts'
import type { Request } from '../http/request.ts'
import { type CheckResponses, responseChecks } from '../http/request-settings.ts'
import { type UploadLimits, type UploadOptions, uploadOptions } from '../http/forms/upload-limits.ts'
import { type ReadViewOptions, type ViewOptions, viewOptions } from '../view/view-options.ts'
import {
  isSecret,
  secretSchema,
  type ReadSessionOptions,
  type SessionOptions,
  sessionOptions,
} from '../session/session-options.ts'
import type { CreateBaseContext } from './base-contexts.ts'
import { type AdminOptions, adminOptions, type ReadAdminOptions } from './admin-options.ts'
import {
  type ConfigurationOptions,
  configurationOptions,
  type ReadConfigurationOptions,
} from './configuration-options.ts'
import { type Database, isDatabase } from './database.ts'

/** The options of a server. Timeouts and limits of `node:http` have the names that they have there. */
export interface ServerOptions extends HttpLimits {
  /** Default `default`. */
  name?: string
  /**
   * Where to listen: `127.0.0.1:8199` by default; `:8199` is every interface, `unix:/run/app.sock` a Unix socket; several
   * are joined with `,`.
   */
  address?: string
  /** The port of the first address and of addresses without a port. 0 picks a free one; a Unix socket has none. Default 8199. */
  port?: number
  /**
   * Further entry points by name, each with its address, or with options of its own. With them, `default` is there only if
   * `address` or `port` is set. Default: `default` alone.
   */
  entryPoints?: EntryPointsOption
  /** Observers by name, each a URL or an object with `url` or `report`; entry points name them in `observer`. Default: none. */
  observers?: NamedObservers
  /** Chains by name: chains of `createChain` of `tribind/forward`, or their options. `server.chain(name)` returns them. Default: none. */
  chains?: Readonly<Record<string, ChainSetting>>
  /** Hops by name, each the options of one; hops of chains may be such a name. Default: none. */
  hops?: Readonly<Record<string, HopSetting>>
  /** Routes, services and middlewares that providers publish while the server serves. Default: none. */
  configuration?: ConfigurationOptions
  /** Enables the administration: an API and a page at an address of their own. Default: there is none. */
  admin?: AdminOptions
  /** Enables TLS on all addresses: `{ key, cert }`, each as content or as the path of a file. Default: plain HTTP. */
  https?: HttpsOptions
  /** Whether clients that support it are served over HTTP/2, and others over HTTP/1.1. Requires `https`. Default false. */
  http2?: boolean
  /** How the name of a method is converted to a segment of a path. Default `kebab`. */
  nameToUri?: NamingStyle
  /**
   * Whether binding a route again replaces the first instead of failing. Of a route in several layers, that of the layer made last
   * serves. Default false.
   */
  routeOverwrite?: boolean
  /** Whether a path that has routes for other methods only is answered 405 with `Allow` instead of 404. Default false. */
  methodNotAllowed?: boolean
  /** Whether a host with routes of its own never uses those bound without a domain. Default false. */
  strictDomains?: boolean
  /** Whether errors are answered as `application/problem+json` (RFC 9457) to clients that take JSON. Default false. */
  problems?: boolean
  /**
   * What becomes of a response that doesn't fit the declaration of its endpoint: `log` sends it and logs what doesn't fit, `fail`
   * answers 500, `off` doesn't look. Default `log`, and `off` where NODE_ENV is `production`.
   */
  checkResponses?: CheckResponses
  /**
   * Whether errors that are thrown are shown as a page to browsers on this machine, with their stacks and the request. Default:
   * whether `NODE_ENV` is `development`.
   */
  errorPage?: boolean
  /** Where a POST may name the method that it stands for, for clients that can't send it, such as forms. Default: nowhere. */
  methodOverride?: MethodOverrideOptions
  /** What `loadConfig` of `tribind/config` returned, for `server.config`. Default: none. */
  config?: Registered<'config', ServerConfig>
  /** Writes the log. A pino logger needs no adapter. Default: the return value of `createLogger()`. */
  logger?: Logger
  /** Whether each request is logged when it ends. Default false. */
  accessLog?: boolean
  /** Whether the routes are printed at the start, if stderr is a terminal. Default false. */
  dumpRoutes?: boolean
  /** How many header fields a request may have; one with more is answered 431. 0 for any number. Default 1,000. */
  maxHeadersCount?: number
  /** How many requests may wait for their close events to end; more are answered 503. Default 10,000. */
  maxPendingCloses?: number
  /**
   * How long a stop waits for requests in flight before it closes their connections, in milliseconds; commands of entry points
   * have a `timeout` of their own. Default 10,000.
   */
  stopTimeout?: Duration
  /** The folder of the templates, and how they are rendered. Without it, templates are texts alone. */
  view?: ViewOptions
  /** The size of a request's body, both as sent and decompressed, in bytes. Default 8 MiB. */
  maxBodySize?: number
  /** The limits for bodies with a Content-Encoding, beside `maxBodySize`; false answers them 415. */
  inflate?: InflateOptions | false
  /** The limits for forms. */
  upload?: UploadOptions
  /**
   * The proxies whose X-Forwarded-For, -Host and -Proto are trusted: true for all, a number for that many hops, or a list
   * of addresses, CIDR ranges and the names `loopback`, `linklocal` and `uniquelocal`. Default false: none.
   */
  trustProxy?: TrustProxy
  /** Enables sessions; only `secret` is required. Default: there are none. */
  session?: SessionOptions
  /** What `database()` of `tribind/database` returns. `server.db()` is its handle. Default: none. */
  database?: Database
  /** The languages of the answers, from `loadLanguages` of `tribind/languages`. Default: there are none. */
  languages?: ServerLanguages
  /** Returns the name of a request's language, or nothing: then Accept-Language decides. Default: that alone. */
  detectLanguage?: DetectLanguage
  /**
   * Returns what the `context` of each request that comes in at an address inherits from. Called once for each address
   * when it is bound; for `inject` and `handle` before that, once with the first address as configured. Default: nothing.
   */
  baseContext?: CreateBaseContext
  /** Whether `currentRequest()` works, which costs time for every promise. Default false. */
  useAsyncLocalStorage?: boolean
  /** Signs cookies. Of several, the first signs and all are accepted. Default: no cookie can be signed. */
  cookieSecret?: string | readonly string[]
}

/** Returns the name of a request's language, or nothing. */
export type DetectLanguage = (request: Request) => string | null | undefined

type NestedName =
  | 'entryPoints'
  | 'observers'
  | 'configuration'
  | 'admin'
  | 'https'
  | 'methodOverride'
  | 'view'
  | 'inflate'
  | 'upload'
  | 'session'

/** The options as their table returns them. */
type TableOptions = ReadLimits &
  Complete<
    Omit<ServerOptions, NestedName | 'stopTimeout' | keyof HttpLimits>,
    | 'address'
    | 'port'
    | 'config'
    | 'chains'
    | 'hops'
    | 'logger'
    | 'database'
    | 'languages'
    | 'detectLanguage'
    | 'baseContext'
    | 'cookieSecret'
  > & {
    /** In milliseconds. */
    readonly stopTimeout: number
    readonly entryPoints?: ParsedEntryPoints
    readonly observers: ObserversByName
    readonly configuration?: ReadConfigurationOptions
    readonly admin?: ReadAdminOptions
    readonly https?: HttpsOptions
    readonly methodOverride?: ReadMethodOverrideOptions
    readonly view?: ReadViewOptions
    readonly inflate: InflateLimits | false
    readonly upload: UploadLimits
    readonly session?: ReadSessionOptions
  }

/** The options with their defaults. The logger takes a message and fields, also if it writes to pino. */
export type ReadServerOptions = TableOptions & { readonly logger: Logger }

const scope = 'entrypoint'

/** The table of the options of a server. */
export const serverOptions: OptionTable<ServerOptions, TableOptions> = defineOptions(
  {
    name: text({ default: 'default' }),
    address: text({ defaultText: '`127.0.0.1:8199`', scope }),
    port: integer({ from: 0, to: 65_535 }, { defaultText: '8199', scope }),
    entryPoints: entryPointsOption(),
    observers: namedObserversOption(),
    chains: option(isObject, 'an object of chains by name', { json: () => ({ type: 'object' }) }),
    hops: option(isObject, 'an object of hops by name', { json: () => ({ type: 'object' }) }),
    configuration: nested(configurationOptions, 'an object with providers'),
    admin: nested(adminOptions, 'an object of options, with a token'),
    https: nested(httpsOptions, 'an object with key and cert', { scope }),
    http2: flag({ default: false, scope }),
    nameToUri: oneOf(namingStyles, { default: 'kebab' }),
    routeOverwrite: flag({ default: false }),
    methodNotAllowed: flag({ default: false }),
    strictDomains: flag({ default: false }),
    problems: flag({ default: false }),
    checkResponses: oneOf(responseChecks, {
      createDefault: () => (process.env['NODE_ENV'] === 'production' ? 'off' : 'log'),
      defaultText: '`log`; `off` in production',
    }),
    errorPage: flag({
      createDefault: () => process.env['NODE_ENV'] === 'development',
      defaultText: 'whether `NODE_ENV` is `development`',
    }),
    methodOverride: nested(methodOverrideOptions, 'an object of options'),
    config: option(isConfig, 'a configuration, as loadConfig returns it'),
    logger: option(isLogger, 'an object with the functions debug, info, warn and error', {
      defaultText: 'JSON to stderr',
    }),
    accessLog: flag({ default: false }),
    dumpRoutes: flag({ default: false }),
    view: nested(viewOptions, 'an object with a root'),
    maxHeadersCount: integer({ from: 0 }, { default: 1000 }),
    maxPendingCloses: integer({ from: 1 }, { default: 10_000 }),
    stopTimeout: duration(0, { default: 10_000 }),
    maxBodySize: bytes({ default: 8 * 1024 * 1024 }),
    inflate: nested<InflateOptions | false, InflateLimits | false, { default: object; defaultText: string }>(
      inflateOptions,
      'false or an object of limits',
      { default: {}, defaultText: '64 MiB, 100 times' },
      (value) => value === false,
    ),
    upload: nested(uploadOptions, 'an object of limits', { default: {}, defaultText: '20 files of 8 MiB …' }),
    trustProxy: option(isTrust, 'true, false, a number of hops from 0, or a list of addresses and CIDR ranges', {
      default: false,
      json: () => ({
        anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 0 }, { type: 'string' }, trustListSchema],
      }),
    }),
    session: nested(sessionOptions, 'an object with a secret'),
    database: option(isDatabase, 'what `database()` of `tribind/database` returns', { secret: true }),
    languages: option(areLanguages, 'what `await loadLanguages()` of tribind/languages returns'),
    detectLanguage: callback('a function of a request'),
    baseContext: callback('a function of an address'),
    useAsyncLocalStorage: flag({ default: false }),
    cookieSecret: option(isSecret, 'a non-empty string, or an array of such', {
      secret: true,
      json: () => secretSchema,
    }),
    ...limitRows,
  },
  { check: findProblem, instead: { ...hostInstead, ...optionsOfEntryPoints() } },
)

/** Returns what to do instead of an option of entry points. Those that the server has too are never asked for. */
function optionsOfEntryPoints(): Readonly<Record<string, string>> {
  const instead = (name: string) => `it is an option of an entry point, entryPoints.NAME.${name}`
  return Object.fromEntries(entryPointOptions.rows().map(({ name }) => [name, instead(name)]))
}

/** Returns the options with their defaults. @throws ConfigError naming an option that is unknown, missing or wrong */
export function readServerOptions(given: ServerOptions): ReadServerOptions {
  const options = serverOptions.parse(given)
  return { ...options, logger: options.logger === undefined ? createDefaultLogger() : adaptLogger(options.logger) }
}

/** Returns what is wrong with the options together, or `undefined`. @throws ConfigError for a bad address */
function findProblem(options: TableOptions): string | undefined {
  const { address, port, entryPoints } = options
  if (address !== undefined || port !== undefined) {
    checkAddress(address ?? '127.0.0.1', '', port)
    if (entryPoints !== undefined && Object.hasOwn(entryPoints, 'default'))
      return 'option "entryPoints.default" contradicts "address" and "port", which are those of this entry point: set one or the other'
  }
  if (options.detectLanguage !== undefined && options.languages === undefined)
    return 'option "detectLanguage" needs "languages", which has the languages to choose from'
  return findTlsProblem(options) ?? findLimitProblem(options)
}

function areLanguages(value: unknown): boolean {
  if (!isObject(value)) return false
  const { get, detect } = value as Partial<ServerLanguages>
  return isFunction(get) && isFunction(detect)
}

function isConfig(value: unknown): boolean {
  if (!isObject(value)) return false
  const { get, has } = value as Partial<ServerConfig>
  return isFunction(get) && isFunction(has)
}

const trustListSchema = { type: 'array', items: { type: 'string' }, minItems: 1 }

function isTrust(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0
  return typeof value === 'boolean' || typeof value === 'string' || (Array.isArray(value) && value.length > 0)
}

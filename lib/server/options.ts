import { adaptLogger, isLogger } from '../log/adapt-logger.ts'
import { createLogger } from '../log/create-logger.ts'
import { ConfigError } from '../base/errors.ts'
import type { Logger } from '../log/logger.ts'
import { noSuchOption } from '../options/no-such-option.ts'
import { type Check, flag, printValue, text } from '../options/option-checks.ts'
import type { TrustProxy } from '../net/proxy-trust.ts'
import { withoutUndefined } from '../base/without-undefined.ts'
import { type NamingStyle, namingStyles } from '../binding/name-to-uri.ts'
import { parseAddresses } from '../net/address.ts'
import { completeLimits, type HttpLimits } from '../entrypoint/http-limits.ts'
import { checkHttpsOptions, type HttpsOptions } from '../entrypoint/tls/https-options.ts'
import type { UploadOptions } from '../http/forms/upload-limits.ts'
import type { ViewOptions } from '../view/view-options.ts'
import { isSecret, type SessionOptions } from '../session/session-options.ts'
import type { CreateBaseContext } from './base-contexts.ts'

/** What a server can be told when it is made; the timeouts and limits of `node:http` have their names there. */
export interface ServerOptions extends HttpLimits {
  /** Default `default`. */
  name?: string
  /**
   * Where to listen: `127.0.0.1:8199` by default; `:8199` is every interface, `unix:/run/app.sock` a Unix socket; several
   * are joined with `,`.
   */
  address?: string
  /** Of the first address and of those that name none; 0 takes a free one; a Unix socket has none. Default 8199. */
  port?: number
  /** Turns TLS on, on all addresses: `{ key, cert }`, each by its content or by the path of its file. Default: none. */
  https?: HttpsOptions
  /** Whether clients that can are served over HTTP/2, and the others over HTTP/1.1; it needs `https`. Default false. */
  http2?: boolean
  /** How a method's name becomes a segment of a path. Default `kebab`. */
  nameToUri?: NamingStyle
  /** Whether a route bound twice replaces the first instead of failing. Default false. */
  routeOverwrite?: boolean
  /** Whether a path that has routes under other methods only is answered 405 with `Allow` instead of 404. Default false. */
  methodNotAllowed?: boolean
  /** Whether a host with routes of its own doesn't see those bound to no domain. Default false. */
  strictDomains?: boolean
  /** What the log is written through; a logger of pino fits as it is. Default: what `createLogger()` makes. */
  logger?: Logger
  /** Whether each request is logged when it is over. Default false. */
  accessLog?: boolean
  /** Whether the routes are shown at the start, where stderr is a terminal. Default false. */
  dumpRoutes?: boolean
  /** How many header fields a request may have; one with more is answered 431. 0 for any number. Default 1,000. */
  maxHeadersCount?: number
  /** How many requests may wait for the end of their close events; those that would join them are answered 503 meanwhile. Default 10,000. */
  maxPendingCloses?: number
  /** How long a stop waits for requests in flight before it closes their connections, in milliseconds. Default 10,000. */
  stopTimeout?: number
  /** Where templates are; without it there are no views. */
  view?: ViewOptions
  /** Of a request's body, as sent and inflated, in bytes. Default 8 MiB. */
  maxBodySize?: number
  /** What a form may hold. */
  upload?: UploadOptions
  /**
   * The proxies whose X-Forwarded-For, -Host and -Proto count: all (true), the nearest so many (a number), or those of a
   * list of addresses, CIDR ranges and the names `loopback`, `linklocal` and `uniquelocal`. Default false: none.
   */
  trustProxy?: TrustProxy
  /** Turns sessions on; `secret` is all they need. Default: there are none. */
  session?: SessionOptions
  /**
   * Gives what the `context` of every request that comes in at an address inherits from. Called once for each, when it is
   * bound; for `inject` and `handle` before that, once with the first as it was configured. Default: nothing.
   */
  baseContext?: CreateBaseContext
  /** Whether `currentRequest()` knows the requests; following every promise has its price. Default false. */
  useAsyncLocalStorage?: boolean
  /** What cookies are signed with; of several, the first signs and all are accepted. Default: none can be signed. */
  cookieSecret?: string | readonly string[]
}

const count: Check = [(value) => Number.isInteger(value) && Number(value) >= 0, 'a whole number from 0']
const countFromOne: Check = [(value) => count[0](value) && Number(value) > 0, 'a whole number from 1']
// A longer timer of Node.js would fire at once.
const MAX_MS = 2 ** 31 - 1
const duration: Check = [(value) => count[0](value) && Number(value) <= MAX_MS, `milliseconds from 0 to ${MAX_MS}`]

/** Of those that are secret, no message shows the value. */
const checks: { readonly [Name in keyof Required<ServerOptions>]: readonly [...Check, kind?: 'secret'] } = {
  name: text,
  address: text,
  port: [isPort, 'a whole number from 0 to 65535'],
  https: [(value) => typeof value === 'object' && value !== null, 'an object with key and cert', 'secret'],
  http2: flag,
  nameToUri: [(value) => (namingStyles as readonly unknown[]).includes(value), `one of ${namingStyles.join(', ')}`],
  routeOverwrite: flag,
  methodNotAllowed: flag,
  strictDomains: flag,
  logger: [isLogger, 'an object with the functions debug, info, warn and error'],
  accessLog: flag,
  dumpRoutes: flag,
  stopTimeout: duration,
  view: [(value) => typeof value === 'object' && value !== null, 'an object with a root'],
  maxBodySize: count,
  upload: [(value) => typeof value === 'object' && value !== null, 'an object of limits'],
  trustProxy: [isTrust, 'true, false, a number of hops from 0, or a list of addresses and CIDR ranges'],
  session: [(value) => typeof value === 'object' && value !== null, 'an object with the fields of express-session'],
  baseContext: [(value) => typeof value === 'function', 'a function of an address'],
  useAsyncLocalStorage: flag,
  cookieSecret: [isSecret, 'a text that is not empty, or an array of such', 'secret'],
  connectionsCheckingInterval: duration,
  headersTimeout: duration,
  highWaterMark: count,
  keepAlive: flag,
  keepAliveInitialDelay: duration,
  keepAliveTimeout: duration,
  maxHeaderSize: count,
  requestTimeout: duration,
  maxConnections: countFromOne,
  maxHeadersCount: count,
  maxPendingCloses: countFromOne,
  maxRequestsPerSocket: count,
  timeout: duration,
}

type Defaults = Required<
  Pick<
    ServerOptions,
    | 'name'
    | 'address'
    | 'http2'
    | 'nameToUri'
    | 'routeOverwrite'
    | 'methodNotAllowed'
    | 'strictDomains'
    | 'accessLog'
    | 'dumpRoutes'
    | 'stopTimeout'
    | 'maxHeadersCount'
    | 'maxPendingCloses'
    | 'maxBodySize'
    | 'trustProxy'
    | 'useAsyncLocalStorage'
  >
>

const defaults: Defaults = {
  name: 'default',
  address: '127.0.0.1:8199',
  http2: false,
  nameToUri: 'kebab',
  routeOverwrite: false,
  methodNotAllowed: false,
  strictDomains: false,
  accessLog: false,
  dumpRoutes: false,
  stopTimeout: 10_000,
  maxHeadersCount: 1000,
  maxPendingCloses: 10_000,
  maxBodySize: 8 * 1024 * 1024,
  trustProxy: false,
  useAsyncLocalStorage: false,
}

/** The options with their defaults. */
export type ReadOptions = ServerOptions & Defaults & ReturnType<typeof completeLimits> & { readonly logger: Logger }

/** @throws ConfigError naming an option that doesn't exist, or one whose value is out of range and that range */
export function readOptions(given: ServerOptions): ReadOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new ConfigError(`a server takes an object of options, not ${printValue(given)}`)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, name)) throw new ConfigError(noSuchOption(name, Object.keys(checks)))
    const [isValid, range, kind] = checks[name as keyof ServerOptions]
    if (value !== undefined && !isValid(value))
      throw new ConfigError(`the option "${name}" is ${range}${kind === 'secret' ? '' : `, not ${printValue(value)}`}`)
  }
  const logger = given.logger === undefined ? createLogger() : adaptLogger(given.logger)
  const options = completeLimits({ ...defaults, ...withoutUndefined(given), logger })
  const { headersTimeout, requestTimeout } = options
  if (requestTimeout !== 0 && headersTimeout > requestTimeout) {
    throw new ConfigError(
      `the option "headersTimeout" (${headersTimeout}) is longer than "requestTimeout" (${requestTimeout})`,
    )
  }
  parseAddresses(options.address, options.port)
  if (options.https !== undefined) checkHttpsOptions(options.https)
  else if (options.http2)
    throw new ConfigError('the option "http2" needs the option "https": clients speak HTTP/2 over TLS alone')
  return options
}

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65535
}

function isTrust(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0
  return typeof value === 'boolean' || typeof value === 'string' || (Array.isArray(value) && value.length > 0)
}

import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { type JsonSchema, nested, option } from '../options/option.ts'
import { callback, flag, isFunction, isText, oneOf, text, textSchema } from '../options/option-kinds.ts'
import { cookieFormat } from '../http/cookies/cookie-format.ts'
import type { Application } from '../http/application.ts'
import type { Request } from '../http/request.ts'
import { isSessionStore, type ServerSessionStore, type SessionStore } from './session-store.ts'

/** The attributes of the session's cookie, as in `express-session`. */
export interface SessionCookieOptions {
  /** Requests for other paths have no session. Default `/`. */
  path?: string
  domain?: string
  /** In milliseconds; also the age of the session in its store. Default: until the browser is closed. */
  maxAge?: number | null
  expires?: Date | null
  /** Default true. */
  httpOnly?: boolean
  /** `auto`, the default, is whether the request came over TLS. With true, a plain request gets no cookie and no session is stored for it. */
  secure?: boolean | 'auto'
  /** Default `lax`; `auto` is `none` over TLS and else `lax`. */
  sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto'
  partitioned?: boolean
  priority?: 'low' | 'medium' | 'high'
}

/** The options of sessions: those of `express-session`. */
export interface SessionOptions {
  /** The secrets that sign ids. Of several, the first signs and all are accepted. */
  secret: string | readonly string[]
  /** The name of the cookie. Default `connect.sid`. */
  name?: string
  /**
   * The store, or a function of the server that creates it, called once: at the start, or by the first request that comes before.
   * Default: a `MemorySessionStore` of its own.
   */
  store?: SessionStore | ((server: Application) => ServerSessionStore)
  cookie?: SessionCookieOptions | ((request: Request) => SessionCookieOptions)
  /** Whether every answer renews the cookie and its age. Default false. */
  rolling?: boolean
  /** Whether a session is written even if nothing changed in it. Default false. */
  resave?: boolean
  /** Whether every client gets a session, even one without a value. Default false. */
  saveUninitialized?: boolean
  /** Returns a new id, which must be impossible to guess. Default: 24 random bytes. */
  genid?: (request: Request) => string
  /** What `express-session` does when a session is unset; here `destroy()` or `clear()` is called instead. */
  unset?: 'destroy' | 'keep'
}

/** The attributes of the session's cookie with their defaults. */
export type ReadSessionCookieOptions = Complete<
  SessionCookieOptions,
  'domain' | 'maxAge' | 'expires' | 'partitioned' | 'priority'
>

/** The options of sessions with their defaults. */
export type ReadSessionOptions = Complete<Omit<SessionOptions, 'cookie'>, 'store' | 'genid'> & {
  readonly cookie: ReadSessionCookieOptions | Extract<SessionOptions['cookie'], (...args: never) => unknown>
}

/** The table of the option `session.cookie`. */
export const sessionCookieOptions: OptionTable<SessionCookieOptions, ReadSessionCookieOptions> = defineOptions({
  path: option((value) => isText(value) && value.startsWith('/'), 'a path that starts with "/"', {
    default: '/',
    json: () => ({ type: 'string', pattern: '^/' }),
  }),
  domain: text(),
  maxAge: option((value) => value === null || Number.isFinite(value), 'a number of milliseconds, or null', {
    json: () => ({ type: ['number', 'null'] }),
  }),
  expires: option((value) => value === null || value instanceof Date, 'a Date, or null'),
  httpOnly: flag({ default: true }),
  secure: oneOf([true, false, 'auto'], { default: 'auto' }),
  sameSite: oneOf([true, false, 'lax', 'strict', 'none', 'auto'], { default: 'lax' }),
  partitioned: flag(),
  priority: oneOf(['low', 'medium', 'high']),
})

/** The table of the option `session`. */
export const sessionOptions: OptionTable<SessionOptions, ReadSessionOptions> = defineOptions(
  {
    secret: option(isSecret, 'a non-empty string that cannot be guessed, or an array of such', {
      required: true,
      secret: true,
      json: () => secretSchema,
    }),
    name: text({ default: 'connect.sid' }),
    store: option(
      isStore,
      'an object with the functions get, set and destroy, or a function of the server that returns one',
      {
        defaultText: 'a `MemorySessionStore`',
      },
    ),
    cookie: nested(sessionCookieOptions, 'an object, or a function that returns one', { default: {} }, isFunction),
    rolling: flag({ default: false }),
    resave: flag({ default: false }),
    saveUninitialized: flag({ default: false }),
    genid: callback('a function that returns an id', { defaultText: '24 random bytes' }),
    unset: oneOf(['destroy', 'keep'], { default: 'keep' }),
  },
  { check: findCookieProblem, instead: { proxy: 'the option "trustProxy" of the server decides' } },
)

/** RFC 6265, section 4.1.1. */
function findCookieProblem({ name, cookie }: ReadSessionOptions, place: string): string | undefined {
  const { path, domain }: SessionCookieOptions = typeof cookie === 'object' ? cookie : {}
  try {
    cookieFormat().stringifySetCookie({ name, value: '', ...(path && { path }), ...(domain && { domain }) })
    return undefined
  } catch (error) {
    return `options "${place}name" and "${place}cookie" must be those of a cookie: ${(error as Error).message}`
  }
}

/** The JSON Schema of such a secret. */
export const secretSchema: JsonSchema = { anyOf: [textSchema, { type: 'array', items: textSchema, minItems: 1 }] }

/** Returns whether a value can be the option `secret`: a non-empty string, or an array of them. */
export function isSecret(value: unknown): value is string | readonly string[] {
  return Array.isArray(value) ? value.length > 0 && value.every(isText) : isText(value)
}

function isStore(value: unknown): boolean {
  return isFunction(value) || isSessionStore(value)
}

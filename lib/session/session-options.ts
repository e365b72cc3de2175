import { ConfigError } from '../base/errors.ts'
import { checkFields, type Checks, flag, isText, text } from '../options/option-checks.ts'
import { cookieFormat } from '../http/cookies/cookie-format.ts'
import type { Request } from '../http/request.ts'
import type { SessionStore } from './session-store.ts'

/** The attributes of the session's cookie, as in `express-session`. */
export interface SessionCookieOptions {
  /** Default `/`. Requests for other paths have no session. */
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

/** What sessions are told: the fields of `express-session`. */
export interface SessionOptions {
  /** What ids are signed with; of several, the first signs and all are accepted. */
  secret: string | readonly string[]
  /** Of the cookie. Default `connect.sid`. */
  name?: string
  /** Default: a `MemorySessionStore` of its own. */
  store?: SessionStore
  cookie?: SessionCookieOptions | ((request: Request) => SessionCookieOptions)
  /** Whether every answer renews the cookie and its age. Default false. */
  rolling?: boolean
  /** Whether a session is written also when nothing changed in it. Default false. */
  resave?: boolean
  /** Whether every client is given a session, also one without a value. Default false. */
  saveUninitialized?: boolean
  /** Makes ids, which must not be guessed. Default: 24 random bytes. */
  genid?: (request: Request) => string
  /** What `express-session` does when a session is unset; here `destroy()` and `clear()` say which. */
  unset?: 'destroy' | 'keep'
}

const oneOf = (...values: unknown[]) =>
  [
    (value: unknown) => values.includes(value),
    `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
  ] as const

const checks: Checks<SessionOptions> = {
  secret: [(value) => isSecret(value), 'a text that is not empty, or an array of such'],
  name: text,
  store: [isStore, 'an object with the functions get, set and destroy'],
  cookie: [(value) => typeof value === 'function' || isObject(value), 'an object, or a function that gives one'],
  rolling: flag,
  resave: flag,
  saveUninitialized: flag,
  genid: [(value) => typeof value === 'function', 'a function'],
  unset: oneOf('destroy', 'keep'),
}

const cookieChecks: Checks<SessionCookieOptions> = {
  path: [(value) => isText(value) && value.startsWith('/'), 'a path that starts with "/"'],
  domain: text,
  maxAge: [(value) => value === null || Number.isFinite(value), 'a number of milliseconds'],
  expires: [(value) => value === null || value instanceof Date, 'a Date'],
  httpOnly: flag,
  secure: oneOf(true, false, 'auto'),
  sameSite: oneOf(true, false, 'lax', 'strict', 'none', 'auto'),
  partitioned: flag,
  priority: oneOf('low', 'medium', 'high'),
}

/** @throws ConfigError naming a field that doesn't exist or is missing, or one whose value is out of range */
export function readSessionOptions(given: SessionOptions): SessionOptions {
  if (given.secret === undefined)
    throw new ConfigError('the option "session.secret" is required: a text that nobody can guess, or an array of such')
  if ('proxy' in given) {
    throw new ConfigError('there is no option "session.proxy": the option "trustProxy" of the server decides')
  }
  checkFields('session', given, checks)
  const { cookie, name = 'connect.sid' } = given
  if (cookie !== undefined && typeof cookie !== 'function') checkCookieOptions(cookie)
  try {
    const { path, domain } = typeof cookie === 'object' ? cookie : {}
    cookieFormat().stringifySetCookie({ name, value: '', ...(path && { path }), ...(domain && { domain }) })
  } catch (error) {
    throw new ConfigError(`the options "session" make no cookie: ${(error as Error).message}`, { cause: error })
  }
  return { ...given }
}

/** @throws ConfigError as `readSessionOptions` */
export function checkCookieOptions(given: SessionCookieOptions): void {
  checkFields('session.cookie', given, cookieChecks)
}

/** Whether something can be what is signed with: a text, or several of them. */
export function isSecret(value: unknown): value is string | readonly string[] {
  return Array.isArray(value) ? value.length > 0 && value.every(isText) : isText(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isStore(value: unknown): boolean {
  const functions = ['get', 'set', 'destroy'] as const
  return isObject(value) && functions.every((name) => typeof (value as SessionStore)[name] === 'function')
}

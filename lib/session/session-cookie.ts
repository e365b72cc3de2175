import type { KeyObject } from 'node:crypto'
import { onDemandOfNode } from '../base/on-demand.ts'
import { cookieFormat } from '../http/cookies/cookie-format.ts'
import type { SessionCarrier } from '../http/session.ts'
import {
  type ReadSessionCookieOptions,
  type ReadSessionOptions,
  type SessionCookieOptions,
  sessionCookieOptions,
} from './session-options.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** The attributes of a cookie for one request, `auto` resolved. */
export interface SessionCookieAttributes extends Omit<SessionCookieOptions, 'secure' | 'sameSite'> {
  readonly path: string
  readonly secure: boolean
  readonly sameSite: boolean | 'lax' | 'strict' | 'none'
}

/** The cookie that carries the id of a session, signed as `express-session` signs it. */
export class SessionCookie {
  readonly name: string
  /** The secrets. A key created once signs in a quarter of the time that a string takes. */
  readonly #keys: readonly KeyObject[]
  /** Matches the cookie in a Cookie field and captures its value, which may be quoted. */
  readonly #format: RegExp
  readonly #options: ReadSessionOptions['cookie']
  /** The attributes for plain and for TLS requests, if they don't depend on the request otherwise. */
  readonly #http: SessionCookieAttributes | undefined
  readonly #https: SessionCookieAttributes | undefined

  constructor({ name, secret, cookie }: ReadSessionOptions) {
    this.name = name
    this.#keys = ([secret].flat() as string[]).map((text) => crypto().createSecretKey(text, 'utf8'))
    this.#format = new RegExp(`(?:^|;)\\s*${name.replace(/[^\w-]/g, '\\$&')}\\s*=\\s*"?([^;"\\s]*)`)
    this.#options = cookie
    if (typeof cookie === 'function') return
    this.#http = resolveAttributes(cookie, false)
    this.#https = resolveAttributes(cookie, true)
  }

  /** Returns whether a Cookie field has this cookie, with any value. */
  isIn(header: string | undefined): boolean {
    return this.#find(header) !== undefined
  }

  /** Returns the id if one of the secrets signed it, else `undefined`. */
  readId(header: string | undefined): string | undefined {
    const value = decode(this.#find(header) ?? '')
    if (!value.startsWith('s:')) return undefined
    const signed = value.slice(2)
    const id = signed.slice(0, Math.max(0, signed.lastIndexOf('.')))
    return this.#keys.some((key) => isSame(signed, sign(id, key))) ? id : undefined
  }

  /** Returns the attributes for a request. @throws ConfigError if the option `cookie` is a function that returns a bad attribute */
  attributesFor(carrier: SessionCarrier): SessionCookieAttributes {
    const isSecure = carrier.protocol === 'https'
    const fixed = isSecure ? this.#https : this.#http
    if (fixed !== undefined) return fixed
    const given = (this.#options as (request: unknown) => SessionCookieOptions)(carrier.face)
    return resolveAttributes(sessionCookieOptions.parse(given, 'session.cookie.'), isSecure)
  }

  /**
   * Returns the attributes for a session that is already stored: the current ones, so that none of an older configuration
   * remains. An age that a function chose for a new session remains, since later requests may lack what it was chosen by.
   */
  renewAttributes(attributes: SessionCookieAttributes, storedMaxAge: number | null): SessionCookieAttributes {
    if (typeof this.#options !== 'function') return attributes
    const { expires: _, ...others } = attributes
    return { ...others, maxAge: storedMaxAge }
  }

  /** Returns the signed value of the cookie. */
  sign(id: string): string {
    return `s:${sign(id, this.#keys[0] as KeyObject)}`
  }

  /** Returns the Set-Cookie line that makes the client forget the cookie. */
  removalLine(attributes: SessionCookieAttributes): string {
    return cookieFormat().stringifySetCookie({
      name: this.name,
      value: '',
      ...attributes,
      maxAge: 0,
      expires: new Date(0),
    })
  }

  #find(header: string | undefined): string | undefined {
    return header?.includes(this.name) ? this.#format.exec(header)?.[1] : undefined
  }
}

function resolveAttributes(options: ReadSessionCookieOptions, isSecure: boolean): SessionCookieAttributes {
  const { secure, sameSite, ...others } = options
  return {
    ...others,
    secure: secure === 'auto' ? isSecure : secure,
    sameSite: sameSite === 'auto' ? (isSecure ? 'none' : 'lax') : sameSite,
  }
}

/** As the package `cookie-signature` does. */
function sign(id: string, key: KeyObject): string {
  return `${id}.${crypto().createHmac('sha256', key).update(id).digest('base64').replace(/=+$/, '')}`
}

function isSame(one: string, other: string): boolean {
  const [bytes, others] = [Buffer.from(one), Buffer.from(other)]
  return bytes.length === others.length && crypto().timingSafeEqual(bytes, others)
}

function decode(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

import { parseCookie, stringifySetCookie } from 'cookie'
import { CookieError } from '../base/errors.ts'

/** The attributes of a cookie (RFC 6265, section 4.1.2). */
export interface CookieOptions {
  /** Default `/`. */
  path?: string
  domain?: string
  /** In seconds; 0 or less removes the cookie. */
  maxAge?: number
  expires?: Date
  /** Default true. */
  httpOnly?: boolean
  /** Default: whether the request came over TLS. */
  secure?: boolean
  /** Default `lax`. */
  sameSite?: 'lax' | 'strict' | 'none'
  partitioned?: boolean
  priority?: 'low' | 'medium' | 'high'
}

/** The cookies of one request and of its response. */
export class Cookie {
  readonly #header: string
  readonly #isSecure: boolean
  #values: Record<string, string | undefined> | undefined
  /** The Set-Cookie lines to come; one for each name, domain and path. */
  readonly #lines = new Map<string, string>()

  /** @param header the request's Cookie field */
  constructor(header: string | undefined, isSecure: boolean) {
    this.#header = header ?? ''
    this.#isSecure = isSecure
  }

  /** The value the client sent, or the one set since; `undefined` where there is none. */
  get(name: string): string | undefined {
    const values = this.#read()
    return Object.hasOwn(values, name) ? values[name] : undefined
  }

  /** All cookies by name; the object inherits nothing. */
  all(): Record<string, string> {
    const all: Record<string, string> = Object.create(null)
    for (const [name, value] of Object.entries(this.#read())) if (value !== undefined) all[name] = value
    return all
  }

  /**
   * Sets a cookie with the response; the value is percent-encoded.
   *
   * @throws CookieError naming the cookie, where RFC 6265 forbids its name or an attribute
   */
  set(name: string, value: string, options: CookieOptions = {}): void {
    this.#add(name, value, options)
    this.#read()[name] = value
  }

  /** Makes the client forget a cookie; path and domain must be those it was set with. */
  remove(name: string, options: CookieOptions = {}): void {
    this.#add(name, '', { ...options, maxAge: 0, expires: new Date(0) })
    this.#read()[name] = undefined
  }

  /** @internal Hands over the Set-Cookie lines that weren't handed over yet. */
  takeLines(): string[] {
    const lines = [...this.#lines.values()]
    this.#lines.clear()
    return lines
  }

  #add(name: string, value: string, options: CookieOptions): void {
    const attributes = { path: '/', httpOnly: true, sameSite: 'lax' as const, secure: this.#isSecure, ...options }
    try {
      const line = stringifySetCookie({ name, value, ...attributes })
      this.#lines.set(JSON.stringify([name, attributes.domain, attributes.path]), line)
    } catch (error) {
      throw new CookieError(`the cookie ${JSON.stringify(name)} can't be set: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }

  #read(): Record<string, string | undefined> {
    return (this.#values ??= parseCookie(this.#header))
  }
}

import { CookieError } from '../../base/errors.ts'
import { withoutUndefined } from '../../base/without-undefined.ts'
import { onDemand } from '../../base/on-demand.ts'
import { cookieFormat } from './cookie-format.ts'

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
  /** Whether the value is signed, with the first of `cookieSecret`; it stays readable for everybody. Default false. */
  signed?: boolean
}

interface Value {
  /** `undefined` where the cookie was removed, or its signature is wrong. */
  readonly text: string | undefined
  readonly isVerified: boolean
}

/** RFC 6265, section 4.1.1: a token. */
const nameFormat = /^[\w!#$%&'*+\-.^`|~]+$/

let takeLines: (cookie: Cookie) => string[]

/** Hands over the Set-Cookie lines that weren't handed over yet. */
export function takeCookieLines(cookie: Cookie): string[] {
  return takeLines(cookie)
}

/** The cookies of one request and of its response. */
export class Cookie {
  readonly #header: string
  readonly #isSecure: boolean
  readonly #secrets: readonly string[]
  #received: Record<string, string | undefined> | undefined
  /** Those that were asked for or set. */
  readonly #values = new Map<string, Value>()
  /** The Set-Cookie lines to come; one for each name, domain and path. */
  readonly #lines = new Map<string, string>()

  static {
    takeLines = (cookie) => {
      const lines = [...cookie.#lines.values()]
      cookie.#lines.clear()
      return lines
    }
  }

  /** @param header the request's Cookie field */
  constructor(header: string | undefined, isSecure: boolean, secrets: readonly string[]) {
    this.#header = header ?? ''
    this.#isSecure = isSecure
    this.#secrets = secrets
  }

  /**
   * The value the client sent, or the one set since; `undefined` where there is none, or its signature is wrong.
   *
   * A client can send any value without a signature, too: one to be trusted is to be asked for with `signed`, which gives
   * no other.
   *
   * @throws CookieError where a signed one is asked for and there is no `cookieSecret`
   */
  get(name: string, { signed = false }: { signed?: boolean } = {}): string | undefined {
    if (signed) this.#checkSecrets(name)
    const { text, isVerified } = this.#read(name)
    return signed && !isVerified ? undefined : text
  }

  /** All cookies by name, but those whose signature is wrong; the object inherits nothing. */
  all(): Record<string, string> {
    const all: Record<string, string> = Object.create(null)
    for (const name of new Set([...Object.keys(this.#parse()), ...this.#values.keys()])) {
      const { text } = this.#read(name)
      if (text !== undefined) all[name] = text
    }
    return all
  }

  /**
   * Sets a cookie with the response; the value is percent-encoded.
   *
   * @throws CookieError naming the cookie, where RFC 6265 forbids its name or an attribute, or where it is to be signed
   * and there is no `cookieSecret`
   */
  set(name: string, value: string, { signed = false, ...attributes }: CookieOptions = {}): void {
    if (signed) this.#checkSecrets(name)
    this.#add(name, value, attributes, signed ? (text) => signValue(name, text, this.#secrets[0] as string) : undefined)
    this.#values.set(name, { text: String(value), isVerified: signed })
  }

  /** Makes the client forget a cookie; path and domain must be those it was set with. */
  remove(name: string, options: CookieOptions = {}): void {
    this.#add(name, '', { ...options, maxAge: 0, expires: new Date(0) })
    this.#values.set(name, { text: undefined, isVerified: false })
  }

  #add(name: string, value: string, options: CookieOptions, sign = (text: string) => text): void {
    const attributes = {
      path: '/',
      httpOnly: true,
      sameSite: 'lax' as const,
      secure: this.#isSecure,
      ...withoutUndefined(options),
    }
    try {
      checkName(name, attributes)
      const encoded = sign(encodeURIComponent(value))
      const line = cookieFormat().stringifySetCookie(
        { name, value: encoded, ...attributes },
        { encode: (text) => text },
      )
      this.#lines.set(JSON.stringify([name, attributes.domain, attributes.path]), line)
    } catch (error) {
      throw new CookieError(`the cookie ${JSON.stringify(name)} can't be set: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }

  #read(name: string): Value {
    let value = this.#values.get(name)
    if (value === undefined) {
      const received = this.#parse()
      value = this.#verify(name, Object.hasOwn(received, name) ? received[name] : undefined)
      this.#values.set(name, value)
    }
    return value
  }

  #verify(name: string, raw: string | undefined): Value {
    if (raw === undefined) return { text: undefined, isVerified: false }
    if (this.#secrets.length === 0 || !isSigned(raw)) return { text: decode(raw), isVerified: false }
    const text = verifyValue(name, raw, this.#secrets)
    return { text: text && decode(text), isVerified: text !== undefined }
  }

  #parse(): Record<string, string | undefined> {
    return (this.#received ??= cookieFormat().parseCookie(this.#header, { decode: (raw) => raw }))
  }

  #checkSecrets(name: string): void {
    if (this.#secrets.length > 0) return
    throw new CookieError(`the cookie ${JSON.stringify(name)} can't be signed: the option "cookieSecret" is not set`)
  }
}

function checkName(name: string, { secure, domain, path }: CookieOptions): void {
  if (!nameFormat.test(name)) throw new TypeError('its name is no token')
  const isHost = /^__host-/i.test(name)
  // RFC 6265bis, section 4.1.3: browsers ignore it otherwise.
  if ((isHost || /^__secure-/i.test(name)) && !secure) throw new TypeError('with such a name it must be secure')
  if (isHost && (domain !== undefined || path !== '/'))
    throw new TypeError('with such a name it has path "/" and no domain')
}

function decode(raw: string): string {
  if (!raw.includes('%')) return raw
  try {
    return decodeURIComponent(raw)
  } catch {
    return raw
  }
}

const crypto = onDemand((require) => require('node:crypto') as typeof import('node:crypto'))

// Values that aren't signed are percent-encoded, so that none of them has the colon.
const signedFormat = /^s:(.*)\.([\w-]{43})$/

/** Whether an encoded value has the form of a signed one. */
function isSigned(raw: string): boolean {
  return signedFormat.test(raw)
}

/** Signs an encoded value together with the name of its cookie, so that it is worth nothing under another. */
function signValue(name: string, encoded: string, secret: string): string {
  return `s:${encoded}.${digest(name, encoded, secret).toString('base64url')}`
}

/** Gives the encoded value that one of the secrets signed under this name; `undefined` where none did. */
function verifyValue(name: string, raw: string, secrets: readonly string[]): string | undefined {
  const [, encoded, signature] = signedFormat.exec(raw) ?? []
  if (encoded === undefined || signature === undefined) return undefined
  const given = Buffer.from(signature, 'base64url')
  // The last character has bits to spare: only one spelling of a signature is one.
  if (given.toString('base64url') !== signature) return undefined
  return secrets.some((secret) => crypto().timingSafeEqual(given, digest(name, encoded, secret))) ? encoded : undefined
}

function digest(name: string, encoded: string, secret: string): Buffer {
  return crypto().createHmac('sha256', secret).update(`${name}=${encoded}`).digest()
}

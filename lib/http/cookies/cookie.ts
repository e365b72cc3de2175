import { CookieError, StateError, TribindError } from '../../base/errors.ts'
import { onDemandOfNode } from '../../base/on-demand.ts'
import { isToken } from '../../net/token.ts'
import { type Complete, defineOptions, type OptionTable } from '../../options/define-options.ts'
import { type Option, option } from '../../options/option.ts'
import { flag } from '../../options/option-kinds.ts'
import { printValue } from '../../options/print-value.ts'
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
  /** Whether the value is signed, with the first of `cookieSecret`; it stays readable for every client. Default false. */
  signed?: boolean
}

const isString = (value: unknown) => typeof value === 'string'

function oneOfWords<Word extends string>(...words: Word[]): Option<Word, 'maybe'> {
  const isValid = (value: unknown) => isString(value) && words.includes(String(value).toLowerCase() as Word)
  return option<Word>(isValid, `one of ${words.join(', ')}`) as Option<Word, 'maybe'>
}

const attributeOptions: OptionTable<CookieOptions, CookieOptions> = defineOptions<CookieOptions, CookieOptions>({
  path: option<string>(isString, 'a string'),
  domain: option<string>(isString, 'a string'),
  maxAge: option<number>(Number.isInteger, 'an integer (seconds)'),
  expires: option<Date>((value) => value instanceof Date && Number.isFinite(value.getTime()), 'a valid Date'),
  httpOnly: flag(),
  secure: flag(),
  sameSite: oneOfWords('lax', 'strict', 'none'),
  partitioned: flag(),
  priority: oneOfWords('low', 'medium', 'high'),
  signed: flag(),
})

const readOptions: OptionTable<{ signed?: boolean }> = defineOptions<
  { signed?: boolean },
  Complete<{ signed?: boolean }>
>({ signed: flag({ default: false }) }, { owner: 'cookie.get', error: CookieError })

interface Value {
  /** `undefined` where the cookie was removed, or its signature is wrong. */
  readonly text: string | undefined
  readonly isVerified: boolean
}

/** Changes to the Set-Cookie lines of a response. */
export interface CookieLines {
  readonly added: readonly string[]
  /** Lines that were handed over before, of cookies that were set again since. */
  readonly replaced: readonly string[]
}

let takeLines: (cookie: Cookie) => CookieLines | undefined

/** Hands over what was set since it was called last; `undefined` where that is nothing. */
export function takeCookieLines(cookie: Cookie): CookieLines | undefined {
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
  readonly #response: { readonly sent: boolean }
  /** The Set-Cookie lines to come; one for each name, domain and path. */
  readonly #lines = new Map<string, string>()
  /** Those that were handed over. */
  readonly #taken = new Map<string, string>()

  static {
    takeLines = (cookie) => cookie.#takeLines()
  }

  /**
   * @internal
   *
   * @param header the request's Cookie field
   * @param response what the cookies go out with
   */
  constructor(
    header: string | undefined,
    isSecure: boolean,
    secrets: readonly string[],
    response: { readonly sent: boolean },
  ) {
    this.#header = header ?? ''
    this.#isSecure = isSecure
    this.#secrets = secrets
    this.#response = response
  }

  /**
   * Returns the value the client sent, or the one set since; `undefined` without a value, or if its signature is wrong.
   *
   * Security: a client can send any value without a signature. With `signed`, only a value with a valid signature is
   * returned.
   *
   * @throws CookieError for `signed` without a `cookieSecret`
   */
  get(name: string, options?: { signed?: boolean }): string | undefined {
    const signed = options !== undefined && readOptions.parse(options).signed
    if (signed) this.#checkSecrets(name)
    const { text, isVerified } = this.#read(name)
    return signed && !isVerified ? undefined : text
  }

  /** Returns all cookies by name, except those whose signature is wrong. The object has no prototype. */
  all(): Record<string, string> {
    const all: Record<string, string> = Object.create(null)
    for (const name of new Set([...Object.keys(this.#parse()), ...this.#values.keys()])) {
      const { text } = this.#read(name)
      if (text !== undefined) all[name] = text
    }
    return all
  }

  /**
   * Sets a cookie with the response; the value is percent-encoded. It goes out with the head: hooks up to `BeforeOutput` can
   * set one, and a streamed body before its first chunk.
   *
   * @throws CookieError naming the cookie, where RFC 6265 forbids its name or an attribute, where its value is no text, or
   * where it is to be signed and there is no `cookieSecret`; StateError once the head has gone out
   */
  set(name: string, value: string, options: CookieOptions = {}): void {
    const isSigned = options.signed === true
    if (isSigned) this.#checkSecrets(name)
    this.#add(name, value, options, isSigned ? (text) => signValue(name, text, this.#secrets[0] as string) : undefined)
    this.#values.set(name, { text: String(value), isVerified: isSigned })
  }

  /** Makes the client forget a cookie; path and domain must be those it was set with. */
  remove(name: string, options: CookieOptions = {}): void {
    this.#add(name, '', { ...options, maxAge: 0, expires: new Date(0) })
    this.#values.set(name, { text: undefined, isVerified: false })
  }

  #takeLines(): CookieLines | undefined {
    if (this.#lines.size === 0) return undefined
    const replaced = [...this.#lines.keys()].flatMap((key) => this.#taken.get(key) ?? [])
    const added = [...this.#lines.values()]
    for (const [key, line] of this.#lines) this.#taken.set(key, line)
    this.#lines.clear()
    return { added, replaced }
  }

  #add(name: string, value: string, options: CookieOptions, sign = (text: string) => text): void {
    if (this.#response.sent) throw tooLate(name)
    try {
      const { signed: _, ...given } = attributeOptions.parse(options)
      const attributes = { path: '/', httpOnly: true, sameSite: 'lax' as const, secure: this.#isSecure, ...given }
      checkName(name, attributes)
      checkValue(value)
      const encoded = sign(encodeURIComponent(value))
      const line = cookieFormat().stringifySetCookie(
        { name, value: encoded, ...attributes },
        { encode: (text) => text },
      )
      this.#lines.set(JSON.stringify([name, attributes.domain, attributes.path]), line)
    } catch (error) {
      const failure = error instanceof TribindError ? error.failure : 'ERR_TRIBIND_COOKIE_ATTRIBUTE'
      const { message } = error as Error
      throw new CookieError(`the cookie ${printValue(name)} can't be set: ${message}`, { failure, cause: error })
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
    throw new CookieError(`the cookie ${printValue(name)} can't be signed: set the option "cookieSecret"`, {
      failure: 'ERR_TRIBIND_COOKIE_SECRET',
    })
  }
}

function tooLate(name: string): StateError {
  return new StateError(
    `the cookie ${printValue(name)} can't be set: the head of the response was already sent. ` +
      'Set it in a hook up to BeforeOutput, or in a stream before its first chunk',
    { failure: 'ERR_TRIBIND_RESPONSE_SENT' },
  )
}

function checkValue(value: unknown): void {
  if (typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && value.isWellFormed()))
    return
  throw new CookieError(`its value must be a well-formed string, got ${printValue(value)}`, {
    failure: 'ERR_TRIBIND_COOKIE_VALUE',
  })
}

function checkName(name: string, { secure, domain, path }: CookieOptions): void {
  if (!isToken(name)) throw new CookieError('its name must be a token', { failure: 'ERR_TRIBIND_COOKIE_NAME' })
  const isHost = /^__host-/i.test(name)
  // RFC 6265bis, section 4.1.3: browsers ignore it otherwise.
  if ((isHost || /^__secure-/i.test(name)) && !secure)
    throw new CookieError('with such a name it must have secure: true', { failure: 'ERR_TRIBIND_COOKIE_PREFIX' })
  if (isHost && (domain !== undefined || path !== '/'))
    throw new CookieError('with such a name it must have path "/" and no domain', {
      failure: 'ERR_TRIBIND_COOKIE_PREFIX',
    })
}

function decode(raw: string): string {
  if (!raw.includes('%')) return raw
  try {
    return decodeURIComponent(raw)
  } catch {
    return raw
  }
}

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

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

/** Returns the encoded value that one of the secrets signed under this name; `undefined` where none did. */
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

import { isIP } from 'node:net'
import { parseSetCookie, stringifyCookie } from 'cookie'

/** A cookie that a test client stores. */
export interface TestCookie {
  readonly name: string
  /** Percent-decoded. */
  readonly value: string
  /** Its Domain attribute; without one, the host that set it. */
  readonly domain: string
  /** Whether it is sent to that host only, not to its subdomains. */
  readonly isHostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'lax' | 'strict' | 'none' | undefined
  /** `undefined` for a session cookie, which lasts as long as the client. */
  readonly expires: Date | undefined
}

/** The attributes of a cookie that a test sets itself. */
export type TestCookieOptions = Partial<Pick<TestCookie, 'domain' | 'path' | 'secure' | 'expires'>>

/** What decides which cookies a request carries and may set. */
export interface CookieScope {
  /** Without port. */
  readonly host: string
  readonly path: string
  readonly isSecure: boolean
}

/** The cookies of a test client, stored by the rules of browsers (RFC 6265, section 5), without a list of public suffixes. */
export class TestCookies {
  readonly #host: string
  readonly #kept = new Map<string, Kept>()

  /** @internal */
  constructor(host: string) {
    this.#host = host
  }

  /** Returns the value of a cookie of any path and domain; of several, the one set last. */
  get(name: string): string | undefined {
    return this.find(name)?.value
  }

  /** Returns a cookie with its attributes. */
  find(name: string): TestCookie | undefined {
    return this.all().findLast((cookie) => cookie.name === name)
  }

  /** Returns the cookies that haven't expired, in the order in which they were set. */
  all(): TestCookie[] {
    return this.#current().map(({ cookie }) => cookie)
  }

  /** Sets a cookie as if the server had. Default: for the client's host, with the path `/`. */
  set(name: string, value: string, { domain, path = '/', secure = false, expires }: TestCookieOptions = {}): void {
    const scope = { domain: domain ?? this.#host, isHostOnly: domain === undefined, path, secure }
    const cookie = { name, value, ...scope, httpOnly: false, sameSite: undefined, expires }
    this.#keep({ cookie, pair: stringifyCookie({ [name]: value }) })
  }

  /** Removes the cookies of a name. */
  remove(name: string): void {
    for (const [key, { cookie }] of this.#kept) if (cookie.name === name) this.#kept.delete(key)
  }

  clear(): void {
    this.#kept.clear()
  }

  /** @internal Stores the cookies of the Set-Cookie lines of a response. */
  take(lines: readonly string[], from: CookieScope): void {
    for (const line of lines) {
      const cookie = parseCookieLine(line, from)
      if (cookie !== undefined) this.#keep({ cookie, pair: (line.split(';', 1)[0] as string).trim() })
    }
  }

  /** @internal Returns the Cookie field of a request; `undefined` if there are no cookies to send. */
  header(to: CookieScope): string | undefined {
    const sent = this.#current().filter(({ cookie }) => isFor(cookie, to))
    // RFC 6265, section 5.4: longer paths first, then those set earlier.
    const ordered = sent.toSorted((a, b) => b.cookie.path.length - a.cookie.path.length)
    return ordered.map(({ pair }) => pair).join('; ') || undefined
  }

  #current(): Kept[] {
    const now = Date.now()
    return [...this.#kept.values()].filter(({ cookie: { expires } }) => !expires || expires.getTime() > now)
  }

  #keep(kept: Kept): void {
    const { name, domain, path } = kept.cookie
    const key = JSON.stringify([name, domain, path])
    this.#kept.delete(key)
    this.#kept.set(key, kept)
  }
}

interface Kept {
  readonly cookie: TestCookie
  /** Name and value as received, sent back unchanged. */
  readonly pair: string
}

/** Parses a Set-Cookie line; `undefined` for a cookie that the host may not set. */
function parseCookieLine(line: string, from: CookieScope): TestCookie | undefined {
  const { name, value = '', path, sameSite, ...set } = parseSetCookie(line)
  const domain = set.domain?.toLowerCase().replace(/^\./, '') || undefined
  if (domain !== undefined && !isWithin(from.host, domain)) return undefined
  if (set.secure && !from.isSecure) return undefined
  return {
    name,
    value,
    domain: domain ?? from.host,
    isHostOnly: domain === undefined,
    path: path?.startsWith('/') ? path : folderOf(from.path),
    secure: set.secure === true,
    httpOnly: set.httpOnly === true,
    sameSite: typeof sameSite === 'string' ? sameSite : undefined,
    // RFC 6265, section 5.3: Max-Age takes precedence over Expires.
    expires: set.maxAge === undefined ? set.expires : new Date(Date.now() + set.maxAge * 1000),
  }
}

function isFor(cookie: TestCookie, { host, path, isSecure }: CookieScope): boolean {
  const isForHost = cookie.isHostOnly ? host === cookie.domain : isWithin(host, cookie.domain)
  const isForPath = path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/'))
  return isForHost && isForPath && (isSecure || !cookie.secure)
}

/** RFC 6265, section 5.1.3. */
function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0)
}

/** RFC 6265, section 5.1.4. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

import { isIP } from 'node:net'
import { parseSetCookie, stringifyCookie } from 'cookie'

/** A cookie that a test client keeps. */
export interface TestCookie {
  readonly name: string
  /** Percent-decoded. */
  readonly value: string
  /** The host that set it, or the one of its Domain. */
  readonly domain: string
  /** Whether it is sent to that host alone, and not to those below it. */
  readonly isHostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'lax' | 'strict' | 'none' | undefined
  /** `undefined` for one that lasts as long as the client. */
  readonly expires: Date | undefined
}

/** Where a cookie that a test sets itself is sent to. */
export type TestCookieOptions = Partial<Pick<TestCookie, 'domain' | 'path' | 'secure' | 'expires'>>

/** The place a request goes to. */
export interface Place {
  /** Without port. */
  readonly host: string
  readonly path: string
  readonly isSecure: boolean
}

/** The cookies of a test client, kept as a browser keeps them (RFC 6265, section 5), but for the list of public suffixes. */
export class TestCookies {
  readonly #host: string
  readonly #kept = new Map<string, Kept>()

  /** @internal */
  constructor(host: string) {
    this.#host = host
  }

  /** The value of a cookie, whatever its path and domain; the last set, where there are several. */
  get(name: string): string | undefined {
    return this.find(name)?.value
  }

  /** A cookie with its attributes. */
  find(name: string): TestCookie | undefined {
    return this.all().findLast((cookie) => cookie.name === name)
  }

  /** Those that haven't expired, the last set last. */
  all(): TestCookie[] {
    return this.#current().map(({ cookie }) => cookie)
  }

  /** Sets a cookie as if the server had, for the client's host and the path `/` by default. */
  set(name: string, value: string, { domain, path = '/', secure = false, expires }: TestCookieOptions = {}): void {
    const scope = { domain: domain ?? this.#host, isHostOnly: domain === undefined, path, secure }
    const cookie = { name, value, ...scope, httpOnly: false, sameSite: undefined, expires }
    this.#keep({ cookie, pair: stringifyCookie({ [name]: value }) })
  }

  /** Forgets the cookies of a name. */
  remove(name: string): void {
    for (const [key, { cookie }] of this.#kept) if (cookie.name === name) this.#kept.delete(key)
  }

  clear(): void {
    this.#kept.clear()
  }

  /** @internal Takes the Set-Cookie lines of an answer. */
  take(lines: readonly string[], from: Place): void {
    for (const line of lines) {
      const cookie = readCookie(line, from)
      if (cookie !== undefined) this.#keep({ cookie, pair: (line.split(';', 1)[0] as string).trim() })
    }
  }

  /** @internal The Cookie field of a request; `undefined` where there is none to send. */
  header(to: Place): string | undefined {
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
  /** Name and value as they came, to be sent back unchanged. */
  readonly pair: string
}

/** A cookie as its line has it; `undefined` for one that may not be set from there. */
function readCookie(line: string, from: Place): TestCookie | undefined {
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
    // RFC 6265, section 5.3: Max-Age goes before Expires.
    expires: set.maxAge === undefined ? set.expires : new Date(Date.now() + set.maxAge * 1000),
  }
}

function isFor(cookie: TestCookie, { host, path, isSecure }: Place): boolean {
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

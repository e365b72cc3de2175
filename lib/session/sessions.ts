import { StateError } from '../base/errors.ts'
import { cookieFormat } from '../http/cookies/cookie-format.ts'
import type { RequestCore as Request } from '../http/request-core.ts'
import type { HeldSession, Sessions } from '../http/session.ts'
import { type ExpressMiddleware, requireExpressSession } from './express-session.ts'
import { Facade } from './facade.ts'
import { createExpressStore, GuardedStore } from './guarded-store.ts'
import { MemorySessionStore } from './memory-session-store.ts'
import { RequestSession, type SessionSource } from './request-session.ts'
import {
  type ReadSessionCookieOptions,
  type ReadSessionOptions,
  type SessionCookieOptions,
  sessionCookieOptions,
} from './session-options.ts'

/** The sessions of one server. */
export class ServerSessions implements Sessions, SessionSource {
  readonly #name: string
  readonly #field: RegExp
  readonly #cookie: ReadSessionOptions['cookie']
  readonly #isEager: boolean
  readonly #store: GuardedStore
  readonly #middleware: ExpressMiddleware
  #hasWarned = false

  constructor(options: ReadSessionOptions) {
    const { name, cookie, saveUninitialized, rolling, resave, genid, unset } = options
    const express = requireExpressSession()
    this.#name = name
    this.#field = new RegExp(`(?:^|;)\\s*${name.replace(/[^\w-]/g, '\\$&')}\\s*=`)
    this.#cookie = cookie
    this.#isEager = saveUninitialized
    this.#store = new GuardedStore(options.store ?? new MemorySessionStore(), rolling)
    this.#middleware = express({
      secret: [options.secret].flat() as string[],
      name,
      store: createExpressStore(express, this.#store),
      cookie: (request) => request.cookieOptions,
      ...(genid && { genid: (request) => genid(request.owner.face as never) }),
      rolling,
      resave,
      saveUninitialized,
      unset,
      proxy: false,
    })
  }

  isDue(request: Request): boolean {
    if (!this.#isEager && !this.#carriesCookie(request)) return false
    return isPathWithin(request.rawPath, this.#cookieOptionsFor(request).path)
  }

  /** @throws StateError where the path of the request isn't one that the cookie goes to */
  open(request: Request): HeldSession {
    const { path } = this.#cookieOptionsFor(request)
    if (!isPathWithin(request.rawPath, path)) {
      throw new StateError(`there is no session for ${request.path}: its cookie is for paths under ${String(path)}`)
    }
    return new RequestSession(this, request)
  }

  createFacade(request: Request, cookie: string | undefined): Facade {
    const cookieOptions = this.#cookieOptionsFor(request)
    return new Facade({
      headers: cookie === undefined ? {} : { cookie },
      // Whether the path is one of the cookie's is decided already.
      url: cookieOptions.path ?? '/',
      originalUrl: cookieOptions.path ?? '/',
      connection: { encrypted: request.protocol === 'https' },
      owner: request,
      cookieOptions,
    })
  }

  begin(facade: Facade): void | Promise<void> {
    return this.#store.attend(facade.request, () => facade.begin(this.#middleware))
  }

  remove(id: string): Promise<void> {
    return this.#store.remove(id)
  }

  giveBack(facade: Facade): void {
    this.#store.giveBack(facade.request)
  }

  canDeliver({ session, request }: Facade): boolean {
    if (!session.cookie.secure || request.connection.encrypted) return true
    if (!this.#hasWarned) {
      this.#hasWarned = true
      request.owner.server.logger.warn(
        'A session was not kept: its cookie is for https alone, and the request came over http (see trustProxy)',
        { requestId: request.owner.id },
      )
    }
    return false
  }

  removalLine(request: Request): string | undefined {
    if (!this.#carriesCookie(request)) return undefined
    const attributes = { ...this.#cookieOptionsFor(request), maxAge: 0, expires: new Date(0) }
    return cookieFormat().stringifySetCookie({ name: this.#name, value: '', ...attributes })
  }

  #carriesCookie({ headers: { cookie } }: Request): boolean {
    return cookie !== undefined && cookie.includes(this.#name) && this.#field.test(cookie)
  }

  #cookieOptionsFor(request: Request): ResolvedCookieOptions {
    const cookie = this.#cookie
    const given = typeof cookie === 'function' ? readCookieOptions(cookie(request.face as never)) : cookie
    const isSecure = request.protocol === 'https'
    const { secure, sameSite } = given
    return {
      ...given,
      secure: secure === 'auto' ? isSecure : secure,
      sameSite: sameSite === 'auto' ? (isSecure ? 'none' : 'lax') : sameSite,
    }
  }
}

/** @throws ConfigError naming the option that doesn't exist or has a wrong value */
function readCookieOptions(given: SessionCookieOptions): ReadSessionCookieOptions {
  return sessionCookieOptions.parse(given, 'session.cookie.')
}

type ResolvedCookieOptions = Omit<SessionCookieOptions, 'secure' | 'sameSite'> & {
  secure: boolean
  sameSite: boolean | 'lax' | 'strict' | 'none'
}

/** RFC 6265, section 5.1.4. */
function isPathWithin(path: string, parent = '/'): boolean {
  if (!path.startsWith(parent)) return false
  return parent.endsWith('/') || path.length === parent.length || path[parent.length] === '/'
}

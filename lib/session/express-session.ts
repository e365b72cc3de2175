import { createRequire } from 'node:module'
import type { RequestCore as Request } from '../http/request-core.ts'
import type { FacadeResponse } from './facade-response.ts'
import type { Lease } from './leases.ts'
import type { SessionStore, StoredSession } from './session-store.ts'

/** What express-session is shown of a request. */
export interface FacadeRequest {
  readonly headers: { readonly cookie?: string }
  readonly url: string
  readonly originalUrl: string
  readonly connection: { readonly encrypted: boolean }
  readonly owner: Request
  /** The attributes of the cookie, should one be made. */
  readonly cookieOptions: object
  session?: ExpressSession
  sessionID?: string
  /** Held from the time the session is loaded until it is given back. */
  lease?: Lease | undefined
  /** What the store failed with when the session was saved. */
  failure?: { readonly error: unknown } | undefined
}

/** A session of express-session: the values are its own enumerable properties, beside `cookie`. */
export interface ExpressSession extends StoredSession {
  readonly id: string
  readonly req: FacadeRequest
  readonly cookie: StoredSession['cookie'] & { secure?: boolean }
  save(callback: (error?: unknown) => void): void
  regenerate(callback: (error?: unknown) => void): void
  [key: string]: unknown
}

export type ExpressMiddleware = (
  request: FacadeRequest,
  response: FacadeResponse,
  next: (error?: unknown) => void,
) => void

interface ExpressSessionOptions {
  readonly secret: string[]
  readonly name: string
  readonly store: SessionStore
  readonly cookie: (request: FacadeRequest) => object
  readonly genid?: (request: FacadeRequest) => string
  readonly rolling: boolean
  readonly resave: boolean
  readonly saveUninitialized: boolean
  readonly unset: 'destroy' | 'keep'
  readonly proxy: false
}

/** The package `express-session`, as far as it is used here. */
export interface ExpressSessionModule {
  (options: ExpressSessionOptions): ExpressMiddleware
  /** What gives a store `createSession` and `regenerate`. */
  readonly Store: new () => object
}

/** Loads the package: only a server with sessions pays for it. */
export function requireExpressSession(): ExpressSessionModule {
  return createRequire(import.meta.url)('express-session') as ExpressSessionModule
}

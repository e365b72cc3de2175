import { onDemand } from '../base/on-demand.ts'
import type { SessionStore, StoredSession } from './session-store.ts'

/** A cookie of express-session, with its attributes and the age of its session. */
interface ExpressCookie {
  readonly originalMaxAge: number | null
  /** `null` or `undefined` for a cookie that ends with the browser. */
  readonly expires: Date | null | undefined
  readonly secure: boolean
  /** Returns a Set-Cookie line. */
  serialize(name: string, value: string): string
}

/** A session as stores of express-session expect it. The values are its enumerable properties, beside `cookie`. */
export interface ExpressSession extends StoredSession {
  readonly id: string
  readonly cookie: ExpressCookie
}

/** The properties of its request that a session of express-session reads. */
interface ExpressRequest {
  readonly sessionID: string
  readonly sessionStore: SessionStore
}

interface ExpressSessionModule {
  readonly Session: new (request: ExpressRequest, data: object) => ExpressSession
  readonly Cookie: new (attributes: object) => ExpressCookie
}

/** The package `express-session`. Its middleware isn't run. */
export const expressSession: () => ExpressSessionModule = onDemand('express-session', () => require('express-session'))

/** A session as stores keep it: the values, and beside them the cookie with its age. */
export interface StoredSession {
  cookie: {
    /** In milliseconds; `null` or `undefined` if the session has no end of its own. */
    originalMaxAge?: number | null | undefined
    /** A string if it was parsed from JSON. */
    expires?: Date | string | null | undefined
  }
}

/** The interface of the stores of `express-session`. */
export interface SessionStore {
  get(id: string, callback: (error?: unknown, session?: StoredSession | null) => void): unknown
  set(id: string, session: StoredSession, callback: (error?: unknown) => void): unknown
  destroy(id: string, callback: (error?: unknown) => void): unknown
  /** Renews only the age of a session. */
  touch?(id: string, session: StoredSession, callback: (error?: unknown) => void): unknown
}

/** A store that is created for one server, by the function that is its option `session.store`. */
export interface ServerSessionStore extends SessionStore {
  /** Awaited by the start of the server, once its database is open and before anything listens. What it throws fails the start. */
  prepare?(): unknown
}

/** Whether a value has what a store must have. */
export function isSessionStore(value: unknown): value is SessionStore {
  const { get, set, destroy } = Object(value) as Partial<SessionStore>
  return [get, set, destroy].every((method) => typeof method === 'function')
}

/** Returns when a session ends, in milliseconds since 1970. */
export function endOf({ cookie }: StoredSession, maxAgeMs: number): number {
  const { expires } = cookie
  return expires === undefined || expires === null ? Date.now() + maxAgeMs : new Date(expires).getTime()
}

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

/** Returns when a session ends, in milliseconds since 1970. */
export function endOf({ cookie }: StoredSession, maxAgeMs: number): number {
  const { expires } = cookie
  return expires === undefined || expires === null ? Date.now() + maxAgeMs : new Date(expires).getTime()
}

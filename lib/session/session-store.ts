/** A session as stores have it: the values, and beside them the cookie with its age. */
export interface StoredSession {
  cookie: {
    /** In milliseconds; `null` or nothing where the session has no end of its own. */
    originalMaxAge?: number | null | undefined
    /** A text where it has been through JSON. */
    expires?: Date | string | null | undefined
  }
}

/** What a store of `express-session` is called with; all of them fit. */
export interface SessionStore {
  get(id: string, callback: (error?: unknown, session?: StoredSession | null) => void): unknown
  set(id: string, session: StoredSession, callback: (error?: unknown) => void): unknown
  destroy(id: string, callback: (error?: unknown) => void): unknown
  /** Renews the age of a session and nothing else. */
  touch?(id: string, session: StoredSession, callback: (error?: unknown) => void): unknown
}

/** When a session ends, in milliseconds since 1970. */
export function endOf({ cookie }: StoredSession, maxAgeMs: number): number {
  const { expires } = cookie
  return expires === undefined || expires === null ? Date.now() + maxAgeMs : new Date(expires).getTime()
}

import { StateError } from '../base/errors.ts'
import type { ValueOf, ValuesOf } from '../base/register.ts'
import type { Logger } from '../log/logger.ts'

/** Values kept for one client between its requests. Any string is a key; values are kept as JSON. */
export interface Session {
  /** A new id where the client sent none that the store knows; such a session is stored only once a value is set. */
  readonly id: string
  /** Returns a value. Its type is that of `session` in `Register`, or what the call says. */
  get<Name extends keyof ValuesOf<'session'>>(key: Name): ValuesOf<'session'>[Name] | undefined
  get<T = unknown>(key: string): T | undefined
  /**
   * Sets a value; `undefined` removes it.
   *
   * @throws StateError after `destroy`, and once the session is saved: from `AfterPatch` on, in a streamed body
   * from its first chunk on
   */
  set<Key extends string>(key: Key, value: ValueOf<'session', Key> | undefined): void
  has(key: string): boolean
  remove(key: string): void
  /** All values by key, in a new object without a prototype. The values themselves are not copied. */
  data(): Record<string, unknown>
  /** Removes all values; the session stays. */
  clear(): void
  /** Replaces the session with a new, empty one under another id and destroys the old one. Call it at every login. */
  regenerate(): Promise<void>
  /** Removes the session from the store and its cookie from the client. Requests in flight can't bring it back. */
  destroy(): Promise<void>
}

/**
 * The session of one request, as the pipeline drives it.
 *
 * `load` comes before `BeforeServe`, `commit` after `BeforePatch`. Applications see its `face` alone.
 */
export interface HeldSession {
  /** What `request.session` returns. */
  readonly face: Session
  /** The same as the `req.session` of express-session, for guests; `undefined` once it was destroyed. */
  readonly guestFace: object | undefined
  /** The id, once the store has the session; `undefined` before. */
  readonly storedId: string | undefined
  /** Reads the session from the store. Never rejects: if the store fails, the first use of the face throws its error. */
  load(): void | Promise<void>
  /**
   * Saves what changed and adds the cookie to the response. Returns `undefined` where there is nothing to wait for.
   *
   * @throws what the store failed with, also where it fails later: then the promise rejects
   */
  commit(): void | Promise<void>
  /** Takes changes again, for the response that replaces a failed one. */
  reopen(): void
}

/** What sessions need of a request. */
export interface SessionCarrier {
  /** The id of the request, for the log. */
  readonly id: string
  readonly server: { readonly logger: Logger }
  readonly headers: { readonly cookie?: string | undefined }
  readonly protocol: 'http' | 'https'
  /** The path as received, still encoded. The path of the session's cookie is compared with it. */
  readonly rawPath: string
  /** The `Request` that the options `cookie` and `genid` are called with. Sessions only pass it on. */
  readonly face: unknown
  /** Adds a Set-Cookie line to the head of the response, wherever that is. */
  addCookieLine(line: string): void
  /** Registers a function that is called when the request is over. */
  onRelease(release: () => unknown): void
}

/** The sessions of a server. */
export interface Sessions {
  /** Returns the session of a request that has to be loaded before `BeforeServe`, or `undefined`. */
  openDue(carrier: SessionCarrier): HeldSession | undefined
  /** Returns whether the cookie's path includes the path of the request. */
  covers(carrier: SessionCarrier): boolean
  /** @throws StateError if the cookie's path excludes the path of the request */
  open(carrier: SessionCarrier): HeldSession
}

/** @throws StateError if the server has no sessions; the message says how to turn them on */
export function openSession(sessions: Sessions | undefined, carrier: SessionCarrier): HeldSession {
  if (sessions === undefined) {
    throw new StateError('request.session needs the option "session": new Server({ session: { secret: \'…\' } })', {
      failure: 'ERR_TRIBIND_SESSION_DISABLED',
    })
  }
  return sessions.open(carrier)
}

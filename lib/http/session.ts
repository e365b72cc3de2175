import { StateError } from '../base/errors.ts'

/** What is kept for one client between its requests. Keys are free; values are kept as JSON. */
export interface Session {
  /** New where the client brought none that the store knows. It is kept only once a value is set. */
  readonly id: string
  get<T = unknown>(key: string): T | undefined
  /**
   * Sets a value; `undefined` removes it.
   *
   * @throws StateError after `destroy`, and once the session is saved: from `AfterPatch` on
   */
  set(key: string, value: unknown): void
  has(key: string): boolean
  remove(key: string): void
  /** All values by key, in an object of its own that inherits nothing; the values themselves are not copied. */
  data(): Record<string, unknown>
  /** Removes all values; the session stays. */
  clear(): void
  /** Gives the client a new, empty session under another id and destroys the one it had: for every login. */
  regenerate(): Promise<void>
  /** Removes the session from the store and its cookie from the client; requests under way can't bring it back. */
  destroy(): Promise<void>
}

/** A session as the pipeline takes it along. */
export interface HeldSession extends Session {
  load(): Promise<void>
  /** Saves what is to be saved and adds its cookie to the response; a promise where there was anything to do. */
  commit(): Promise<void> | undefined
  /** Takes changes again, for the response that takes the place of one whose way failed. */
  reopen(): void
}

/** What of a request says whose session it is. */
export interface SessionCarrier {
  readonly headers: { readonly cookie?: string | undefined }
}

/** Where the sessions of a server come from. */
export interface Sessions {
  /** Whether a session is to be loaded before anybody asks for it. */
  isDue(request: SessionCarrier): boolean
  open(request: SessionCarrier): HeldSession
}

/** @throws StateError where the server has no sessions; it says how to turn them on */
export function openSession(sessions: Sessions | undefined, request: SessionCarrier): HeldSession {
  if (sessions === undefined) {
    throw new StateError("this server has no sessions: turn them on with new Server({ session: { secret: '…' } })")
  }
  return sessions.open(request)
}

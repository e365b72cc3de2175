import type { Session } from '../http/session.ts'

// That of connect-flash, so that guests and the application share their messages.
const KEY = 'flash'

/**
 * Keeps a message in the session until it is taken, usually by the page that a client is redirected to.
 *
 * @param name a kind of message, such as `info`; several messages of a kind are kept in order
 * @throws StateError as `session.set`
 */
export function flash(session: Session, name: string, message: unknown): void {
  const all = readMessages(session)
  session.set(KEY, Object.fromEntries(all.set(name, [...(all.get(name) ?? []), message])))
}

/** Returns the messages of a kind, in the order in which they came, and removes them. @throws StateError as `session.set` */
export function takeFlash<T = string>(session: Session, name: string): T[] {
  const all = readMessages(session)
  const messages = all.get(name)
  if (messages === undefined) return []
  all.delete(name)
  session.set(KEY, all.size === 0 ? undefined : Object.fromEntries(all))
  return messages as T[]
}

function readMessages(session: Session): Map<string, unknown[]> {
  const stored = session.get(KEY)
  const entries = typeof stored === 'object' && stored !== null ? Object.entries(stored) : []
  return new Map(entries.filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1])))
}

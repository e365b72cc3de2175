import type { SessionCarrier } from '../http/session.ts'
import { type ExpressSession, expressSession } from './express-session.ts'
import type { Claim, GuardedStore } from './guarded-store.ts'
import type { SessionCookie, SessionCookieAttributes } from './session-cookie.ts'
import type { SessionValues } from './session-values.ts'

/** The settings that all sessions of a server share. */
export interface SessionSettings {
  readonly cookie: SessionCookie
  readonly store: GuardedStore
  readonly rolling: boolean
  readonly resave: boolean
  readonly saveUninitialized: boolean
  createId(carrier: SessionCarrier): string
  /** Logs once that a session isn't stored because its cookie is for https and the request came over http. */
  warnOfPlainRequest(carrier: SessionCarrier): void
}

/** The session a request works on. */
export interface CurrentSession {
  readonly id: string
  readonly values: SessionValues
  readonly attributes: SessionCookieAttributes
  /** Whether the store has it. */
  isStored: boolean
  /** Whether it replaces a stored session and is therefore stored even without a value. */
  isReplacement: boolean
}

/** Returns whether the store has the session as it is, with an age that needn't be renewed yet. */
export function isAsStored({ id, values, attributes, isStored }: CurrentSession, settings: SessionSettings): boolean {
  return isStored && !values.isTouched && !settings.resave && !settings.store.isRenewalDue(id, attributes.maxAge)
}

/**
 * Writes a session, or renews its age, if that is due. Returns the Set-Cookie line if one is due.
 *
 * @param claim `undefined` for a session that wasn't loaded
 */
export async function saveSession(
  current: CurrentSession,
  settings: SessionSettings,
  carrier: SessionCarrier,
  claim: Claim | undefined,
): Promise<string | undefined> {
  const { store, cookie, rolling, resave, saveUninitialized } = settings
  const { id, values, attributes, isStored } = current
  const isChanged = current.isReplacement || values.isChanged
  const canSetCookie = !attributes.secure || carrier.protocol === 'https'
  if (!isStored && !isChanged && !saveUninitialized) return undefined
  if (!isStored && !canSetCookie) return settings.warnOfPlainRequest(carrier) as undefined
  const session = createExpressSession(current, settings)
  const isCookieDue = !isStored || rolling || (isChanged && Boolean(session.cookie.expires))
  const line = isCookieDue && canSetCookie ? session.cookie.serialize(cookie.name, cookie.sign(id)) : undefined
  if (!isStored || isChanged || resave) await store.save(session, claim)
  else if (store.isRenewalDue(id, attributes.maxAge)) await store.renew(session, claim)
  values.settle()
  current.isStored = true
  current.isReplacement = false
  // The request that destroyed the session sends the cookie that is due.
  return claim?.lease.isRevoked ? undefined : line
}

function createExpressSession({ id, values, attributes }: CurrentSession, { store }: SessionSettings): ExpressSession {
  const { Session, Cookie } = expressSession()
  return new Session({ sessionID: id, sessionStore: store.store }, { cookie: new Cookie(attributes), ...values.stored })
}

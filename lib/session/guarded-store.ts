import { isPromise } from '../base/in-turn.ts'
import type { ExpressSession } from './express-session.ts'
import { type Lease, type Leases, leasesFor } from './leases.ts'
import type { SessionStore, StoredSession } from './session-store.ts'

/** After this time the store is read before a session is written, since another process may have destroyed it. */
const RECHECK_AFTER_MS = 1000

/** Allows a request to write a session to the store. */
export interface Claim {
  readonly lease: Lease
  /** When the session was loaded, in milliseconds since 1970. */
  readonly since: number
}

type Found = StoredSession | null | undefined
type Respond<T> = (error?: unknown, value?: T) => void

/** Guards a store: a destroyed session isn't written again, and ages are renewed only when due. */
export class GuardedStore {
  readonly #store: SessionStore
  readonly #isRolling: boolean
  readonly #leases: Leases
  readonly #renewals = new Renewals()

  /**
   * @param store never changed, since several servers may share it
   * @param isRolling whether ages are renewed with every request
   */
  constructor(store: SessionStore, isRolling: boolean) {
    this.#store = store
    this.#isRolling = isRolling
    this.#leases = leasesFor(store)
  }

  /** The store itself, which sessions of express-session refer to. */
  get store(): SessionStore {
    return this.#store
  }

  /** Registers a request that is about to load a session. */
  claim(id: string): Claim {
    return { lease: this.#leases.take(id), since: Date.now() }
  }

  /** Ends the claim of a request. */
  giveBack({ lease }: Claim): void {
    this.#leases.giveBack(lease)
  }

  /** Reads a session. Returns a promise only if the store doesn't answer at once. */
  find(id: string): Found | Promise<Found> {
    return call<Found>((respond) =>
      this.#store.get(id, (error, session) => {
        // As in express-session: a store of files may report this for an unknown id.
        if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') respond(null, undefined)
        else respond(error, session)
      }),
    )
  }

  /**
   * Writes a session, unless it was destroyed since it was loaded.
   *
   * @param claim `undefined` for a session that the store doesn't have yet
   */
  async save(session: ExpressSession, claim?: Claim): Promise<void> {
    const write = async () => call<void>((respond) => this.#store.set(session.id, session, respond))
    if (claim === undefined) await write()
    else await this.#leases.write(claim.lease, async () => ((await this.#isHeld(claim)) ? write() : undefined))
    this.#renewals.note(session.id)
  }

  /** Returns whether the age of an unchanged session must be renewed. */
  isRenewalDue(id: string, maxAgeMs: number | null | undefined): boolean {
    return this.#isRolling || this.#renewals.areDue(id, maxAgeMs)
  }

  /** Renews the age of an unchanged session. */
  async renew(session: ExpressSession, claim?: Claim): Promise<void> {
    if (claim?.lease.isRevoked) return
    const store = this.#store
    if (store.touch !== undefined) await call<void>((respond) => store.touch?.(session.id, session, respond))
    // The store can't renew only the age: a write is worthwhile only if the cookie has an age too.
    else if (this.#isRolling && session.cookie.expires) await this.save(session, claim)
    this.#renewals.note(session.id)
  }

  /** Destroys a session, also for all requests in flight. */
  remove(id: string): Promise<void> {
    return this.#leases.revoke(id, async () => call<void>((respond) => this.#store.destroy(id, respond)))
  }

  /** Returns whether the session still exists, as far as this can be known. */
  async #isHeld({ lease, since }: Claim): Promise<boolean> {
    const isOld = Date.now() - since > RECHECK_AFTER_MS
    if (!lease.isRevoked && isOld && !(await this.find(lease.id))) lease.isRevoked = true
    return !lease.isRevoked
  }
}

/**
 * Calls a function of a store. Fails if it throws, responds with an error, or returns a promise that rejects. Returns a
 * promise only if the store doesn't respond at once.
 */
function call<T>(act: (respond: Respond<T>) => unknown): T | Promise<T> {
  const answers: { error: unknown; value: T }[] = []
  let settle = () => {}
  const promised = act((error, value) => {
    answers.push({ error, value: value as T })
    settle()
  })
  const [answer] = answers
  if (answer !== undefined && !isPromise(promised)) {
    if (answer.error) throw answer.error
    return answer.value
  }
  return new Promise((resolve, reject) => {
    settle = () => {
      const [answer] = answers
      if (answer?.error) reject(answer.error as Error)
      else if (answer !== undefined) resolve(answer.value)
    }
    settle()
    if (isPromise(promised)) promised.then(undefined, reject)
  })
}

const EVERY_MS = 60_000
const MAX_COUNT = 10_000

/** The times when this process last renewed the ages of sessions, so that not every request writes. */
class Renewals {
  /** The longest unused first. */
  readonly #at = new Map<string, number>()

  note(id: string): void {
    this.#at.delete(id)
    this.#at.set(id, Date.now())
    if (this.#at.size <= MAX_COUNT) return
    for (const oldest of this.#at.keys()) {
      this.#at.delete(oldest)
      return
    }
  }

  /** Returns whether a minute, or a tenth of the age, has passed since the last renewal. */
  areDue(id: string, maxAgeMs: number | null | undefined): boolean {
    const everyMs = Math.min(EVERY_MS, (maxAgeMs ?? Infinity) / 10)
    return Date.now() - (this.#at.get(id) ?? -Infinity) >= everyMs
  }
}

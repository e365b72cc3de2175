import { isPromise } from '../base/in-turn.ts'
import type { ExpressSession, ExpressSessionModule, FacadeRequest } from './express-session.ts'
import { type Leases, leasesFor } from './leases.ts'
import { Renewals } from './renewals.ts'
import type { SessionStore, StoredSession } from './session-store.ts'

/** After so long, another process may well have destroyed a session: the store is asked before it is written. */
const RECHECK_AFTER_MS = 1000

type Found = StoredSession | null | undefined
type Respond<T = void> = (error?: unknown, value?: T) => void

/** Stands before a store: what was destroyed isn't written again, and ages are renewed when it is time. */
export class GuardedStore {
  readonly #store: SessionStore
  readonly #isRolling: boolean
  readonly #leases: Leases
  readonly #renewals = new Renewals()
  #attended: FacadeRequest | undefined

  /**
   * @param store is asked as it is and never changed: several servers may share it
   * @param isRolling whether ages are renewed with every request
   */
  constructor(store: SessionStore, isRolling: boolean) {
    this.#store = store
    this.#isRolling = isRolling
    this.#leases = leasesFor(store)
  }

  /** Runs express-session for a request; the session it asks for at once is that of this request. */
  attend<T>(request: FacadeRequest, run: () => T): T {
    this.#attended = request
    try {
      return run()
    } finally {
      this.#attended = undefined
    }
  }

  /** Loads a session for the request that is attended to, which holds a lease on it from before. */
  async load(id: string): Promise<Found> {
    const request = this.#attended as FacadeRequest
    request.lease = this.#leases.take(id)
    let session: Found
    try {
      session = await this.#find(id)
    } finally {
      if (!session) this.giveBack(request)
    }
    return session
  }

  async save(id: string, session: ExpressSession): Promise<void> {
    const { lease } = session.req
    const write = () => call((respond) => this.#store.set(id, session, respond))
    if (lease?.id !== id) await write()
    else {
      const isOld = Date.now() - lease.takenAt > RECHECK_AFTER_MS
      if (!lease.isRevoked && isOld && !(await this.#find(id))) lease.isRevoked = true
      if (lease.isRevoked) return
      await this.#leases.write(lease, write)
    }
    this.#renewals.note(id)
  }

  /** Renews the age of a session that didn't change. */
  async renew(id: string, session: ExpressSession): Promise<void> {
    const store = this.#store
    const isDue = this.#isRolling || this.#renewals.areDue(id, session)
    if (!isDue || session.req.lease?.isRevoked) return
    if (store.touch !== undefined) await call((respond) => store.touch?.(id, session, respond))
    // Without a way to renew the age alone; what has no age, or whose cookie isn't renewed, needs none.
    else if (this.#isRolling && session.cookie.expires) await this.save(id, session)
    this.#renewals.note(id)
  }

  /** Destroys a session, for all requests under way as well. */
  remove(id: string): Promise<void> {
    return this.#leases.revoke(id, () => call((respond) => this.#store.destroy(id, respond)))
  }

  /** Ends the claim of a request on the session it loaded. */
  giveBack(request: FacadeRequest): void {
    if (request.lease !== undefined) this.#leases.giveBack(request.lease)
    request.lease = undefined
  }

  #find(id: string): Promise<Found> {
    return call<Found>((respond) => this.#store.get(id, respond))
  }
}

/** A guarded store as express-session takes it. */
export function createExpressStore({ Store }: ExpressSessionModule, guard: GuardedStore): SessionStore {
  class ExpressStore extends Store implements SessionStore {
    get(id: string, respond: Respond<Found>): void {
      guard.load(id).then((session) => respond(null, session), respond)
    }

    set(id: string, session: StoredSession, respond: Respond): void {
      settle(session as ExpressSession, guard.save(id, session as ExpressSession), respond)
    }

    touch(id: string, session: StoredSession, respond: Respond): void {
      settle(session as ExpressSession, guard.renew(id, session as ExpressSession), respond)
    }

    destroy(id: string, respond: Respond): void {
      guard.remove(id).then(() => respond(), respond)
    }
  }
  // It takes no part in the events of the store behind it: whether that is connected, each call tells.
  return new ExpressStore()
}

/** Express-session reports a failure only after it has gone on: the request is to know before. */
function settle({ req }: ExpressSession, work: Promise<void>, respond: Respond): void {
  work.then(
    () => respond(),
    (error: unknown) => {
      req.failure = { error }
      respond(error)
    },
  )
}

/** Calls a function of a store; it fails also where that throws, or gives a promise that does. */
function call<T = void>(act: (respond: Respond<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const pending = act((error, value) => (error ? reject(error as Error) : resolve(value as T)))
    if (isPromise(pending)) pending.then(undefined, reject)
  })
}

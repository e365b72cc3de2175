/** The right to write a session that was loaded. All requests that hold a session at the same time share one lease. */
export interface Lease {
  readonly id: string
  /** Whether the session was destroyed and must not be written again. */
  isRevoked: boolean
  holders: number
  revocations: number
  /** Settles when no write is under way. */
  writing: Promise<unknown> | undefined
}

/** The leases of one process. They keep a request from restoring, by saving it, a session that another one destroyed. */
export class Leases {
  /** Only sessions of requests in flight. */
  readonly #leases = new Map<string, Lease>()

  take(id: string): Lease {
    let lease = this.#leases.get(id)
    if (lease === undefined) {
      lease = { id, isRevoked: false, holders: 0, revocations: 0, writing: undefined }
      this.#leases.set(id, lease)
    }
    lease.holders++
    return lease
  }

  giveBack(lease: Lease): void {
    if (--lease.holders === 0) this.#drop(lease)
  }

  /** Writes under a lease. A revocation waits for it. */
  async write(lease: Lease, act: () => Promise<void>): Promise<void> {
    lease.holders++
    const writing = act()
    lease.writing = Promise.allSettled([lease.writing, writing])
    try {
      await writing
    } finally {
      this.giveBack(lease)
    }
  }

  /** Revokes the lease of a session, waits for the writes under way, and then destroys it. */
  async revoke(id: string, destroy: () => Promise<void>): Promise<void> {
    const lease = this.take(id)
    lease.isRevoked = true
    lease.revocations++
    try {
      await lease.writing
      await destroy()
    } finally {
      // For a request that loads the session from now on, the store decides.
      if (--lease.revocations === 0) this.#drop(lease)
      this.giveBack(lease)
    }
  }

  #drop(lease: Lease): void {
    if (this.#leases.get(lease.id) === lease) this.#leases.delete(lease.id)
  }
}

const byKind = new WeakMap<object, Leases>()

/** Returns the leases for stores of one class, since two of its objects may access the same sessions. */
export function leasesFor(store: object): Leases {
  const kind = store.constructor as object
  let leases = byKind.get(kind)
  if (leases === undefined) byKind.set(kind, (leases = new Leases()))
  return leases
}

/** The right to write a session that was loaded. All requests that hold a session at the same time share one. */
export interface Lease {
  readonly id: string
  /** Whether the session was destroyed: it is not written any more. */
  isRevoked: boolean
  holders: number
  revocations: number
  /** Settles when no write under way is left. */
  writing: Promise<unknown> | undefined
}

/** The leases of one process, so that no request brings back by saving what another one destroyed. */
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

  /** Writes under a lease. A revocation waits until that is done. */
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
      // A request that loads the session from now on finds out from the store.
      if (--lease.revocations === 0) this.#drop(lease)
      this.giveBack(lease)
    }
  }

  #drop(lease: Lease): void {
    if (this.#leases.get(lease.id) === lease) this.#leases.delete(lease.id)
  }
}

const byKind = new WeakMap<object, Leases>()

/** Returns the leases for stores of one class: two objects of it may stand before the same sessions. */
export function leasesFor(store: object): Leases {
  const kind = store.constructor as object
  let leases = byKind.get(kind)
  if (leases === undefined) byKind.set(kind, (leases = new Leases()))
  return leases
}

/** The right of a request to write the session it loaded; it ends when somebody destroys that session. */
export interface Lease {
  readonly id: string
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAt: number
  isRevoked: boolean
}

interface Entry {
  readonly leases: Set<Lease>
  readonly writes: Set<Promise<unknown>>
  revocations: number
}

/**
 * Which requests of this process hold which sessions, so that what one destroys no other brings back by saving.
 *
 * Only sessions of requests under way are in it.
 */
export class Leases {
  readonly #entries = new Map<string, Entry>()

  take(id: string): Lease {
    const entry = this.#entryOf(id)
    const lease = { id, takenAt: Date.now(), isRevoked: entry.revocations > 0 }
    entry.leases.add(lease)
    return lease
  }

  giveBack(lease: Lease): void {
    const entry = this.#entries.get(lease.id)
    entry?.leases.delete(lease)
    this.#drop(lease.id)
  }

  /** Writes under a lease; whoever revokes it waits until that is done. */
  async write<T>({ id }: Lease, act: () => Promise<T>): Promise<T> {
    const { writes } = this.#entryOf(id)
    const writing = act()
    writes.add(writing)
    try {
      return await writing
    } finally {
      writes.delete(writing)
      this.#drop(id)
    }
  }

  /** Ends all leases of a session, and those taken meanwhile; then, once nobody writes any more, destroys it. */
  async revoke(id: string, destroy: () => Promise<unknown>): Promise<void> {
    const entry = this.#entryOf(id)
    entry.revocations++
    for (const lease of entry.leases) lease.isRevoked = true
    try {
      await Promise.allSettled(entry.writes)
      await destroy()
    } finally {
      entry.revocations--
      this.#drop(id)
    }
  }

  #entryOf(id: string): Entry {
    let entry = this.#entries.get(id)
    if (entry === undefined) this.#entries.set(id, (entry = { leases: new Set(), writes: new Set(), revocations: 0 }))
    return entry
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id)
    if (entry?.leases.size === 0 && entry.writes.size === 0 && entry.revocations === 0) this.#entries.delete(id)
  }
}

const byKind = new WeakMap<object, Leases>()

/** The leases for a kind of store: two objects of one class may well stand before the same sessions. */
export function leasesFor(store: object): Leases {
  const kind = store.constructor as object
  let leases = byKind.get(kind)
  if (leases === undefined) byKind.set(kind, (leases = new Leases()))
  return leases
}

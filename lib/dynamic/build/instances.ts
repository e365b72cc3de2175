/** What was made of a part of a configuration, and how many layers hold it. */
interface Instance {
  readonly value: unknown
  /** What it has in common with those that come in its place. */
  readonly identity: string
  holders: number
}

/** What services and middlewares have beside their configuration: the same from one version to the next, as long as that doesn't change. */
export class Instances {
  readonly #byKey = new Map<string, Instance>()
  readonly #report: (error: unknown, identity: string) => void

  /** @param report takes what closing an instance threw */
  constructor(report: (error: unknown, identity: string) => void) {
    this.#report = report
  }

  /** Returns the instance of a key; `undefined` where there is none. */
  find(key: string): unknown {
    return this.#byKey.get(key)?.value
  }

  /** Returns what one version of a layer holds instances through. */
  lease(): Lease {
    return new Lease(
      (key, identity, create) => this.#acquire(key, identity, create),
      (key) => this.#release(key),
    )
  }

  #acquire(key: string, identity: string, create: (before: unknown) => unknown): unknown {
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.holders++
      return known.value
    }
    const before = [...this.#byKey.values()].findLast((instance) => instance.identity === identity)
    const value = create(before?.value)
    this.#byKey.set(key, { value, identity, holders: 1 })
    return value
  }

  #release(key: string): void {
    const instance = this.#byKey.get(key)
    if (instance === undefined || --instance.holders > 0) return
    this.#byKey.delete(key)
    close(instance.value).catch((error: unknown) => this.#report(error, instance.identity))
  }
}

/** The instances that one version of a layer holds. */
export class Lease {
  readonly #keys = new Map<string, unknown>()
  readonly #acquire: (key: string, identity: string, create: (before: unknown) => unknown) => unknown
  readonly #release: (key: string) => void

  constructor(
    acquire: (key: string, identity: string, create: (before: unknown) => unknown) => unknown,
    release: (key: string) => void,
  ) {
    this.#acquire = acquire
    this.#release = release
  }

  /**
   * Returns the instance of a key, which is created where there is none.
   *
   * @param create gets the instance of the same identity that was created last and is still held
   */
  acquire(key: string, identity: string, create: (before: unknown) => unknown): unknown {
    if (!this.#keys.has(key)) this.#keys.set(key, this.#acquire(key, identity, create))
    return this.#keys.get(key)
  }

  /** Closes what no other lease holds. */
  release(): void {
    for (const key of this.#keys.keys()) this.#release(key)
    this.#keys.clear()
  }
}

async function close(value: unknown): Promise<void> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
  const member: unknown = Reflect.get(value, 'close')
  if (typeof member === 'function') await Reflect.apply(member, value, [])
}

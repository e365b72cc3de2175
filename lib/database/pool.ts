/** What a pool needs of its connections. */
export interface Pooled {
  /** Of no use any more. */
  readonly isLost: boolean
  /** Whether it is kept after its use. */
  readonly isReusable: boolean
  /** When it was opened, by `performance.now()`. */
  readonly openedAt: number
  end(): Promise<unknown>
  cut(): void
}

export interface PoolOptions<Member> {
  readonly max: number
  readonly min: number
  /** In milliseconds, as the other times; 0 for any. */
  readonly idleTimeout: number
  readonly maxLifetime: number
  readonly acquireTimeout: number
  connect(): Promise<Member>
  /** The error of a wait that took longer than `acquireTimeout`. */
  createTimeoutError(inUse: number, waiting: number): Error
  createClosedError(): Error
}

interface Waiter<Member> {
  resolve(member: Member): void
  reject(error: unknown): void
  readonly timer: NodeJS.Timeout
}

/** Connections that are used in turn. Who waits first is served first. */
export class Pool<Member extends Pooled> {
  readonly #options: PoolOptions<Member>
  readonly #inUse = new Set<Member>()
  /** The last used is the last. */
  readonly #idle: { readonly member: Member; readonly since: number }[] = []
  readonly #waiting: Waiter<Member>[] = []
  #opening = 0
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false
  #onEmpty: (() => void) | undefined

  constructor(options: PoolOptions<Member>) {
    this.#options = options
  }

  get inUse(): number {
    return this.#inUse.size
  }

  /** Returns a connection at once if one is idle. */
  acquire(): Member | Promise<Member> {
    if (this.#isClosed) throw this.#options.createClosedError()
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (this.#isFit(idle.member)) return this.#use(idle.member)
      this.#end(idle.member)
    }
    return this.#wait()
  }

  /** Takes a connection back. */
  release(member: Member): void {
    this.#inUse.delete(member)
    if (this.#isClosed || !this.#isFit(member)) {
      this.#end(member)
      this.#grow()
    } else this.#offer(member)
    this.#tellEmpty()
  }

  /** Forgets a connection that has ended by itself while it was idle. */
  forget(member: Member): void {
    const at = this.#idle.findIndex((idle) => idle.member === member)
    if (at >= 0) this.#idle.splice(at, 1)
  }

  /** Opens `min` connections. Failures are those of the next who asks. */
  fill(): void {
    const { min, max } = this.#options
    for (let open = this.#size; open < Math.min(min, max); open++) void this.#open()
  }

  /** Rejects who waits, closes what is idle, and cuts what is still in use after a time. @returns how many were cut */
  async close(timeoutMs: number): Promise<number> {
    this.#isClosed = true
    clearTimeout(this.#sweep)
    for (const waiter of this.#waiting.splice(0)) this.#refuse(waiter, this.#options.createClosedError())
    const ends = this.#idle.splice(0).map(({ member }) => member.end())
    await Promise.allSettled(ends)
    if (this.#size === 0) return 0
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    const cut = [...this.#inUse]
    for (const member of cut) member.cut()
    return cut.length
  }

  get #size(): number {
    return this.#inUse.size + this.#idle.length + this.#opening
  }

  #wait(): Promise<Member> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const waiting = this.#waiting.length
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(this.#options.createTimeoutError(this.#inUse.size, waiting))
      }, this.#options.acquireTimeout)
      const waiter = { resolve, reject, timer }
      this.#waiting.push(waiter)
      this.#grow()
    })
  }

  /** Opens another connection if one is waited for that isn't being opened. */
  #grow(): void {
    if (!this.#isClosed && this.#opening < this.#waiting.length && this.#size < this.#options.max) void this.#open()
  }

  async #open(): Promise<void> {
    this.#opening++
    try {
      const member = await this.#options.connect().finally(() => this.#opening--)
      if (this.#isClosed) this.#end(member)
      else this.#offer(member)
    } catch (error) {
      const waiter = this.#waiting.shift()
      if (waiter !== undefined) this.#refuse(waiter, error)
      this.#grow()
    }
    this.#tellEmpty()
  }

  #offer(member: Member): void {
    const waiter = this.#waiting.shift()
    if (waiter === undefined) {
      this.#idle.push({ member, since: performance.now() })
      this.#scheduleSweep()
      return
    }
    clearTimeout(waiter.timer)
    waiter.resolve(this.#use(member))
  }

  #refuse(waiter: Waiter<Member>, error: unknown): void {
    clearTimeout(waiter.timer)
    waiter.reject(error)
  }

  #use(member: Member): Member {
    this.#inUse.add(member)
    return member
  }

  #isFit(member: Member): boolean {
    const { maxLifetime } = this.#options
    return (
      !member.isLost && member.isReusable && (maxLifetime === 0 || performance.now() - member.openedAt < maxLifetime)
    )
  }

  #end(member: Member): void {
    member.end().catch(() => member.cut())
  }

  #tellEmpty(): void {
    if (this.#size === 0) this.#onEmpty?.()
  }

  #scheduleSweep(): void {
    const { idleTimeout, maxLifetime } = this.#options
    const periods = [idleTimeout, maxLifetime].filter((ms) => ms > 0)
    if (periods.length === 0 || this.#sweep !== undefined) return
    this.#sweep = setTimeout(() => this.#closeIdle(), Math.min(...periods)).unref()
  }

  #closeIdle(): void {
    this.#sweep = undefined
    const { idleTimeout, min } = this.#options
    const now = performance.now()
    const isStale = ({ since }: { since: number }) => idleTimeout > 0 && now - since >= idleTimeout - 1
    for (const idle of Array.from(this.#idle)) {
      if (this.#isFit(idle.member) && (!isStale(idle) || this.#size <= min)) continue
      this.forget(idle.member)
      this.#end(idle.member)
    }
    this.fill()
    if (this.#idle.length > 0) this.#scheduleSweep()
  }
}

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
  /** When its time is over, by `performance.now()`. */
  readonly deadline: number
}

/** Connections that are used in turn. Who waits first is served first. */
export class Pool<Member extends Pooled> {
  readonly #options: PoolOptions<Member>
  readonly #inUse = new Set<Member>()
  /** The last used is the last. */
  readonly #idle: { readonly member: Member; readonly since: number }[] = []
  readonly #waiting: Waiter<Member>[] = []
  readonly #sweepPeriod: number
  #opening = 0
  #sweep: NodeJS.Timeout | undefined
  /** For the first who waits: all wait equally long. */
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #onEmpty: (() => void) | undefined

  constructor(options: PoolOptions<Member>) {
    const { idleTimeout, maxLifetime } = options
    this.#options = options
    this.#sweepPeriod = Math.min(idleTimeout || Infinity, maxLifetime || Infinity)
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
    for (let waiter = this.#takeWaiter(); waiter !== undefined; waiter = this.#takeWaiter())
      waiter.reject(this.#options.createClosedError())
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
      const { acquireTimeout } = this.#options
      this.#waiting.push({ resolve, reject, deadline: performance.now() + acquireTimeout })
      this.#timer ??= setTimeout(() => this.#refuseLate(), acquireTimeout)
      this.#grow()
    })
  }

  #refuseLate(): void {
    const now = performance.now()
    const { length } = this.#waiting
    const late = this.#waiting.findIndex(({ deadline }) => deadline > now + 1)
    for (const waiter of this.#waiting.splice(0, late < 0 ? length : late))
      waiter.reject(this.#options.createTimeoutError(this.#inUse.size, length))
    const [next] = this.#waiting
    this.#timer = next && setTimeout(() => this.#refuseLate(), next.deadline - now)
  }

  /** Returns who has waited for longest. */
  #takeWaiter(): Waiter<Member> | undefined {
    const waiter = this.#waiting.shift()
    if (this.#waiting.length === 0 && this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
    return waiter
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
      this.#takeWaiter()?.reject(error)
      this.#grow()
    }
    this.#tellEmpty()
  }

  #offer(member: Member): void {
    const waiter = this.#takeWaiter()
    if (waiter !== undefined) {
      waiter.resolve(this.#use(member))
      return
    }
    this.#idle.push({ member, since: performance.now() })
    this.#scheduleSweep()
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
    if (this.#sweep === undefined && this.#sweepPeriod < Infinity)
      this.#sweep = setTimeout(() => this.#closeIdle(), this.#sweepPeriod).unref()
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

/** Work that stays open until it is done, such as an event stream, a WebSocket or a held socket. */
export interface OpenTask {
  /** The route that serves it. */
  readonly route?: object | undefined
  /**
   * Asks it to end as its protocol defines; the peer may take its time.
   *
   * @param reason for the peer
   */
  end?(reason: string): void
  /** Ends it at once. */
  cut?(): void
}

const STOPS = 'The server stops'

export interface TasksOptions {
  /** How many may be under way before `isFull` is true. Default: no limit. */
  readonly max?: number
  /** Called when `max` is reached; again only once half of them have ended. */
  readonly onFull?: () => void
}

/** Tracks what is under way, so that a stop can wait for it, end it and cut it. */
export class Tasks {
  readonly #open = new Set<OpenTask>()
  readonly #max: number
  readonly #onFull: () => void
  #running = 0
  #isEnding = false
  #isFullTold = false
  #idle: (() => void)[] = []

  constructor({ max = Infinity, onFull = () => {} }: TasksOptions = {}) {
    this.#max = max
    this.#onFull = onFull
  }

  /** How many promises and tasks are under way. */
  get count(): number {
    return this.#running + this.#open.size
  }

  get isFull(): boolean {
    return this.count >= this.#max
  }

  /**
   * Counts a promise, which must not reject, until it is settled.
   *
   * @param andThen called afterwards; if it returns a promise, that is counted too
   */
  add(work: PromiseLike<unknown>, andThen?: () => PromiseLike<unknown> | undefined): void {
    this.#running++
    if (this.isFull) this.#tellFull()
    void work.then(() => {
      const more = andThen?.()
      if (more !== undefined) this.add(more)
      this.#running--
      this.#ended()
    })
  }

  /**
   * Counts a task until the returned function is called, which may be called twice. After `end()`, a task is asked to end
   * as soon as it opens.
   */
  open(task: OpenTask): () => void {
    this.#open.add(task)
    if (this.isFull) this.#tellFull()
    if (this.#isEnding) task.end?.(STOPS)
    return () => {
      if (this.#open.delete(task)) this.#ended()
    }
  }

  /** Resolves as soon as nothing is under way. */
  whenIdle(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Asks all open tasks to end, and those that open from now on. */
  end(): void {
    this.#isEnding = true
    // A copy: what opens meanwhile is asked as it opens.
    for (const task of Array.from(this.#open)) task.end?.(STOPS)
  }

  /** Returns the open tasks of some routes. */
  openOf(routes: ReadonlySet<object>): OpenTask[] {
    return [...this.#open].filter(({ route }) => route !== undefined && routes.has(route))
  }

  /** Returns whether a task is still open. */
  isOpen(task: OpenTask): boolean {
    return this.#open.has(task)
  }

  /** Ends all open tasks at once and no longer counts them. */
  cut(): void {
    const open = [...this.#open]
    this.#open.clear()
    for (const task of open) task.cut?.()
    this.#ended()
  }

  #tellFull(): void {
    if (this.#isFullTold) return
    this.#isFullTold = true
    this.#onFull()
  }

  #ended(): void {
    if (this.count <= this.#max / 2) this.#isFullTold = false
    if (this.count > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

/** The states of an entry point: made, listening, not listening because of an error, and closed. */
export type EntryPointState = 'running' | 'ready' | 'failed' | 'closed'

/** What happened to an entry point, and when, in Unix seconds. */
export interface EntryPointEvent {
  readonly time: number
  readonly msg: string
}

/** What an entry point tells of itself at one moment. */
export interface EntryPointStatus {
  /** When it was made, in Unix seconds. */
  readonly createTime: number
  readonly state: EntryPointState
  /** The 20 latest, the oldest first. */
  readonly events: readonly EntryPointEvent[]
  /** The message of the error by which it failed last. */
  readonly lastError?: string
  /** Those of the options, if there are any. */
  readonly labels?: Readonly<Record<string, string>>
}

/** An event, and the state that the entry point is in by it. */
export interface StatusChange extends EntryPointEvent {
  readonly state: EntryPointState
}

export type StatusListener = (change: StatusChange) => void

const MAX_EVENTS = 20

/** Keeps the state of an entry point and its latest events, and tells listeners of each. */
export class StatusRecord {
  readonly createTime: number = unixTime()
  readonly #name: string
  readonly #listeners = new Set<StatusListener>()
  readonly #changes: StatusChange[] = []
  #state: EntryPointState = 'running'
  #lastError: string | undefined

  constructor(name: string) {
    this.#name = name
    this.#add(`is ${this.#state}`)
  }

  get state(): EntryPointState {
    return this.#state
  }

  /** Calls a function with each further event, and first with those that are kept. */
  listen(listener: StatusListener): void {
    for (const change of this.#changes) listener(change)
    this.#listeners.add(listener)
  }

  /** Changes the state; the same one again is no event. */
  change(state: EntryPointState): void {
    if (state === this.#state) return
    this.#state = state
    this.#add(`is ${state}`)
  }

  /** Changes the state to `failed`, also for a further error. */
  fail({ message }: Error): void {
    this.#state = 'failed'
    this.#lastError = message
    this.#add(`is failed: ${message}`)
  }

  /** Tells the addresses that are listened on. */
  tellAddresses(addresses: readonly string[]): void {
    for (const address of addresses) this.#add(`is listening on ${address}`)
  }

  /** Returns a copy. */
  copy(): EntryPointStatus {
    return {
      createTime: this.createTime,
      state: this.#state,
      events: this.#changes.map(({ time, msg }) => ({ time, msg })),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    }
  }

  #add(what: string): void {
    const change = Object.freeze({ time: unixTime(), msg: `service ${this.#name} ${what}`, state: this.#state })
    this.#changes.push(change)
    if (this.#changes.length > MAX_EVENTS) this.#changes.shift()
    for (const listener of this.#listeners) listener(change)
  }
}

function unixTime(): number {
  return Math.floor(Date.now() / 1000)
}

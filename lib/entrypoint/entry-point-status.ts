import type { Stats } from './statistics.ts'

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
  /** Under `enableStats`. */
  readonly stats?: Stats
  /** Those of the options, if there are any. */
  readonly labels?: Readonly<Record<string, string>>
}

/** A change of state. */
export interface StatusChange {
  readonly state: EntryPointState
  readonly msg: string
  /** Unix time in milliseconds. */
  readonly time: number
}

export type StatusListener = (change: StatusChange) => void

const MAX_EVENTS = 20

/** Keeps the state of an entry point and its latest events, and tells listeners of each change of state. */
export class StatusRecord {
  readonly createTime: number = toUnixTime(Date.now())
  readonly #name: string
  readonly #listeners = new Set<StatusListener>()
  readonly #events: EntryPointEvent[] = []
  #latest: StatusChange
  #lastError: string | undefined

  constructor(name: string) {
    this.#name = name
    this.#latest = this.#enter('running')
  }

  get state(): EntryPointState {
    return this.#latest.state
  }

  /** Calls a function with each further change of state, and first with the latest. */
  listen(listener: StatusListener): void {
    this.#listeners.add(listener)
    listener(this.#latest)
  }

  /** Changes the state; the same one again is no event. */
  change(state: EntryPointState): void {
    if (state !== this.state) this.#enter(state)
  }

  /** Changes the state to `failed`, also for a further error. */
  fail({ message }: Error): void {
    this.#lastError = message
    this.#enter('failed', `: ${message}`)
  }

  /** Tells the addresses that are listened on. */
  tellAddresses(addresses: readonly string[]): void {
    for (const address of addresses) this.#add(`is listening on ${address}`)
  }

  /** Returns a copy. */
  copy(): EntryPointStatus {
    return {
      createTime: this.createTime,
      state: this.state,
      events: this.#events.map((event) => ({ ...event })),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    }
  }

  #enter(state: EntryPointState, why = ''): StatusChange {
    const change = Object.freeze({ state, ...this.#add(`is ${state}${why}`), time: Date.now() })
    this.#latest = change
    for (const listener of this.#listeners) listener(change)
    return change
  }

  #add(what: string): EntryPointEvent {
    const event = { time: toUnixTime(Date.now()), msg: `service ${this.#name} ${what}` }
    this.#events.push(event)
    if (this.#events.length > MAX_EVENTS) this.#events.shift()
    return event
  }
}

function toUnixTime(ms: number): number {
  return Math.floor(ms / 1000)
}

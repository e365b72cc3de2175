import type { EntryPointState } from '../entry-point-status.ts'
import type { Stats } from '../statistics.ts'

/** A change of state of an entry point. */
export interface ObserverStatusEvent extends EventHead {
  readonly type: 'status'
  readonly status: { readonly state: EntryPointState; readonly msg: string }
}

/** The statistics of an entry point. With `resetTraffic`, `inputBytes` and `outputBytes` are those since the event before. */
export interface ObserverStatsEvent extends EventHead {
  readonly type: 'stats'
  readonly stats: Stats
}

/** What an observer is told of an entry point. */
export type ObserverEvent = ObserverStatusEvent | ObserverStatsEvent

/** What all events have. */
export interface EventHead {
  readonly kind: 'service'
  /** The name of the entry point. */
  readonly service: string
  /** The same whenever the event is sent again. */
  readonly id: string
  /** One higher for each event that the observer is told of this entry point, from 1. */
  readonly seq: number
  /** When it came about, in Unix milliseconds; the times of `status()` are Unix seconds. */
  readonly time: number
  /** Of several workers, the one whose entry point it is: each counts its own `seq`, and has its own figures. */
  readonly worker?: number
  /** Those of the entry point, if it has any. */
  readonly labels?: Readonly<Record<string, string>>
  /** How many events before this one were dropped; not set for none. */
  readonly dropped?: number
}

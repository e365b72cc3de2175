import type { ObserverEvent, ObserverStatsEvent, ObserverStatusEvent } from './observer-event.ts'

/** How many events may wait. */
const MAX_PENDING = 1000

type Content = Omit<ObserverStatusEvent, 'seq' | 'dropped'> | Omit<ObserverStatsEvent, 'seq' | 'dropped'>

/**
 * The events that an observer hasn't accepted, the oldest first. Numbers them.
 *
 * Of more than 1,000, the oldest status event is dropped. Statistics never are, since the sum of their bytes must be exact;
 * `hasRoomForStats` keeps them from filling the queue.
 */
export class EventQueue {
  readonly #pending: ObserverEvent[] = []
  #lastSeq: number
  #acceptedSeq: number
  /** How many were dropped before the last accepted event. */
  #droppedBefore = 0

  /** @param lastSeq the number before that of the first event */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq
    this.#acceptedSeq = lastSeq
  }

  get length(): number {
    return this.#pending.length
  }

  /** The number of the newest event. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  /** How many events were dropped in all. */
  get dropped(): number {
    return this.#droppedBefore + this.#lastSeq - this.#acceptedSeq - this.#pending.length
  }

  /** Whether statistics may be added: they fill half of the queue at most. */
  get hasRoomForStats(): boolean {
    return this.#pending.length < MAX_PENDING / 2
  }

  add(content: Content): void {
    this.#pending.push({ ...content, seq: ++this.#lastSeq })
    if (this.#pending.length <= MAX_PENDING) return
    this.#pending.splice(
      this.#pending.findIndex(({ type }) => type === 'status'),
      1,
    )
  }

  /** Returns the events as they are sent: each that follows a gap says how many were dropped there. */
  list(): readonly ObserverEvent[] {
    let before = this.#acceptedSeq
    return this.#pending.map((event) => {
      const dropped = event.seq - before - 1
      before = event.seq
      return dropped === 0 ? event : { ...event, dropped }
    })
  }

  /** Removes the events up to a number, which `list` returned and the observer accepted; some may have been dropped since. */
  accept(sent: readonly ObserverEvent[]): void {
    const seq = sent.at(-1)?.seq ?? this.#acceptedSeq
    this.#droppedBefore += seq - this.#acceptedSeq - sent.length
    this.#acceptedSeq = seq
    const next = this.#pending.findIndex((event) => event.seq > seq)
    this.#pending.splice(0, next === -1 ? Infinity : next)
  }
}

import { randomUUID } from 'node:crypto'
import { workersOfProcess } from '../../base/workers.ts'
import type { Logger } from '../../log/logger.ts'
import { printValue } from '../../options/print-value.ts'
import type { StatusChange } from '../entry-point-status.ts'
import { noStats, type Stats } from '../statistics.ts'
import { Deliveries } from './deliveries.ts'
import { EventQueue } from './event-queue.ts'
import type { EventHead } from './observer-event.ts'
import type { ReadObserver } from './observer-options.ts'

/** What is observed of an entry point. */
export interface Observed {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The totals; `undefined` while nothing is counted. */
  readonly stats: Stats | undefined
}

/** How the deliveries to an observer go, for one entry point. */
export interface ObserverStatus {
  /** The name in the option `observers`; without one, the URL without credentials and query, or the name of the function. */
  readonly name: string
  readonly entryPoint: string
  /** How many events wait until they are accepted. */
  readonly pending: number
  /** How many events were dropped in all, since more than 1,000 were pending. */
  readonly dropped: number
  /** When events were last accepted, as Unix time in milliseconds; `undefined` if they never were. */
  readonly lastAccepted: number | undefined
  /** Why the last delivery failed; `undefined` if it was accepted. */
  readonly lastError: string | undefined
}

/** One observer of one entry point: creates the events that it is told, and says how their deliveries go. */
export class Observer {
  readonly #observed: Observed
  readonly #logger: Logger
  readonly #queue: EventQueue
  readonly #deliveries: Deliveries
  #options: ReadObserver
  /** The totals as of the newest event with statistics. */
  #stats: Stats | undefined
  #isOpen = false
  #periods: NodeJS.Timeout | undefined
  #lastAccepted: number | undefined
  #lastError: string | undefined

  /** @param lastSeq the number before that of the first event */
  constructor(observed: Observed, options: ReadObserver, logger: Logger, lastSeq: number) {
    this.#observed = observed
    this.#options = options
    this.#logger = logger
    this.#queue = new EventQueue(lastSeq)
    this.#deliveries = new Deliveries(this.#queue, options, (failure) => this.#delivered(failure))
  }

  /** The number of the newest event. */
  get lastSeq(): number {
    return this.#queue.lastSeq
  }

  /** Uses other options from now on. What is pending stays. */
  use(options: ReadObserver): void {
    this.#options = options
    this.#deliveries.options = options
    if (this.#periods === undefined) return
    this.#endPeriods()
    this.#beginPeriods()
  }

  /** Creates an event for a change of state. It is sent at once, unless an earlier one failed and waits for the next period. */
  tell({ state, msg, time }: StatusChange): void {
    this.#isOpen = state !== 'closed'
    // The last figures belong before the end.
    if (!this.#isOpen) this.#addStats()
    this.#queue.add({ ...this.#createHead(time), type: 'status', status: { state, msg } })
    this.#beginPeriods()
    void this.#deliveries.send()
  }

  /** Sends what is pending a last time. Resolves after `timeout` at the latest. */
  async close(): Promise<void> {
    this.#endPeriods()
    await this.#deliveries.finish()
  }

  status(): ObserverStatus {
    return {
      name: this.#options.name,
      entryPoint: this.#observed.name,
      pending: this.#queue.length,
      dropped: this.#queue.dropped,
      lastAccepted: this.#lastAccepted,
      lastError: this.#lastError,
    }
  }

  #beginPeriods(): void {
    this.#periods ??= setInterval(() => this.#period(), this.#options.period).unref()
  }

  #endPeriods(): void {
    clearInterval(this.#periods)
    this.#periods = undefined
  }

  #period(): void {
    // Where the queue had no room for them, the last figures come after the end.
    this.#addStats()
    if (!this.#isOpen && this.#queue.length === 0) this.#endPeriods()
    void this.#deliveries.resume()
  }

  #addStats(): void {
    const { stats } = this.#observed
    const before = this.#stats ?? noStats
    if (stats === undefined || !this.#queue.hasRoomForStats || isSame(stats, before)) return
    this.#stats = { ...stats }
    const reported = this.#options.resetTraffic ? { ...stats, ...trafficSince(before, stats) } : this.#stats
    this.#queue.add({ ...this.#createHead(Date.now()), type: 'stats', stats: reported })
  }

  #createHead(time: number): Omit<EventHead, 'seq'> {
    const { name, labels } = this.#observed
    const worker = workersOfProcess()?.scope.worker
    return {
      kind: 'service',
      service: name,
      id: randomUUID(),
      time,
      ...(worker !== undefined && { worker }),
      ...(Object.keys(labels).length > 0 && { labels: { ...labels } }),
    }
  }

  #delivered(failure: unknown): void {
    const { name } = this.#options
    const place = { observer: name, entryPoint: this.#observed.name }
    if (failure === undefined) {
      if (this.#lastError !== undefined) this.#logger.info('An observer accepts events again', place)
      this.#lastAccepted = Date.now()
      this.#lastError = undefined
      return
    }
    if (this.#lastError === undefined)
      this.#logger.warn('An observer fails: its events are sent again each period', { ...place, error: failure })
    this.#lastError = messageOf(failure)
  }
}

function isSame(one: Stats, other: Stats): boolean {
  return Object.entries(one).every(([name, value]) => other[name as keyof Stats] === value)
}

function trafficSince(before: Stats, now: Stats): Pick<Stats, 'inputBytes' | 'outputBytes'> {
  const since = (name: 'inputBytes' | 'outputBytes') => {
    // Less than before is counted from 0 again.
    return now[name] < before[name] ? now[name] : now[name] - before[name]
  }
  return { inputBytes: since('inputBytes'), outputBytes: since('outputBytes') }
}

function messageOf(failure: unknown): string {
  if (!(failure instanceof Error)) return printValue(failure)
  // The errors of a host with several addresses are one error without a message.
  return failure.message || (failure as NodeJS.ErrnoException).code || failure.name
}

import { noStats, type Stats } from '../../../../lib/entrypoint/statistics.ts'
import type { EntryPointState } from '../../../../lib/entrypoint/entry-point-status.ts'
import { collectingLogger, type Entry } from '../../../feature/both-ways.ts'
import { openReceiver, type Receiver } from '../../../feature/receiver.ts'
import { Observers } from '../../../../lib/entrypoint/observers/observers.ts'
import type { ObserverEvent } from '../../../../lib/entrypoint/observers/observer-event.ts'
import type { ReadObserver } from '../../../../lib/entrypoint/observers/observer-options.ts'

/** Too short to be set as an option. */
export const PERIOD_MS = 30

export type Report = NonNullable<ReadObserver['report']>

/** Options as they are read. */
export function options(more: Partial<ReadObserver> = {}): ReadObserver {
  return { name: 'audit', period: PERIOD_MS, timeout: 1000, resetTraffic: false, ...more }
}

/** An entry point of which observers are told. */
export class Web {
  readonly name = 'web'
  labels: Record<string, string> = {}
  totals: Stats | undefined = noStats
  readonly log: Entry[] = []
  readonly observers = new Observers(this, collectingLogger(this.log))

  constructor(...observers: ReadObserver[]) {
    this.observers.use(observers)
  }

  get stats(): Stats | undefined {
    return this.totals
  }

  tell(...states: EntryPointState[]): void {
    for (const state of states) this.observers.tell({ state, msg: `service web is ${state}`, time: Date.now() })
  }

  /** Serves a request of so many bytes. */
  serve(bytes: number): void {
    const { inputBytes, outputBytes, totalRequests, ...others } = this.totals as Stats
    this.totals = {
      ...others,
      inputBytes: inputBytes + bytes,
      outputBytes: outputBytes + 2 * bytes,
      totalRequests: totalRequests + 1,
    }
  }

  /** How many events wait at all observers. */
  get pending(): number {
    return this.observers.status().reduce((sum, { pending }) => sum + pending, 0)
  }
}

/** Functions for `report` that keep what they accept. */
export function collect(verdicts: (() => unknown)[] = []) {
  const deliveries: ObserverEvent[][] = []
  const accepted: ObserverEvent[] = []
  const report: Report = async (events) => {
    deliveries.push(structuredClone(events))
    const verdict = await verdicts.shift()?.()
    if (verdict !== false) accepted.push(...events)
    return verdict
  }
  return { deliveries, accepted, report }
}

/** The `inputBytes` of events with statistics. */
export const bytesOf = (events: readonly ObserverEvent[]) =>
  events.flatMap((event) => (event.type === 'stats' ? [event.stats.inputBytes] : []))

const receivers: Receiver[] = []
const webs: Web[] = []

/** Opens a receiver until `closeAll`. */
export async function receive(...given: Parameters<typeof openReceiver>): Promise<Receiver> {
  const receiver = await openReceiver(...given)
  receivers.push(receiver)
  return receiver
}

/** Makes an entry point with observers, until `closeAll`. */
export function observe(...observers: ReadObserver[]): Web {
  const web = new Web(...observers)
  webs.push(web)
  return web
}

export async function closeAll(): Promise<void> {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
  for (const web of webs.splice(0)) web.observers.use([])
}

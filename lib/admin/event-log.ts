import { randomBytes } from 'node:crypto'
import type { ServerSentEvent } from '../index.ts'

const MAX_KEPT = 200

/** The latest events, for clients that connect again. */
export class EventLog {
  /** Of this process: ids of another one say nothing. */
  readonly #run = randomBytes(6).toString('hex')
  readonly #kept: (ServerSentEvent & { readonly number: number })[] = []
  #last = 0

  /** Adds an event, and returns it as it is sent. */
  add(event: string, data: object): ServerSentEvent {
    const number = ++this.#last
    const added = { event, data, id: `${this.#run}-${number}` }
    this.#kept.push({ ...added, number })
    if (this.#kept.length > MAX_KEPT) this.#kept.shift()
    return added
  }

  /** Returns what came after an event; nothing for an id that isn't ours. */
  since(id: string): ServerSentEvent[] {
    const [run, number] = id.split('-')
    if (run !== this.#run || !/^\d+$/.test(number ?? '')) return []
    return this.#kept.filter((event) => event.number > Number(number)).map(({ number: _, ...event }) => event)
  }
}

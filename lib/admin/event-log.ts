import { randomBytes } from 'node:crypto'
import type { ServerSentEvent } from '../index.ts'

const MAX_KEPT = 200

/** The latest events, for clients that connect again. */
export class EventLog {
  /** Of this process: ids of another one say nothing. */
  readonly #run = randomBytes(6).toString('hex')
  readonly #kept: { readonly number: number; readonly sent: ServerSentEvent }[] = []
  #last = 0

  /** Adds an event, and returns it as it is sent. */
  add(event: string, data: object): ServerSentEvent {
    const number = ++this.#last
    const sent = { event, data, id: `${this.#run}-${number}` }
    this.#kept.push({ number, sent })
    if (this.#kept.length > MAX_KEPT) this.#kept.shift()
    return sent
  }

  /** Returns what came after an event; nothing for an id that isn't ours. */
  since(id: string): ServerSentEvent[] {
    const [run, number] = id.split('-')
    if (run !== this.#run || !/^\d+$/.test(number ?? '')) return []
    return this.#kept.flatMap((event) => (event.number > Number(number) ? event.sent : []))
  }
}

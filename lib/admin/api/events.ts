import type { EventStream, Request, RouteInfo, ServerSentEvent } from '../../index.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { Changes } from '../changes.ts'
import { Problem } from '../problem.ts'
import { randomBytes } from 'node:crypto'

const MAX_STREAMS = 20
/** How often entry points and providers are looked at while a stream is open. */
const PERIOD_MS = 1000
/** How many routes an event lists; it says how many there are. */
const MAX_LISTED = 100

/** Tells all clients that have an event stream open of switches, refusals, entry points and providers. */
export class Events {
  readonly endpoints: Endpoints = { 'GET:/api/events': (request) => this.#open(request) }
  readonly #log = new EventLog()
  readonly #streams = new Set<EventStream>()
  readonly #changes: Changes
  #timer: NodeJS.Timeout | undefined

  constructor(world: AdminWorld) {
    this.#changes = new Changes(world)
    world.server.on('switched', ({ version, layer, added, removed }) =>
      this.#tell('switched', { version, layer, added: shorten(added), removed: shorten(removed) }),
    )
    world.server.on('refused', ({ layer, error }) =>
      this.#tell('refused', { layer, message: error instanceof Error ? error.message : String(error) }),
    )
    world.server.on('retired', (event) => this.#tell('retired', event))
  }

  #tell(event: string, data: object): void {
    const sent = this.#log.add(event, data)
    // One whose client reads too slowly is cut.
    for (const stream of this.#streams) void stream.send(sent)
  }

  /** @throws Problem 503 where there are too many already */
  async #open({ response }: Request): Promise<void> {
    if (this.#streams.size >= MAX_STREAMS)
      throw new Problem(503, `There are ${MAX_STREAMS} event streams already: close one`, {
        failure: 'ERR_TRIBIND_ADMIN_STREAMS',
        headers: { 'Retry-After': '5' },
      })
    const stream = response.sse()
    for (const missed of this.#log.since(stream.lastEventId)) void stream.send(missed)
    if (this.#streams.size === 0) this.#watch()
    this.#streams.add(stream)
    await stream.closed
    this.#streams.delete(stream)
    if (this.#streams.size === 0) clearInterval(this.#timer)
  }

  /** Entry points and providers tell nobody of their changes: they are looked at while somebody wants to know. */
  #watch(): void {
    this.#changes.take()
    this.#timer = setInterval(() => {
      for (const { event, data } of this.#changes.take()) this.#tell(event, data)
    }, PERIOD_MS).unref()
  }
}

function shorten(routes: readonly RouteInfo[]): object {
  return { count: routes.length, routes: routes.slice(0, MAX_LISTED) }
}

const MAX_KEPT = 200

/** The latest events, for clients that connect again. */
class EventLog {
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

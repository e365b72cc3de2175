import type { EventStream, Request, RouteInfo, ServerSentEvent } from '../../index.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { Changes, type Keyed } from '../changes.ts'
import { Problem } from '../problem.ts'
import { mergeAnswers } from '../workers/merge-answers.ts'
import type { SharedAdmin } from '../workers/shared-admin.ts'
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
  readonly #shared: SharedAdmin | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(world: AdminWorld) {
    this.#changes = new Changes(world)
    this.#shared = world.shared
    world.shared?.onTold('changes', this.#changes.read)
    world.shared?.onTold('event', (told) => {
      const { event, data } = told as { readonly event: string; readonly data: object }
      this.#tell(event, data)
    })
    world.server.on('switched', ({ version, layer, added, removed }) =>
      this.#tellAll('switched', { version, layer, added: shorten(added), removed: shorten(removed) }, true),
    )
    world.server.on('refused', ({ layer, error }) =>
      this.#tellAll('refused', { layer, message: error instanceof Error ? error.message : String(error) }),
    )
    world.server.on('retired', (event) => this.#tellAll('retired', event, true))
  }

  /** Tells the clients of all workers. @param isOfAll whether it happens in each worker: one of them tells then */
  #tellAll(event: string, data: object, isOfAll = false): void {
    const shared = this.#shared
    if (shared?.isJoined !== true) return this.#tell(event, data)
    if (isOfAll && !shared.isLeader) return
    const { worker } = shared.scope
    shared.tell('event', { event, data: isOfAll ? data : { ...data, worker } }).catch(() => this.#tell(event, data))
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
    void this.#look().then(() => {})
    this.#timer = setInterval(async () => {
      for (const { event, data } of await this.#look()) this.#tell(event, data)
    }, PERIOD_MS).unref()
  }

  /** Returns what has changed in all workers. */
  async #look(): Promise<ReturnType<Changes['take']>> {
    if (this.#shared?.isJoined !== true) return this.#changes.take()
    const all = await this.#shared.tell('changes').catch(() => [])
    return this.#changes.take(all.length === 0 ? undefined : (mergeAnswers([all[0], ...all.slice(1)]) as Keyed[]))
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

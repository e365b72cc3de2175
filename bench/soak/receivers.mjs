// What observers post their events to.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

/** What a receiver does that accepts no events, or whose acceptance is lost. */
const refusals = [
  (response) => response.writeHead(503).end(),
  (response) => response.end('{ "ok": false }'),
  (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  // Until the observer has had enough.
  () => {},
  (response) => response.socket.resetAndDestroy(),
  (response) => response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy()),
]

export class Receiver {
  #server
  /** What was accepted, by `id`: an event counts once, though the observer may not have read that it was accepted. */
  #events = new Map()
  /** Refuses every other time. */
  isFlaky

  static async open(isFlaky, random) {
    const receiver = new Receiver()
    receiver.isFlaky = isFlaky
    receiver.#server = createServer((request, response) => receiver.#take(request, response, random))
    await once(receiver.#server.listen(0, '127.0.0.1'), 'listening')
    return receiver
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`
  }

  /** Returns what doesn't hold of the events of an entry point, by what it did in all. */
  judge(name, { inputBytes, outputBytes }) {
    const events = [...this.#events.values()].filter(({ service }) => service === name)
    const sum = (figure) => events.reduce((total, { stats }) => total + (stats?.[figure] ?? 0), 0)
    const expected = JSON.stringify({ inputBytes, outputBytes })
    const told = JSON.stringify({ inputBytes: sum('inputBytes'), outputBytes: sum('outputBytes') })
    const order = events.map(({ seq }) => seq)
    const of = `${this.url}, told of ${name}`
    return [
      ...(told === expected ? [] : [`${of}: ${told} instead of ${expected}`]),
      ...(order.every((seq, i) => seq === i + 1) ? [] : [`${of}: events are lost or out of order: ${order.join()}`]),
      ...(events.at(-1)?.status?.state === 'closed' ? [] : [`${of}: its last event is not that it was closed`]),
    ]
  }

  close() {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #take(request, response, random) {
    response.setHeader('connection', 'close')
    const { events } = await json(request)
    const refuse = this.isFlaky && random() < 0.5 ? refusals[Math.floor(random() * refusals.length)] : undefined
    const isLost = refuse !== undefined && random() < 0.2
    if (refuse === undefined || isLost) for (const event of events) this.#events.set(event.id, event)
    if (refuse === undefined) response.end()
    else refuse(response)
  }
}

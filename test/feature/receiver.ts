import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ObserverEvent } from '../../lib/entrypoint/observers/observer-event.ts'

/** A request that a receiver got. */
export interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly events: readonly ObserverEvent[]
}

/** Responds to a request, or doesn't. */
export type Respond = (response: http.ServerResponse, received: Received) => unknown

export interface Receiver {
  readonly url: string
  readonly requests: Received[]
  /** Replaces how requests are responded to. */
  respond: Respond
  /** The events of all requests, each once. */
  events(): ObserverEvent[]
  close(): Promise<void>
}

/** Opens an HTTP server that takes events. */
export async function openReceiver(respond: Respond = accept): Promise<Receiver> {
  const server = http.createServer(async (request, response) => {
    const chunks = await request.toArray()
    const { method, url, headers } = request
    const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: ObserverEvent[] }
    const received = { method, url, headers, events }
    receiver.requests.push(received)
    await receiver.respond(response, received)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/observe`,
    requests: [],
    respond,
    events: () => distinct(receiver.requests.flatMap(({ events }) => events)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

/** Returns the events of each id once, as first sent. */
export function distinct(events: readonly ObserverEvent[]): ObserverEvent[] {
  return events.filter((event, i) => events.findIndex(({ id }) => id === event.id) === i)
}

/** What events say, without what differs from run to run. */
export function gist(events: readonly ObserverEvent[]): unknown[] {
  return events.map((event) => (event.type === 'status' ? event.status.state : event.stats))
}

export function accept(response: http.ServerResponse): void {
  response.end()
}

/** Responds with a status. */
export function refuse(status = 500): Respond {
  return (response) => response.writeHead(status).end()
}

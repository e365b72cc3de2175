// The load of connections that stay open, in a process of its own: each sends a message as soon as the last has come back.

import { answerParent } from '../http/answer-parent.mjs'
import { Latencies } from '../http/latencies.mjs'
import { openClient, openPlain } from './client.mjs'

const PAYLOAD = Buffer.alloc(100, 'x')

const head =
  'GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** What is sent, and how many bytes come back. The mask of the frame is 0. */
const kinds = {
  websocket: {
    open: (port) => openClient(port, head, 101),
    message: Buffer.concat([Buffer.from([0x81, 0x80 | PAYLOAD.length, 0, 0, 0, 0]), PAYLOAD]),
    echoed: 2 + PAYLOAD.length,
  },
  tcp: { open: openPlain, message: PAYLOAD, echoed: PAYLOAD.length },
}

let clients = []

answerParent({
  async open({ port, count, kind }) {
    clients = await Promise.all(Array.from({ length: count }, () => kinds[kind].open(port)))
  },

  async run({ seconds, maxRequests, kind }) {
    const { message, echoed } = kinds[kind]
    const latencies = new Latencies()
    const start = performance.now()
    const deadline = start + seconds * 1000
    let sent = 0
    const exchange = (client) =>
      new Promise((resolve, reject) => {
        let sentAt = 0
        let received = 0
        const send = (now) => {
          if (now >= deadline || sent >= maxRequests) return resolve()
          sentAt = now
          sent++
          client.write(message)
        }
        client.onData = (data) => {
          received += data.length
          if (received < echoed) return
          received -= echoed
          const now = performance.now()
          latencies.add(now - sentAt)
          send(now)
        }
        client.onError = reject
        send(performance.now())
      })
    await Promise.all(clients.map(exchange))
    return { answered: sent, elapsedMs: performance.now() - start, p99Ms: latencies.percentile(0.99) }
  },

  close() {
    for (const client of clients) client.close()
  },
})

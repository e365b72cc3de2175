// The readers of event streams, in a process of its own: how many events come, and how late.

import { setTimeout as sleep } from 'node:timers/promises'
import { answerParent } from '../http/answer-parent.mjs'
import { Latencies } from '../http/latencies.mjs'
import { openClient } from './client.mjs'

const head = 'GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n'
const LENGTH = 98

let clients = []

answerParent({
  async open({ port, count }) {
    clients = await Promise.all(Array.from({ length: count }, () => openClient(port, head, 200)))
  },

  async run({ seconds }) {
    const latencies = new Latencies()
    let answered = 0
    const failures = []
    for (const client of clients) {
      let rest = ''
      client.onError = (error) => failures.push(error)
      client.onData = (data) => {
        rest += data.latin1Slice()
        for (let at; (at = rest.indexOf('data: ')) >= 0 && rest.length >= at + LENGTH; rest = rest.slice(at + LENGTH)) {
          const sentAt = BigInt(/\d+/.exec(rest.slice(at))[0])
          latencies.add(Number(process.hrtime.bigint() - sentAt) / 1e6)
          answered++
        }
      }
    }
    const start = performance.now()
    await sleep(seconds * 1000)
    if (failures.length > 0) throw failures[0]
    return { answered, elapsedMs: performance.now() - start, p99Ms: latencies.percentile(0.99) }
  },

  close() {
    for (const client of clients) client.close()
  },
})

// The readers of what a node sends without end over TCP, in a process of its own: how many megabytes come.

import { setTimeout as sleep } from 'node:timers/promises'
import { answerParent } from '../http/answer-parent.mjs'
import { openPlain } from './client.mjs'

/** At this first byte, the node begins to send. */
const BEGIN = Buffer.from([0])

let clients = []

answerParent({
  async open({ port, count }) {
    clients = await Promise.all(Array.from({ length: count }, () => openPlain(port)))
    for (const client of clients) client.write(BEGIN)
  },

  async run({ seconds }) {
    const start = performance.now()
    let bytes = 0
    for (const client of clients) client.onData = (data) => (bytes += data.length)
    await sleep(seconds * 1000)
    return { answered: bytes / 1e6, elapsedMs: performance.now() - start, p99Ms: 0 }
  },

  close() {
    for (const client of clients) client.close()
  },
})

// The clients of many downloads at once, in a process of their own.

import { answerParent } from '../http/answer-parent.mjs'
import { openClient } from './client.mjs'

const LENGTH = 10 * 2 ** 20
const head = 'GET /download HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

let clients = []

answerParent({
  /** Resolves when the heads of all have come. */
  async open({ port, count }) {
    clients = await Promise.all(Array.from({ length: count }, () => openDownload(port)))
  },

  /** Resolves when all have ended, to how many came whole. */
  async run() {
    const start = performance.now()
    const outcomes = await Promise.all(clients.map(({ isWhole }) => isWhole))
    return { elapsedMs: performance.now() - start, whole: outcomes.filter(Boolean).length }
  },
})

async function openDownload(port) {
  let received = 0
  let finish
  const isWhole = new Promise((resolve) => (finish = resolve))
  const client = await openClient(port, head, 200, (data) => {
    received += data.length
    if (received < LENGTH) return
    client.close()
    finish(true)
  })
  client.onError = () => finish(false)
  return { isWhole }
}

// The load, in a process of its own: connections that ask again as soon as they are answered, for a while.

import { answerParent } from './answer-parent.mjs'
import { openConnection } from './connection.mjs'
import { Latencies } from './latencies.mjs'
import { formatRequest } from './request.mjs'

let connections = []

answerParent({
  async open({ port, count }) {
    connections = await Promise.all(Array.from({ length: count }, () => openConnection(port)))
  },

  run: runSlice,

  close() {
    for (const connection of connections) connection.close()
  },
})

/** Sends `requests` in turn on every connection; ends after `seconds` or `maxRequests`, with every answer in. */
async function runSlice({ requests, status, seconds, maxRequests }) {
  const texts = requests.map(formatRequest)
  const latencies = new Latencies()
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const deadline = start + seconds * 1000
  let sent = 0
  let answered = 0

  function keepAsking(connection) {
    return new Promise((resolve, reject) => {
      let askedAt = 0
      const ask = (now) => {
        if (now >= deadline || sent >= maxRequests) return resolve()
        askedAt = now
        connection.send(texts[sent % texts.length])
        sent += 1
      }
      connection.onAnswer = (got) => {
        if (got !== status) return reject(new Error(`answered ${got} instead of ${status}`))
        const now = performance.now()
        latencies.add(now - askedAt)
        answered += 1
        ask(now)
      }
      connection.onError = reject
      ask(performance.now())
    })
  }

  await Promise.all(connections.map(keepAsking))
  const elapsedMs = performance.now() - start
  const cpu = process.cpuUsage(cpuBefore)
  return {
    answered,
    elapsedMs,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    loadCpuMicros: cpu.user + cpu.system,
  }
}

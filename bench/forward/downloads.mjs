// The clients of many downloads at once, in a process of their own.

import { answerParent } from '../http/answer-parent.mjs'
import { openClient } from './client.mjs'

const LENGTH = 10 * 2 ** 20
const head = 'GET /download HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

answerParent({
  /** Opens all, and lets none go on before the heads of all have come. Resolves when all have everything. */
  async run({ port, count }) {
    const clients = await Promise.all(Array.from({ length: count }, () => openDownload(port)))
    const start = performance.now()
    const broken = new Promise((_, reject) => {
      for (const { client } of clients) client.onError = reject
    })
    for (const { client } of clients) client.resume()
    await Promise.race([Promise.all(clients.map(({ whole }) => whole)), broken])
    return performance.now() - start
  },
})

async function openDownload(port) {
  let received = 0
  let finish
  const whole = new Promise((resolve) => (finish = resolve))
  const client = await openClient(port, head, 200, (data) => {
    received += data.length
    if (received < LENGTH) return
    client.close()
    finish()
  })
  client.pause()
  return { client, whole }
}

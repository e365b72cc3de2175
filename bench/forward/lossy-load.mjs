// The load of nodes that fail, in a process of its own: it counts what comes back, whatever that is.

import { answerParent } from '../http/answer-parent.mjs'
import { openConnection } from '../http/connection.mjs'
import { formatRequest } from '../http/request.mjs'

answerParent({
  /** Sends one request after the other on each connection. Resolves to how often each status came, and how often none did. */
  async run({ port, count, request, seconds }) {
    const text = formatRequest(request)
    const counts = {}
    const note = (what) => (counts[what] = (counts[what] ?? 0) + 1)
    const deadline = performance.now() + seconds * 1000
    const keepAsking = async () => {
      const connection = await openConnection(port)
      await new Promise((resolve) => {
        const ask = () => (performance.now() < deadline ? connection.send(text) : resolve())
        connection.onAnswer = (status) => {
          note(status)
          ask()
        }
        connection.onError = () => {
          note('broken')
          resolve()
        }
        ask()
      })
      connection.close()
    }
    await Promise.all(Array.from({ length: count }, keepAsking))
    return counts
  },
})

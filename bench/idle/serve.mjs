// One server in a process of its own: `node --expose-gc serve.mjs SERVER PROTOCOL`.

import { setTimeout as sleep } from 'node:timers/promises'
import { answerParent } from '../http/answer-parent.mjs'
import { checkedEveryMs, servers } from './servers.mjs'

const [name, protocol] = process.argv.slice(2)

answerParent({
  listen: () => servers[name](protocol),

  /** The memory when `connections` are open, after two collections: what finalizers hold goes with the second. */
  async measure({ connections }) {
    while (countConnections() !== connections) await sleep(20)
    await sleep(2 * checkedEveryMs)
    globalThis.gc()
    await sleep(100)
    globalThis.gc()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss, heap: heapUsed + external }
  },
})

function countConnections() {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

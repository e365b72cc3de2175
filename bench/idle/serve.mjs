// One server in a process of its own: `node --expose-gc serve.mjs SERVER PROTOCOL`.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { answerParent } from '../http/answer-parent.mjs'
import { broadcasts, checkedEveryMs, countReceivers, servers } from './servers.mjs'

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

  /** Tells all who listen, and returns the processor time that it took in ms, and for how long the event loop stood. */
  async broadcast({ connections, forMs }) {
    while (countReceivers() !== connections) await sleep(20)
    globalThis.gc()
    await sleep(100)
    await nextTurn()
    const before = process.cpuUsage()
    const from = performance.now()
    broadcasts[name][protocol]()
    await nextTurn()
    const stall = performance.now() - from
    await sleep(forMs)
    const { user, system } = process.cpuUsage(before)
    return { cpu: (user + system) / 1000, stall }
  },
})

function countConnections() {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

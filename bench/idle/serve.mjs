// One server in a process of its own: `node --expose-gc serve.mjs SERVER PROTOCOL`.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
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

  /** Tells all who listen, and returns the processor time that it took in ms, and the longest that the event loop stood. */
  async broadcast({ connections, forMs }) {
    while (countReceivers() !== connections) await sleep(20)
    globalThis.gc()
    await sleep(100)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await sleep(20)
    delay.reset()
    const before = process.cpuUsage()
    broadcasts[name][protocol]()
    await sleep(forMs)
    const { user, system } = process.cpuUsage(before)
    delay.disable()
    return { cpu: (user + system) / 1000, stall: delay.max / 1e6 }
  },
})

function countConnections() {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

// The process of the servers; tells its parent their ports, then answers each of its messages.

import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, rmSync } from 'node:fs'
import { createApp, portOf } from './app.mjs'

const [steady, flaky] = process.argv.slice(2)
const { servers, changes, folder, uploads, counts } = createApp({ steady, flaky })
process.on('unhandledRejection', (error) => counts.failures.push(`unhandled rejection: ${error?.stack}`))
const open = new Set()
subscribe('net.server.socket', ({ socket }) => {
  open.add(socket)
  socket.once('close', () => open.delete(socket))
})
// Its parent has gone.
process.on('disconnect', () => process.exit())
const answers = {
  state: readState,
  change: () => changes.start(),
  rest: () => changes.rest(),

  async stop() {
    for (const server of Object.values(servers)) await server.stop()
    rmSync(folder, { recursive: true })
    const { failures, retirements, pools } = counts
    const statistics = servers.live.entryPoints().map((entryPoint) => [entryPoint.name, entryPoint.status().stats])
    return { failures, retirements, pools, statistics: Object.fromEntries(statistics) }
  },
}
process.on('message', async (question) => {
  process.send((await answers[question]()) ?? {})
  if (question === 'stop') process.disconnect()
})
for (const server of Object.values(servers)) await server.start()
process.send({
  plain: servers.plain.port,
  secure: servers.secure.port,
  live: portOf(servers.live, 'web'),
  liveSecure: portOf(servers.live, 'tls'),
})

async function readState() {
  // What only finalizers hold goes with the next.
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { rss, heapUsed } = process.memoryUsage()
  const { failures, open: requests, ...counted } = counts
  return {
    ...counted,
    failures: failures.splice(0),
    rss,
    heapUsed,
    unclosed: [...requests].slice(0, 5).map(({ method, path, entryPoint }) => `${method} ${path} at ${entryPoint}`),
    left: [...open].slice(0, 5).map(describe),
    connections: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    uploads: readdirSync(uploads).length,
  }
}

/** What tells of which client a connection was left. */
function describe(socket) {
  const { bytesRead, bytesWritten, readableEnded, writableEnded, destroyed, localPort } = socket
  return {
    localPort,
    bytesRead,
    bytesWritten,
    readableEnded,
    writableEnded,
    destroyed,
    events: socket.eventNames().map(String),
  }
}

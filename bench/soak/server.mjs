// The process of the servers; tells its parent their ports, then its state whenever asked.

import { readdirSync, rmSync } from 'node:fs'
import { createApp } from './app.mjs'

const { servers, folder, uploads, counts } = createApp()
process.on('unhandledRejection', (error) => counts.failures.push(`unhandled rejection: ${error?.stack}`))
// Its parent has gone.
process.on('disconnect', () => process.exit())
process.on('message', async (question) => {
  if (question === 'state') return process.send(await readState())
  for (const server of Object.values(servers)) await server.stop()
  rmSync(folder, { recursive: true })
  process.disconnect()
})
for (const server of Object.values(servers)) await server.start()
process.send({ plain: servers.plain.port, secure: servers.secure.port })

async function readState() {
  // What only finalizers hold goes with the next.
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { rss, heapUsed } = process.memoryUsage()
  const { failures, ...counted } = counts
  return {
    ...counted,
    failures: failures.splice(0),
    rss,
    heapUsed,
    connections: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    uploads: readdirSync(uploads).length,
  }
}

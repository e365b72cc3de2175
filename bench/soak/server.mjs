// The process of the server; tells its parent its port, then its state whenever asked.

import { readdirSync, rmSync } from 'node:fs'
import { createApp } from './app.mjs'

const { server, folder, uploads, counts } = createApp()
process.on('unhandledRejection', (error) => counts.failures.push(`unhandled rejection: ${error?.stack}`))
// Its parent has gone.
process.on('disconnect', () => process.exit())
process.on('message', async (question) => {
  if (question === 'state') return process.send(await readState())
  await server.stop()
  rmSync(folder, { recursive: true })
  process.disconnect()
})
await server.start()
process.send({ port: server.port })

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

// The process of the servers; tells its parent their ports, then its state whenever asked.

import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, rmSync } from 'node:fs'
import { createApp } from './app.mjs'

const { servers, folder, uploads, counts } = createApp()
process.on('unhandledRejection', (error) => counts.failures.push(`unhandled rejection: ${error?.stack}`))
const open = new Set()
subscribe('net.server.socket', ({ socket }) => {
  open.add(socket)
  socket.once('close', () => open.delete(socket))
})
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
    left: [...open].slice(0, 5).map(describe),
    connections: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    uploads: readdirSync(uploads).length,
  }
}

/** What tells of which client a connection was left. */
function describe(socket) {
  const { bytesRead, bytesWritten, readableEnded, writableEnded, destroyed, localPort } = socket
  const isSecure = localPort === servers.secure.port
  return {
    isSecure,
    bytesRead,
    bytesWritten,
    readableEnded,
    writableEnded,
    destroyed,
    events: socket.eventNames().map(String),
  }
}

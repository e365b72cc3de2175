import type { Server } from 'node:http'
import type { DropArgument } from 'node:net'
import type { Logger } from '../log/logger.ts'

/** A flood of connections is not to become a flood of records. */
const EVERY_MS = 10_000

/** Logs that connections were closed because of `maxConnections`, with how many since the last time. */
export function warnOfDrops(server: Server, logger: Logger): void {
  let count = 0
  let lastAt = -Infinity
  server.on('drop', (data?: DropArgument) => {
    count++
    const now = performance.now()
    if (now - lastAt < EVERY_MS) return
    logger.warn('Connections were closed: there are maxConnections already', {
      count,
      maxConnections: server.maxConnections,
      remoteAddress: data?.remoteAddress,
    })
    lastAt = now
    count = 0
  })
}

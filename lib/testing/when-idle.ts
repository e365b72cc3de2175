import type { Server } from '../server/server.ts'

/**
 * Resolves when all requests that have reached a server have ended, their `BeforeClose` and `AfterClose` events included.
 *
 * These run after the client has received its response, so a test that checks their effects waits for this first. It
 * doesn't resolve while a stream, a WebSocket or a handler runs; so never await it in a handler.
 */
export function whenIdle(server: Server): Promise<void> {
  return server.whenIdle()
}

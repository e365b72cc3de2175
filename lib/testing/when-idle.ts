import type { Server } from '../server/server.ts'

/**
 * Resolves when nothing runs any more for the requests that have reached a server: `BeforeClose` and `AfterClose` have
 * run for each, and what it held is released.
 *
 * They run after the client has its answer, so a test that looks at what they did waits for this first. It doesn't
 * resolve while a stream, a WebSocket or a handler goes on, nor in a handler itself.
 */
export function whenIdle(server: Server): Promise<void> {
  return server.whenIdle()
}

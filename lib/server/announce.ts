import type { Application } from '../http/application.ts'
import type { Listener } from '../entrypoint/listener.ts'
import { formatRoutes } from './format-routes.ts'

/** Logs where a server listens and, with `dumpRoutes` and a terminal, shows what it serves. */
export function announce(server: Application, listeners: readonly Listener[], dumpRoutes: boolean): void {
  for (const { url, address } of listeners) {
    server.logger.info(`Listening on ${url}`, { name: server.name, address })
  }
  // The table is for people, so it doesn't go through the logger.
  if (dumpRoutes && process.stderr.isTTY) console.error(formatRoutes(server.routes()))
}

import type { Application } from '../http/application.ts'
import type { Entrypoint } from '../entrypoint/entrypoint.ts'
import { formatRoutes } from './format-routes.ts'

/** Tells where a server listens and, where that is asked for and somebody sits at a terminal, what it serves. */
export function announce(server: Application, entrypoints: readonly Entrypoint[], dumpRoutes: boolean): void {
  for (const { url, address } of entrypoints) {
    server.logger.info(`Listening on ${url}`, { name: server.name, address })
  }
  // It is for eyes, so it doesn't go through the logger.
  if (dumpRoutes && process.stderr.isTTY) console.error(formatRoutes(server.routes()))
}

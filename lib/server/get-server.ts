import type { ServerOptions } from './options.ts'
import { Server } from './server.ts'

const servers = new Map<string, Server>()

/**
 * Returns the server of that name in this process, creating it at the first call.
 *
 * @param options used by the first call and ignored by later ones
 */
export function getServer(name = 'default', options: ServerOptions = {}): Server {
  const server = servers.get(name) ?? new Server({ ...options, name })
  servers.set(name, server)
  return server
}

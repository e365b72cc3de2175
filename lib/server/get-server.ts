import type { ServerOptions } from './options.ts'
import { Server } from './server.ts'

const servers = new Map<string, Server>()

/**
 * The one server of that name in this process; made at the first call.
 *
 * @param options for the first call; later ones leave the server as it is
 */
export function getServer(name = 'default', options: ServerOptions = {}): Server {
  const server = servers.get(name) ?? new Server({ ...options, name })
  servers.set(name, server)
  return server
}

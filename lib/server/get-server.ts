import type { ServerOptions } from './options.ts'
import { Server } from './server.ts'

const servers = new Map<string, Server>()

/**
 * Returns the server of that name in this process, creating it at the first call.
 *
 * @param options used by the first call and ignored by later ones
 */
export function getServer(name = 'default', options: ServerOptions = {}): Server {
  const known = servers.get(name)
  if (known === undefined) {
    const server = new Server({ ...options, name })
    servers.set(name, server)
    return server
  }
  const ignored = Object.keys(options)
  if (ignored.length > 0)
    known.logger.warn(`getServer: server "${name}" was created before: options are ignored`, { ignored })
  return known
}

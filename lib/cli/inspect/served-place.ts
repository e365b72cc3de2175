import type { EntryPoint, Server } from '../../index.ts'
import { ConnectionService, insideOf, suggestName } from '../../kit.ts'
import { UsageError } from '../command.ts'

/** An entry point as the commands tell of it. */
export interface ShownEntryPoint {
  readonly name: string
  /** As it is configured. */
  readonly address: string
  readonly scheme: 'http' | 'https'
  /** Whether what is bound on the server serves there too. */
  readonly inherits: boolean
  /** What serves there in place of routes. */
  readonly instead?: 'connections' | 'handler'
}

/** Tells of an entry point. */
export function showEntryPoint(server: Server, { name, options }: EntryPoint): ShownEntryPoint {
  const inside = insideOf(server)?.entryPoints.insideOf(name)
  const handler = inside?.handler
  const instead = handler instanceof ConnectionService ? 'connections' : 'handler'
  return {
    name,
    address: options.address ?? '',
    scheme: options.https ? 'https' : 'http',
    inherits: options.inherits ?? true,
    ...(handler !== undefined && { instead }),
  }
}

/** Returns the servers of a name; all without one. @throws UsageError if there is none */
export function chooseServers(servers: readonly Server[], name: string | undefined): readonly Server[] {
  return choose(servers, name, '--server', 'server')
}

/** Returns the entry points of that name of some servers; all without one. @throws UsageError if there is none */
export function chooseEntryPoints(servers: readonly Server[], name: string | undefined): readonly EntryPoint[] {
  const all = servers.flatMap((server) => server.entryPoints())
  return choose(all, name, '--entry-point', 'entry point')
}

function choose<T extends { readonly name: string }>(
  all: readonly T[],
  name: string | undefined,
  flag: string,
  what: string,
): readonly T[] {
  if (name === undefined) return all
  const chosen = all.filter((one) => one.name === name)
  if (chosen.length > 0) return chosen
  const names = [...new Set(all.map((one) => one.name))]
  throw new UsageError(
    `${flag}: there is no ${what} "${name}"; there are: ${names.join(', ')}${suggestName(name, names)}`,
  )
}

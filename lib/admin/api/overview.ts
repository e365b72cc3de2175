import { readFileSync } from 'node:fs'
import type { ConfigurationStatus, PartStatus } from '../../index.ts'
import { ownFolder } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { countBy } from '../count-by.ts'
import { listFor } from '../list.ts'
import type { SharedAdmin } from '../workers/shared-admin.ts'

/** What there is, in numbers. */
export function overviewEndpoints(world: AdminWorld): Endpoints {
  const { server } = world
  return {
    'GET:/api/version': () => ({
      version: server.version,
      server: server.name,
      tribind: packageVersion(),
      node: process.version,
      startedAt: world.startedAt,
    }),
    'GET:/api/overview': () => ({
      name: server.name,
      ...(world.shared !== undefined && { workers: [describeWorker(world, world.shared)] }),
      state: server.state,
      version: server.version,
      startedAt: world.startedAt,
      entryPoints: countBy(server.entryPoints(), (one) => one.status().state),
      bindings: countBy(server.routes(), ({ type }) => type),
      layers: server.layers().map(({ name, version }) => ({ name, version })),
      observers: countBy(server.observers(), ({ lastError }) => (lastError === undefined ? 'ok' : 'failed')),
      configuration: summarize(world.parts.configuration.port?.face.status()),
    }),
    'GET:/api/layers': (request) =>
      listFor(request, server.layers(), { texts: ({ name }) => [name] }).map((layer) => ({
        name: layer.name,
        version: layer.version,
        bindings: countBy(layer.routes(), ({ type }) => type),
      })),
  }
}

function describeWorker({ server, startedAt }: AdminWorld, { scope, isLeader }: SharedAdmin): object {
  const { state, version } = server
  return { worker: scope.worker, pid: process.pid, state, version, startedAt, isLeader }
}

function summarize(status: ConfigurationStatus | undefined): object | undefined {
  if (status === undefined) return undefined
  const { version, appliedAt, pinned, providers, routes, services, middlewares } = status
  const count = (parts: readonly PartStatus[]) => countBy(parts, (part) => part.status)
  return {
    version,
    appliedAt,
    pinned,
    providers: countBy(providers, ({ state }) => state),
    routes: count(routes),
    services: count(services),
    middlewares: count(middlewares),
  }
}

/** `undefined` where tribind is bundled into the program. */
function packageVersion(): string | undefined {
  try {
    const text = readFileSync(new URL('../package.json', `file://${ownFolder ?? ''}`), 'utf8')
    return (JSON.parse(text) as { version?: string }).version
  } catch {
    return undefined
  }
}

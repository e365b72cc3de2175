import type { HistoryEntry } from '../../index.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { isDryRun } from '../is-dry-run.ts'
import { listFor } from '../list.ts'
import { conflict, invalid, unknown } from '../problem.ts'
import { readObject } from '../read-object.ts'

/** The versions that were served, the way back to one of them, and reading again. */
export function historyEndpoints(world: AdminWorld): Endpoints {
  return {
    'GET:/api/history': (request) => {
      const entries = world.parts.configuration.port?.face.history() ?? []
      const texts = ({ version, changed }: HistoryEntry) => [version, ...changed]
      return listFor(request, entries, { texts }).map((entry) => describe(world, entry))
    },
    'POST:/api/rollback': async (request) => {
      const { version } = await readObject(request)
      if (!Number.isSafeInteger(version))
        throw invalid([{ path: 'version', message: 'must be the number of a version of /api/history' }])
      const { face } = world.configuration
      if (!face.history().some((entry) => entry.version === version)) throw unknown(`version ${String(version)}`)
      if (isDryRun(request)) return { version: world.server.version, dryRun: true }
      return { version: (await face.rollback(version as number)).version }
    },
    'POST:/api/resume': async (request) => {
      if (isDryRun(request)) return { version: world.server.version, dryRun: true }
      await world.configuration.face.resume()
      return { version: world.server.version }
    },
    'POST:/api/reload': async (request) => {
      const { provider } = await readObject(request)
      if (provider !== undefined && typeof provider !== 'string')
        throw invalid([{ path: 'provider', message: 'must be the name of a provider, or be left out for all' }])
      const { face } = world.configuration
      if (provider !== undefined && !face.status().providers.some(({ name }) => name === provider))
        throw unknown(`provider "${provider}"`)
      if (!world.server.isReady()) throw conflict('The server is not ready')
      if (isDryRun(request)) return { version: world.server.version, dryRun: true }
      await face.reload(provider)
      const { providers } = face.status()
      const reloaded = providers.filter(({ name }) => provider === undefined || name === provider)
      return { version: world.server.version, providers: reloaded }
    },
  }
}

function describe(world: AdminWorld, { configurations, ...entry }: HistoryEntry): object {
  const port = world.configuration
  const redacted = Object.entries(configurations).map(([name, configuration]) => [name, port.redact(configuration)])
  return { ...entry, configurations: Object.fromEntries(redacted) }
}

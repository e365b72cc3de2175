import type { InstanceStatus, ProviderStatus } from '../../index.ts'
import { within } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { listFor } from '../list.ts'
import { unknown } from '../problem.ts'

/** How long a store may take to say which processes share it. */
const INSTANCES_MS = 2000

/** The providers, and the processes that share their sources where they know. */
export function providerEndpoints(world: AdminWorld): Endpoints {
  const all = () => world.parts.configuration.port?.face.status().providers ?? []
  return {
    'GET:/api/providers': (request) =>
      Promise.all(
        listFor(request, all(), { texts: ({ name }) => [name], status: ({ state }) => state }).map((status) =>
          describe(world, status),
        ),
      ),
    'GET:/api/providers/:name': ({ params: { name = '' } }) => {
      const status = all().find((provider) => provider.name === name)
      if (status === undefined) throw unknown(`provider "${name}"`)
      return describe(world, status)
    },
  }
}

async function describe({ parts }: AdminWorld, status: ProviderStatus): Promise<object> {
  const provider = parts.configuration.providers.find(({ name }) => name === status.name)
  if (provider?.instances === undefined) return status
  let instances: readonly InstanceStatus[] | undefined
  const read = async () => {
    instances = await provider.instances?.()
  }
  // A store that is away is told of by the state.
  await within(
    INSTANCES_MS,
    read().catch(() => {}),
  )
  return { ...status, ...(instances !== undefined && { instances }) }
}

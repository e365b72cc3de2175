import type { EntryPoint } from '../../index.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { listFor } from '../list.ts'
import { unknown } from '../problem.ts'

/** The entry points, each with its status, and how deliveries to their observers go. */
export function entryPointEndpoints({ server }: AdminWorld): Endpoints {
  return {
    'GET:/api/entrypoints': (request) =>
      listFor(request, server.entryPoints(), {
        texts: ({ name, addresses, labels }) => [name, ...addresses, ...Object.values(labels)],
        status: (one) => one.status().state,
      }).map(describe),
    'GET:/api/entrypoints/:name': ({ params: { name = '' } }) => describe(entryPointOf(server.entryPoints(), name)),
    'GET:/api/observers': (request) =>
      listFor(request, server.observers(), {
        texts: ({ name, entryPoint }) => [name, entryPoint],
        status: ({ lastError }) => (lastError === undefined ? 'ok' : 'failed'),
      }),
  }
}

/** @throws Problem 404 */
export function entryPointOf(entryPoints: readonly EntryPoint[], name: string): EntryPoint {
  const found = entryPoints.find((one) => one.name === name)
  if (found === undefined) throw unknown(`entry point "${name}"`)
  return found
}

function describe(entryPoint: EntryPoint): object {
  const { name, addresses, labels, options } = entryPoint
  return { name, addresses, labels, options: toData(options), status: entryPoint.status() }
}

/** Without functions and the like, such as commands in code. */
export function toData(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

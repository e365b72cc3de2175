import type { HistoryEntry, PartStatus } from '../../index.ts'
import type { ConfigurationPort, ServiceNode } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { listFor } from '../list.ts'
import { withoutCredentials } from '../nodes-of.ts'
import { conflict, unknown } from '../problem.ts'

/** The kinds of parts that have an endpoint of their own, and how one is called. */
const kinds = { services: 'service', middlewares: 'middleware' } as const

/** The services and middlewares of the configurations, each with its definition, and services with their nodes. */
export function partEndpoints(world: AdminWorld): Endpoints {
  return Object.fromEntries(
    (['services', 'middlewares'] as const).flatMap((kind) => [
      [
        `GET:/api/${kind}`,
        (request) =>
          listFor(request, statusOf(world, kind), {
            texts: ({ name, provider }) => [`${name}@${provider}`],
            status: ({ status }) => status,
          }).map((part) => describe(world, kind, part)),
      ],
      [`GET:/api/${kind}/:name`, ({ params: { name = '' } }) => describe(world, kind, find(world, kind, name))],
    ]),
  ) as Endpoints
}

type Kind = keyof typeof kinds

function statusOf({ parts }: AdminWorld, kind: Kind): readonly PartStatus[] {
  return parts.configuration.port?.face.status()[kind] ?? []
}

/** @param name qualified, or that of one alone. @throws Problem 404; 409 for a name that several have */
function find(world: AdminWorld, kind: Kind, name: string): PartStatus {
  const all = statusOf(world, kind)
  const found = all.filter((part) => `${part.name}@${part.provider}` === name || part.name === name)
  const [first] = found
  if (first === undefined) throw unknown(`${kinds[kind]} "${name}"`)
  if (found.length > 1)
    throw conflict(
      `Several providers have a ${kinds[kind]} "${name}": ask for "${name}@${first.provider}", for example`,
    )
  return first
}

function describe({ parts }: AdminWorld, kind: Kind, part: PartStatus): object {
  const { port } = parts.configuration
  const [served] = port?.face.history() ?? []
  const definition = served && port ? definitionOf(served, port, kind, part) : undefined
  const nodes = kind === 'services' ? nodesIn(port, `services.${part.name}@${part.provider}`) : undefined
  return { ...part, ...(definition !== undefined && { definition }), ...(nodes !== undefined && { nodes }) }
}

function nodesIn(port: ConfigurationPort | undefined, id: string): readonly ServiceNode[] | undefined {
  return port?.nodes().get(id)?.map(withoutCredentials)
}

/** What the configuration that is served says of it, without secrets. */
function definitionOf(
  { configurations }: HistoryEntry,
  port: ConfigurationPort,
  kind: Kind,
  { name, provider }: PartStatus,
): unknown {
  if (!Object.hasOwn(configurations, provider)) return undefined
  const all =
    (port.redact(configurations[provider] as object) as Partial<Record<Kind, Record<string, unknown>>>)[kind] ?? {}
  return Object.hasOwn(all, name) ? all[name] : undefined
}

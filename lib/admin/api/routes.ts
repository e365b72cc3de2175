import type { PartStatus, Request, RouteInfo } from '../../index.ts'
import type { Listed } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { listFor } from '../list.ts'
import { nodesOf } from '../nodes-of.ts'
import { Problem } from '../problem.ts'

const endpointTypes: readonly string[] = ['handler', 'object', 'controller', 'websocket', 'static']
const interceptorTypes: readonly string[] = ['hook', 'middleware', 'status']

/** What is bound, in matching order. */
export function routeEndpoints({ parts }: AdminWorld): Endpoints {
  return {
    'GET:/api/routes': (request) => {
      const types = typesFor(request)
      const known = new Map(
        (parts.configuration.port?.face.status().routes ?? []).map((part) => [`${part.name}@${part.provider}`, part]),
      )
      const rows = parts
        .layers()
        .listing.listed()
        .filter(({ info }) => types.includes(info.type))
        .map((listed) => describe(listed, known))
      return listFor(request, rows, {
        texts: ({ pattern, name, layer, configured }) => [pattern, name, layer ?? 'code', configured ?? ''],
        status: ({ status }) => status,
      })
    },
  }
}

interface Row extends RouteInfo {
  /** As it is written to bind it. */
  readonly pattern: string
  /** Where it was bound. */
  readonly origin: string
  readonly status: PartStatus['status']
  /** Of a route of a configuration, its name there, such as `cart@file`. */
  readonly configured?: string
  readonly nodes?: readonly object[]
}

function typesFor(request: Request): readonly string[] {
  const type = request.getQuery('type')
  if (type === undefined) return endpointTypes
  if (endpointTypes.includes(type) || interceptorTypes.includes(type)) return [type]
  throw new Problem(400, `The parameter "type" must be one of ${[...endpointTypes, ...interceptorTypes].join(', ')}`, {
    failure: 'ERR_TRIBIND_ADMIN_QUERY',
  })
}

function describe({ info, value }: Listed, known: ReadonlyMap<string, PartStatus>): Row {
  const origin = value.origin.toString()
  // As what is bound from a configuration names where it comes from.
  const [, provider, name] = /^provider "(.+)", routes\.(.+)$/.exec(origin) ?? []
  const configured = name === undefined ? undefined : `${name}@${provider}`
  const part = configured === undefined ? undefined : known.get(configured)
  const nodes = 'subject' in value ? nodesOf(value.subject) : undefined
  return {
    ...info,
    pattern: formatPattern(info),
    origin,
    status: part?.status ?? 'enabled',
    ...(configured !== undefined && { configured, issues: part?.issues ?? [] }),
    ...(nodes !== undefined && { nodes }),
  }
}

function formatPattern({ method, route, domain }: RouteInfo): string {
  return `${method === 'ALL' ? '' : `${method}:`}${route}${domain === '' ? '' : `@${domain}`}`
}

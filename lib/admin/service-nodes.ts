import type { ServiceNode } from '../kit.ts'
import type { AdminWorld } from './admin-world.ts'
import { nodesOf, withoutCredentials } from './nodes-of.ts'

/** Nodes, and what requests are forwarded to them by. */
export interface ServiceNodes {
  /**
   * A service of a configuration, such as `carts@file`, or `routes.cart.service@file` for one that is written in a route; the first route
   * of a handler that code bound; or an entry point.
   */
  readonly service: string
  readonly nodes: readonly ServiceNode[]
}

/** Lists all nodes that requests are forwarded to: of configurations, of handlers that code bound, and of entry points. */
export function listNodes({ server, parts }: AdminWorld): ServiceNodes[] {
  const { port } = parts.configuration
  const configured = Array.from(port?.nodes() ?? [], ([id, nodes]) => ({
    service: id.replace(/^services\./, ''),
    nodes: nodes.map(withoutCredentials),
  }))
  const bound = new Map<unknown, string>()
  for (const { info, value } of parts.layers().listed())
    if ('subject' in value && !(info.layer ?? '').startsWith('@') && !bound.has(value.subject))
      bound.set(value.subject, `${info.route}${info.domain === '' ? '' : `@${info.domain}`}`)
  const inCode = Array.from(bound, ([subject, service]) => ({ service, nodes: nodesOf(subject) }))
  const handlers = server.entryPoints().map(({ name }) => ({
    service: `entrypoint ${name}`,
    nodes: nodesOf(parts.entryPoints().insideOf(name)?.handler),
  }))
  return [...configured, ...inCode, ...handlers].flatMap(({ service, nodes }) =>
    nodes === undefined ? [] : { service, nodes },
  )
}

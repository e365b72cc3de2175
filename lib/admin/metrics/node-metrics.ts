import type { ServiceNode } from '../../kit.ts'
import { type ReadMetric, states } from './sample.ts'
import type { AdminWorld } from '../admin-world.ts'
import { nodesOf, withoutCredentials } from '../nodes-of.ts'

const nodeStates = ['up', 'failed', 'down']

/** Of the nodes that requests are forwarded to. */
export const nodeMetrics: readonly ReadMetric[] = [
  {
    name: 'tribind_node_state',
    help: '1 for the state that a node has, 0 for the others.',
    type: 'gauge',
    labels: ['service', 'node', 'state'],
    read: (world) =>
      listNodes(world).flatMap(({ service, nodes }) =>
        nodes.flatMap(({ name, state }) => states({ service, node: name }, 'state', nodeStates, state)),
      ),
  },
  ofNode('tribind_node_requests_total', 'Requests to a node.', 'counter', ({ totalRequests }) => totalRequests),
  ofNode(
    'tribind_node_requests_in_progress',
    'Requests to a node that are under way.',
    'gauge',
    (node) => node.activeRequests,
  ),
  ofNode(
    'tribind_node_consecutive_failures',
    'Failures of a node that have followed one another.',
    'gauge',
    ({ fails }) => fails,
  ),
]

function ofNode(
  name: string,
  help: string,
  type: ReadMetric['type'],
  figure: (node: ServiceNode) => number,
): ReadMetric {
  return {
    name,
    help,
    type,
    labels: ['service', 'node'],
    read: (world) =>
      listNodes(world).flatMap(({ service, nodes }) =>
        nodes.map((node) => ({ labels: { service, node: node.name }, value: figure(node) })),
      ),
  }
}

/** Nodes, and what requests are forwarded to them by. */
interface ServiceNodes {
  /**
   * A service of a configuration, such as `carts@file`, or `routes.cart.service@file` for one that is written in a route; the first route
   * of a handler that code bound; or an entry point.
   */
  readonly service: string
  readonly nodes: readonly ServiceNode[]
}

/** Lists all nodes that requests are forwarded to: of configurations, of handlers that code bound, and of entry points. */
function listNodes({ server, parts }: AdminWorld): ServiceNodes[] {
  const { port } = parts.configuration
  const configured = Array.from(port?.nodes() ?? [], ([id, nodes]) => ({
    service: id.replace(/^services\./, ''),
    nodes: nodes.map(withoutCredentials),
  }))
  const bound = new Map<unknown, string>()
  for (const { info, value } of parts.layers().listing.listed())
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

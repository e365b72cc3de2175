import type { ServiceNode } from '../../kit.ts'
import { listNodes } from '../service-nodes.ts'
import { type ReadMetric, states } from './sample.ts'

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

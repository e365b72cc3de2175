import type { NodeState, NodeStateName, ProbeResult } from './node-state.ts'

/** What is known of a node of `forward`, of a hop or of `tcpForward`; of the last two, requests are connections. */
export interface NodeStatus {
  readonly name: string
  readonly addr: string
  readonly state: NodeStateName
  /** How many failures have followed one another. */
  readonly fails: number
  readonly activeRequests: number
  readonly totalRequests: number
  readonly lastError: string | undefined
  /** `undefined` where there are no probes: `forward` alone has them. */
  readonly lastProbe: ProbeResult | undefined
  /** The interfaces that were asked for, joined with `,`. Where none were, `undefined` for `forward`, and empty for the others. */
  readonly egress: string | undefined
}

/** Returns what is known of a node, as a copy. */
export function statusOf(node: Pick<NodeStatus, 'name' | 'addr' | 'egress'>, state: NodeState): NodeStatus {
  const { name, addr, egress } = node
  const { fails, activeRequests, totalRequests, lastError, lastProbe } = state
  return { name, addr, state: state.name, fails, activeRequests, totalRequests, lastError, lastProbe, egress }
}

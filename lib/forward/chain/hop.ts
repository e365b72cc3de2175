import { Selector } from '../selector/selector.ts'
import type { ReadHop } from './chain-options.ts'
import { ChainNode } from './chain-node.ts'
import type { ConnectionKey } from '../selector/selector-options.ts'
import { type NodeStatus, statusOf } from '../selector/node-status.ts'

/** What is known of a hop. */
export interface HopStatus {
  readonly name: string
  readonly nodes: readonly NodeStatus[]
}

/** A hop: chooses the node that a connection goes through. Chains that share one share what is known of its nodes. */
export class Hop {
  readonly name: string
  readonly nodes: readonly ChainNode[]
  readonly selector: Selector<ChainNode>
  /** What `hash` chooses by. */
  readonly key: ConnectionKey
  /** Whether its choice depends on the address of the client. */
  readonly usesClientAddress: boolean
  /** Whether its way out depends on the address at which the client came in. */
  readonly usesLocalAddress: boolean
  /** How many nodes a connection may try. */
  readonly attempts: number

  /** @param before the one in whose place it comes: what is known of the nodes that both have is taken over */
  constructor({ interface: egress, selector, retries, nodes, ...read }: ReadHop, name: string, before?: Hop) {
    this.name = read.name ?? name
    const known = [...(before?.selector.entries ?? [])]
    this.nodes = nodes.map((node, i) => new ChainNode(node, { name: `node-${i}`, egress, known }))
    this.selector = new Selector(this.nodes, selector)
    this.key = selector.key
    this.usesClientAddress = selector.strategy === 'hash' && selector.key === 'ip'
    this.usesLocalAddress = this.nodes.some(({ egress }) => egress.hasAuto)
    this.attempts = Math.min(retries === undefined ? nodes.length : retries + 1, nodes.length)
  }

  status(): HopStatus {
    return {
      name: this.name,
      nodes: this.selector.entries.map(({ node, state }) =>
        statusOf({ name: node.name, addr: node.addr, egress: node.egress.name }, state),
      ),
    }
  }
}

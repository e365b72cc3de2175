import { isDeepStrictEqual } from 'node:util'
import { Egress } from '../egress/egress.ts'
import type { Target } from '../egress/connections.ts'
import type { ReadInterface } from '../egress/interface-option.ts'
import type { SelectorNode } from '../selector/selector.ts'
import type { ReadChainNode } from './chain-options.ts'
import type { ReadConnector } from './connector-options.ts'
import type { ReadDialer } from './dialer-options.ts'
import { NodeState } from '../selector/node-state.ts'
import { parseNodeAddress } from './parse-node-address.ts'

/** What a node has from its hop. */
interface NodePlace {
  /** Default of its name. */
  readonly name: string
  readonly egress: ReadInterface | undefined
  /** The nodes of the hop before: what is taken over is taken out. */
  readonly known: { readonly node: ChainNode; readonly state: NodeState }[]
}

/** A node of a hop. */
export class ChainNode implements SelectorNode {
  readonly id: string
  readonly name: string
  /** As it was given; empty for a `virtual` node: whoever must know where names are looked up sees so that no proxy is there. */
  readonly addr: string
  readonly state: NodeState
  readonly weight: number
  readonly backup: boolean
  readonly maxFails: number | undefined
  readonly failTimeout: number | undefined
  readonly egress: Egress
  readonly connector: ReadConnector
  readonly dialer: ReadDialer
  /** `undefined` for a `virtual` node: there is no proxy. */
  readonly address: Target | undefined

  constructor(read: ReadChainNode, { name, egress, known }: NodePlace) {
    const { addr = '', connector, dialer } = read
    const isVirtual = dialer.type === 'virtual' || connector?.type === 'virtual'
    this.name = read.name ?? name
    this.addr = isVirtual ? '' : addr
    this.weight = read.weight
    this.backup = read.backup
    this.maxFails = read.maxFails
    this.failTimeout = read.failTimeout
    this.egress = new Egress(read.interface ?? egress)
    this.connector = connector ?? { type: isVirtual ? 'virtual' : 'http' }
    this.dialer = dialer
    this.address = isVirtual ? undefined : parseNodeAddress(addr)
    this.id = `${isVirtual ? 'virtual' : addr} ${this.egress.name}`
    const i = known.findIndex(({ node }) => this.#isAsBefore(node))
    this.state = known.splice(i < 0 ? known.length : i, 1)[0]?.state ?? new NodeState()
  }

  /** Whether another one is the same proxy, reached and asked in the same way. */
  #isAsBefore(other: ChainNode): boolean {
    const { id, connector, dialer } = this
    return isDeepStrictEqual([id, connector, dialer], [other.id, other.connector, other.dialer])
  }
}

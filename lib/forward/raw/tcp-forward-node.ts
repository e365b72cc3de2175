import type { Socket } from 'node:net'
import { connectSocket } from '../egress/connect-socket.ts'
import { Egress } from '../egress/egress.ts'
import type { ReadInterface } from '../egress/interface-option.ts'
import type { SelectorNode } from '../selector/selector.ts'
import type { Caller } from './outbound.ts'
import type { ProxyChain } from './proxy-chain.ts'
import type { ReadTcpNode, TcpAddress } from './tcp-node-options.ts'

const CONNECT_TIMEOUT_MS = 5000

/** A server that connections are forwarded to. */
export class TcpForwardNode implements SelectorNode {
  readonly id: string
  readonly name: string
  readonly addr: string
  readonly address: TcpAddress
  readonly egress: Egress
  readonly weight: number
  readonly backup: boolean
  readonly maxFails: number | undefined
  readonly failTimeout: number | undefined

  /** @param from the interface where it has none of its own */
  constructor(read: ReadTcpNode & { readonly address: TcpAddress }, from: ReadInterface | undefined) {
    this.egress = new Egress(read.interface ?? from)
    this.id = `${read.addr} ${this.egress.name}`
    this.name = read.name ?? read.addr
    this.addr = read.addr
    this.address = read.address
    this.weight = read.weight
    this.backup = read.backup
    this.maxFails = read.maxFails
    this.failTimeout = read.failTimeout
  }

  /** @throws EgressError; ChainError; the error of the system */
  connect({ client, signal }: Caller, chain: ProxyChain | undefined): Promise<Socket> {
    const { address } = this
    const limits = { timeout: CONNECT_TIMEOUT_MS, signal }
    if ('path' in address) return connectSocket({ ...address, allowHalfOpen: true } as typeof address, limits)
    const { localAddress = '', remoteAddress = '' } = client
    const options = { signal, clientAddress: remoteAddress, localAddress, allowHalfOpen: true }
    if (chain !== undefined) return chain.connect(address, options)
    return this.egress.choose(localAddress).connect(address, { ...limits, allowHalfOpen: true })
  }
}

import type { Socket } from 'node:net'
import { ConnectionService, type OpenService, type ServicePlace } from '../../kit.ts'
import { type NodeStatus, statusOf } from '../selector/node-status.ts'
import { Selector } from '../selector/selector.ts'
import { codeOfFailure } from './failure-status.ts'
import { type Caller, callerOf } from './outbound.ts'
import { chainOf, type ProxyChain } from './proxy-chain.ts'
import type { TcpForwardNode } from './tcp-forward-node.ts'
import { type ReadTcpForward, readTcpForward, type TcpForwardOptions } from './tcp-forward-options.ts'
import { cut, tunnel } from './tunnel.ts'

/** What is served at an entry point by `tcpForward`. */
export class TcpForward extends ConnectionService {
  readonly protocol = 'tcp'
  readonly limits = [] as const
  /** The node may send first. */
  override readonly clientSendsFirst = false
  readonly #options: ReadTcpForward
  readonly #selector: Selector<TcpForwardNode>

  constructor(options: ReadTcpForward) {
    super()
    this.#options = options
    this.#selector = new Selector(options.nodes, options.selector)
  }

  /** Returns what is known of the nodes, as a copy. */
  nodes(): NodeStatus[] {
    return this.#selector.entries.map(({ node, state }) =>
      statusOf({ name: node.name, addr: node.addr, egress: node.egress.name }, state),
    )
  }

  /** @throws ChainError for the name of a chain that stands for nothing */
  open(place: ServicePlace): OpenService {
    const { chain } = this.#options
    const resolved = chain === undefined ? undefined : chainOf(place, chain)
    return { serve: (client) => this.#serve(client, place, resolved) }
  }

  async #serve(client: Socket, place: ServicePlace, chain: ProxyChain | undefined): Promise<void> {
    const caller = callerOf(client)
    const tried = new Set<TcpForwardNode>()
    const key = () => client.remoteAddress ?? ''
    for (;;) {
      const use = this.#selector.take({ key, tried })
      if (use === undefined || caller.signal.aborted) return giveUp(caller, place)
      try {
        const socket = await use.node.connect(caller, chain)
        use.succeeded()
        if (client.destroyed) socket.destroy()
        else await tunnel(client, socket, place.limits.timeout)
        return
      } catch (error) {
        if (caller.signal.aborted) return
        use.failed(error as Error)
        tried.add(use.node)
        report(place, use.node, error)
      } finally {
        use.end()
      }
    }
  }
}

/** Returns a handler of an entry point that forwards each connection to a node. @throws ConfigError naming the option */
export function tcpForward(options: TcpForwardOptions): TcpForward {
  return new TcpForward(readTcpForward(options))
}

/** Cuts a client for which there is no node, so that it sees that nothing was there. */
function giveUp({ client, signal }: Caller, { statistics }: ServicePlace): void {
  if (signal.aborted) return
  statistics?.failed()
  cut(client)
}

function report({ entryPoint, logger }: ServicePlace, { name, addr }: TcpForwardNode, error: unknown): void {
  const fields = { entryPoint: entryPoint.name, node: name, addr, code: codeOfFailure(error), error }
  logger.warn('A node could not be connected to', fields)
}

import { type Application, HttpError, type Request } from '../../index.ts'
import { onStop, readKey, type RequestCore } from '../../kit.ts'
import { type NodeStatus, statusOf } from '../selector/node-status.ts'
import { Selector } from '../selector/selector.ts'
import type { ForwardChain, ReadForwardOptions } from './forward-options.ts'
import { type Client, NodeLink } from './node-link.ts'
import { NodeProbe } from './node-probe.ts'

/** The nodes that requests are forwarded to, and how. */
export class Forwarder {
  readonly options: ReadForwardOptions
  readonly selector: Selector<NodeLink>
  readonly #probes: readonly NodeProbe[]
  readonly #servers = new Map<Application, () => void>()
  #client: Client = { localAddress: undefined, address: undefined, chain: undefined }
  #isClosed = false

  constructor(options: ReadForwardOptions) {
    this.options = options
    const links = options.nodes.map((node) => new NodeLink(node, options))
    this.selector = new Selector(links, options.selector)
    const { probe } = options
    this.#probes =
      probe === undefined
        ? []
        : this.selector.entries.map(({ node, state }) => new NodeProbe(node, state, probe, () => this.#client))
  }

  /** Takes note of a server that forwards here: once the last of them has stopped, nothing is kept open. */
  enter(core: RequestCore): void {
    const { server, raw } = core
    if (this.#servers.has(server) || this.#isClosed) return
    this.#servers.set(
      server,
      onStop(server, () => {
        this.#servers.delete(server)
        if (this.#servers.size === 0) this.#rest()
      }),
    )
    this.#client = { localAddress: raw.socket.localAddress, address: undefined, chain: this.chainOf(server) }
    for (const probe of this.#probes) probe.start()
  }

  /** Returns the chain that nodes are reached through. @throws ChainError for a name that the server doesn't know */
  chainOf(server: Application): ForwardChain | undefined {
    const { chain } = this.options
    if (typeof chain !== 'string') return chain
    return (server as unknown as { chain(name: string): ForwardChain }).chain(chain)
  }

  /** Returns what the strategy `hash` chooses by. */
  keyOf(core: RequestCore, request: Request): string {
    return readKey(this.options.selector.key, core, request)
  }

  /** The answer where there is no node. */
  unavailable(): HttpError {
    const seconds = Math.max(1, Math.ceil((this.options.probe?.interval ?? 1000) / 1000))
    return new HttpError(503, undefined, {
      failure: 'ERR_TRIBIND_FORWARD_NONE',
      headers: { 'Retry-After': String(seconds) },
    })
  }

  nodes(): NodeStatus[] {
    return this.selector.entries.map(({ node, state }) =>
      statusOf({ name: node.name, addr: node.address.text, egress: node.egress }, state),
    )
  }

  close(): void {
    this.#isClosed = true
    for (const takeBack of this.#servers.values()) takeBack()
    this.#servers.clear()
    for (const { node } of this.selector.entries) node.pool.close()
    this.#rest()
  }

  #rest(): void {
    for (const probe of this.#probes) probe.stop()
    for (const { node } of this.selector.entries) node.pool.drop()
  }
}

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
  /** Of each node in turn. */
  readonly #probes: readonly (NodeProbe | undefined)[]
  readonly #servers = new Map<Application, () => void>()
  /** The servers of which a request has come. */
  readonly #asked = new Set<Application>()
  #client: Client = { localAddress: undefined, address: undefined, chain: undefined }
  #isClosed = false

  /** @param before the one in whose place it comes: what is known of the nodes that both have is taken over */
  constructor(options: ReadForwardOptions, before?: Forwarder) {
    this.options = options
    const lives = new Set(before?.selector.entries.map(({ node }) => node.life))
    const links = options.nodes.map((node) => new NodeLink(node, options, lives))
    for (const { life } of links) life.hold()
    this.selector = new Selector(links, options.selector)
    const { probe } = options
    this.#probes = links.map((link) => probe && new NodeProbe(link, probe, () => this.#client))
  }

  /**
   * Begins to probe the nodes, before a server serves. Resolves when all that aren't known yet were asked once.
   *
   * Those whose way depends on the address at which a client came in are probed from the first request on.
   */
  async begin(server: Application): Promise<void> {
    if (this.#isClosed) return
    const chain = this.chainOf(server)
    this.#watch(server)
    if (this.#asked.size === 0) this.#client = { ...this.#client, chain }
    await this.#enterNodes((link) => !link.needsClient(chain))
  }

  /** Takes note of a server of which a request has come. */
  enter({ server, raw }: RequestCore): void {
    if (this.#asked.has(server) || this.#isClosed) return
    this.#client = { localAddress: raw.socket.localAddress, address: undefined, chain: this.chainOf(server) }
    this.#watch(server)
    this.#asked.add(server)
    void this.#enterNodes(() => true)
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
    if (this.#isClosed) return
    this.#isClosed = true
    for (const takeBack of this.#servers.values()) takeBack()
    this.#servers.clear()
    for (const { node } of this.selector.entries) node.life.letGo(this)
  }

  #enterNodes(isEntered: (link: NodeLink) => boolean): Promise<unknown> {
    const enter = async (link: NodeLink, probe: NodeProbe | undefined) => {
      if (isEntered(link)) await link.life.enter(this, probe)
    }
    return Promise.all(this.selector.entries.map(({ node }, i) => enter(node, this.#probes[i])))
  }

  /** Once the last of its servers has stopped, nothing is kept open. */
  #watch(server: Application): void {
    if (this.#servers.has(server)) return
    const stopped = () => {
      this.#servers.delete(server)
      this.#asked.delete(server)
      if (this.#servers.size > 0) return
      for (const { node } of this.selector.entries) node.life.leave(this)
    }
    this.#servers.set(server, onStop(server, stopped))
  }
}

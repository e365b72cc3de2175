import type { Agent } from 'node:http'
import type { AgentOptions } from 'node:https'
import { isIPv6, type Socket } from 'node:net'
import { domainToASCII } from 'node:url'
import type { Dispatcher } from '../undici-package.ts'
import { ChainError, ConfigError, type Duration } from '../../index.ts'
import { printValue, readDuration } from '../../kit.ts'
import { ConnectionsAgent } from '../egress/connections-agent.ts'
import { createDispatcher, type DispatcherOptions } from '../egress/connections-dispatcher.ts'
import type { Choice, Connections, Target } from '../egress/connections.ts'
import { type ChainOptions, readChain, type ReadHop } from './chain-options.ts'
import { Hop, type HopStatus } from './hop.ts'
import { connectThrough, type Journey } from './journey.ts'
import { Refusal } from './refusal.ts'

/** What `connect` of a chain takes besides the target. */
export interface ChainConnectOptions {
  /** The time for all of it. Default 15 s. */
  timeout?: Duration
  /** Gives the connection up; the call rejects with its reason. */
  signal?: AbortSignal
  /** The address of the client, which `hash` chooses by. */
  clientAddress?: string
  /** The address at which the client came in, which `auto` stands for. Default: `clientAddress`. */
  localAddress?: string
  /** Whether the socket stays open for writing when the other side ends. Default false. */
  allowHalfOpen?: boolean
}

/** What is known of a chain. */
export interface ChainStatus {
  readonly name: string
  readonly hops: readonly HopStatus[]
}

const TIMEOUT_MS = 15_000

/** Makes connections through one node of each of its hops, in order, and never past them. */
export class Chain implements Connections {
  readonly name: string
  readonly #hops: (Hop | string)[]
  readonly #closing = new AbortController()
  readonly #pools = new Set<{ destroy(): unknown }>()

  constructor({ name, hops }: { readonly name: string; readonly hops: readonly (ReadHop | string)[] }) {
    this.name = name
    this.#hops = hops.map((hop, i) => (typeof hop === 'string' ? hop : new Hop(hop, `hop-${i}`)))
  }

  /**
   * Connects a socket to a target, through the chain.
   *
   * @throws ChainError if a hop has no usable node, the last proxy can't connect to the target, or it takes too long; ConfigError for
   * what is no target; the signal's reason
   */
  async connect(target: Target, options: ChainConnectOptions = {}): Promise<Socket> {
    const { timeout = TIMEOUT_MS, signal, clientAddress, localAddress = clientAddress, allowHalfOpen = false } = options
    const ms = readDuration('connect', timeout)
    const { host, port } = readTarget(target)
    const hops = this.#resolved()
    signal?.throwIfAborted()
    const journey: Journey = {
      chain: this.name,
      hops,
      target: { host, port },
      clientAddress,
      localAddress,
      allowHalfOpen,
    }
    const leaving = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    const until = { signal: leaving, deadline: performance.now() + ms }
    try {
      return await connectThrough(journey, hops.length - 1, journey.target, until)
    } catch (error) {
      throw error instanceof Refusal ? this.#unreached(journey, error) : error
    }
  }

  /**
   * Returns what makes the connections of one client.
   *
   * @param client `clientAddress` and `localAddress` as for `connect`
   */
  choose(client: Pick<ChainConnectOptions, 'clientAddress' | 'localAddress'> = {}): Choice {
    const { clientAddress = '', localAddress = clientAddress } = client
    return {
      key: `${this.#uses('usesClientAddress') ? clientAddress : ''} ${this.usesLocalAddress ? localAddress : ''}`,
      connect: (target, { timeout = TIMEOUT_MS, signal, allowHalfOpen = false } = {}) =>
        this.connect(target, { ...client, timeout, allowHalfOpen, ...(signal && { signal }) }),
      keeps: () => true,
    }
  }

  /** Returns an agent for `node:http` and `node:https`. Each request has a connection of its own, unless `keepAlive` is set. */
  agent(options?: AgentOptions): Agent {
    return this.#pool(new ConnectionsAgent(this, { keepAlive: false, ...options }))
  }

  /**
   * Returns a dispatcher for `fetch` and `request` of undici. Each request has a connection of its own, unless `pipelining` is set.
   *
   * @throws ConfigError if the package `undici` is not installed
   */
  dispatcher(options?: DispatcherOptions): Dispatcher {
    return this.#pool(createDispatcher(this, { pipelining: 0, ...options }))
  }

  /** Returns what is known of its hops and their nodes, as a copy. */
  status(): ChainStatus {
    return {
      name: this.name,
      hops: this.#hops.map((hop) => (typeof hop === 'string' ? { name: hop, nodes: [] } : hop.status())),
    }
  }

  /** Gives up connections that are being made, and closes its agents and dispatchers. Sockets that it has handed out stay open. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(this.#closed())
    await Promise.all([...this.#pools].map((pool) => pool.destroy()))
  }

  /** @internal Whether its way depends on the address at which the client came in. */
  get usesLocalAddress(): boolean {
    return this.#uses('usesLocalAddress')
  }

  /** @internal Puts hops in the place of their names. */
  resolve(hops: ReadonlyMap<string, Hop>): void {
    for (const [i, hop] of this.#hops.entries()) if (typeof hop === 'string') this.#hops[i] = hops.get(hop) ?? hop
  }

  /** @internal @throws ChainError for the name of a hop that stands for nothing */
  check(): void {
    for (const hop of this.#hops) if (typeof hop === 'string') throw this.#unknown(hop)
  }

  #uses(name: 'usesClientAddress' | 'usesLocalAddress'): boolean {
    return this.#hops.some((hop) => typeof hop !== 'string' && hop[name])
  }

  #resolved(): readonly Hop[] {
    if (this.#closing.signal.aborted) throw this.#closed()
    this.check()
    return this.#hops as Hop[]
  }

  #pool<Pool extends { destroy(): unknown }>(pool: Pool): Pool {
    this.#pools.add(pool)
    return pool
  }

  #unreached({ hops, target }: Journey, refusal: Refusal): ChainError {
    const last = hops.at(-1) as Hop
    const message = `chain "${this.name}": no connection to ${target.host}:${target.port} behind hop "${last.name}": ${refusal.message}`
    const nodes = last.nodes.map(({ name }) => name)
    return new ChainError(message, { failure: 'ERR_TRIBIND_CHAIN_TARGET', hop: last.name, nodes, cause: refusal })
  }

  #unknown(hop: string): ChainError {
    const message = `chain "${this.name}": the hop "${hop}" stands for nothing: name it in the option "hops" of the server`
    return new ChainError(message, { failure: 'ERR_TRIBIND_CHAIN_UNKNOWN', hop })
  }

  #closed(): ChainError {
    return new ChainError(`chain "${this.name}" is closed`, { failure: 'ERR_TRIBIND_CHAIN_CLOSED' })
  }
}

const MAX_HOST_BYTES = 255

/** What is written into requests to proxies must not be able to end them. */
function readTarget({ host: given, port }: Target): Target {
  const host = typeof given === 'string' && /[^\0-\x7f]/.test(given) ? domainToASCII(given) : given
  const isName = typeof host === 'string' && /^[\w.~-]+$/.test(host) && host.length <= MAX_HOST_BYTES
  if ((isName || isIPv6(host)) && Number.isInteger(port) && port > 0 && port < 65_536) return { host, port }
  throw new ConfigError(
    `connect: the target must be { host, port } with a host name or address and a port from 1 to 65535, got ${printValue(given)} and ${printValue(port)}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}

/**
 * Returns a chain: what connects through proxies.
 *
 * @throws ConfigError for a wrong option
 */
export function createChain(options: ChainOptions): Chain {
  return new Chain(readChain(options, ''))
}

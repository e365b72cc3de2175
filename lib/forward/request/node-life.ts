import { isDeepStrictEqual } from 'node:util'
import { Egress } from '../egress/egress.ts'
import type { ReadInterface } from '../egress/interface-option.ts'
import { NodeState } from '../selector/node-state.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { ForwardChain } from './forward-options.ts'
import type { ReadNodeTls } from './node-options.ts'

/** What connections to a node depend on. */
export interface NodePlace {
  /** The text of its address. */
  readonly addr: string
  readonly from: ReadInterface | undefined
  readonly tls: ReadNodeTls | undefined
  readonly chain: string | ForwardChain | undefined
}

/** Asks a node again and again. */
export interface Probe {
  /** Resolves when it was asked for the first time since. */
  start(): Promise<void> | undefined
  stop(): void
}

/**
 * What one handler after the other has of the same node: what is known of it, its connections, and its probe.
 *
 * Handlers are told apart as objects. One *holds* it until it is closed, and *uses* it while a server serves it.
 */
export class NodeLife {
  readonly state: NodeState = new NodeState()
  readonly pool: ConnectionPool = new ConnectionPool()
  readonly egress: Egress
  readonly #place: NodePlace
  #holders = 0
  /** In order, each with its probe: that of the last runs. */
  readonly #users = new Map<object, Probe | undefined>()
  #running: Probe | undefined

  constructor(place: NodePlace) {
    this.egress = new Egress(place.from)
    this.#place = place
  }

  isAt({ chain, ...place }: NodePlace): boolean {
    const { chain: own, ...others } = this.#place
    return chain === own && isDeepStrictEqual(place, others)
  }

  hold(): void {
    if (this.#holders++ === 0) this.pool.open()
  }

  letGo(user: object): void {
    this.leave(user)
    if (--this.#holders === 0) this.pool.close()
  }

  /** Returns what is pending until the node was asked for the first time by the probe, if there is one. */
  enter(user: object, probe: Probe | undefined): Promise<void> | undefined {
    if (this.#users.has(user)) return undefined
    this.#users.set(user, probe)
    return this.#runLast()
  }

  /** Idle connections end with the last that leaves. */
  leave(user: object): void {
    this.#users.delete(user)
    void this.#runLast()
    if (this.#users.size === 0) this.pool.drop()
  }

  #runLast(): Promise<void> | undefined {
    const [probe] = [...this.#users.values()].slice(-1)
    if (probe !== this.#running) this.#running?.stop()
    this.#running = probe
    // Without a probe, nothing would take it up again.
    if (probe === undefined && this.#users.size > 0) this.state.forgetProbes()
    const isKnown = this.state.lastProbe !== undefined
    const asked = probe?.start()
    return isKnown ? undefined : asked
  }
}

import type { Socket } from 'node:net'
import type { Egress } from '../egress/egress.ts'
import { firstConnected } from '../egress/first-connected.ts'
import type { Admission } from './admission.ts'
import type { ProxyChain } from './proxy-chain.ts'
import type { TargetHost } from './target-host.ts'

/** How long it may take to look a name up, and to connect to each of its addresses, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000

/** Whom a connection is made for. */
export interface Caller {
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal
  readonly client: Socket
}

/** Whom the connections for a client are made for, until it leaves. */
export function callerOf(client: Socket): Caller {
  const leaving = new AbortController()
  if (client.destroyed) leaving.abort()
  else client.once('close', () => leaving.abort())
  return { signal: leaving.signal, client }
}

/** Makes the connections of a proxy to the targets that its clients ask for. */
export interface Outbound {
  /** @throws Refused if the rules of the proxy don't let it through; EgressError; ChainError; the error of the system */
  connect(target: TargetHost, caller: Caller): Promise<Socket>
}

/** Connects from this machine, to the very addresses that were let through. */
export class DirectOutbound implements Outbound {
  readonly #egress: Egress
  readonly #admission: Admission

  constructor(egress: Egress, admission: Admission) {
    this.#egress = egress
    this.#admission = admission
  }

  async connect(target: TargetHost, { signal, client }: Caller): Promise<Socket> {
    const timeout = CONNECT_TIMEOUT_MS
    const addresses = await this.#admission.resolve(target, { timeout, signal })
    const choice = this.#egress.choose(client.localAddress)
    const attempts = addresses.map((host) => (signal: AbortSignal) => {
      return choice.connect({ host, port: target.port }, { timeout, signal, allowHalfOpen: true })
    })
    return firstConnected(attempts, signal).catch((error: AggregateError) => {
      signal.throwIfAborted()
      // All failed; the last is the one that was hoped for longest.
      throw error.errors.at(-1)
    })
  }
}

/**
 * Connects through a chain. Its last proxy looks names up; where there may be none, or addresses are in the rules, it is done here, and
 * the chain gets an address that was let through.
 */
export class ChainOutbound implements Outbound {
  readonly #chain: ProxyChain
  readonly #admission: Admission

  constructor(chain: ProxyChain, admission: Admission) {
    this.#chain = chain
    this.#admission = admission
  }

  async connect(target: TargetHost, { signal, client }: Caller): Promise<Socket> {
    const { localAddress = '', remoteAddress = '' } = client
    const options = { signal, clientAddress: remoteAddress, localAddress, allowHalfOpen: true }
    const hosts = await this.#hostsOf(target, signal)
    for (const [i, host] of hosts.entries()) {
      try {
        return await this.#chain.connect({ host, port: target.port }, options)
      } catch (error) {
        if (signal.aborted || i === hosts.length - 1) throw error
      }
    }
    throw new Error('there is no address')
  }

  async #hostsOf(target: TargetHost, signal: AbortSignal): Promise<readonly string[]> {
    const isLookedUpHere = this.#admission.hasAddresses || this.#mayConnectDirectly
    if (isLookedUpHere) return this.#admission.resolve(target, { timeout: CONNECT_TIMEOUT_MS, signal })
    this.#admission.checkName(target)
    return [target.name ?? (target.address as string)]
  }

  /** Whether there is a way through it on which no proxy is: by virtual nodes alone. */
  get #mayConnectDirectly(): boolean {
    return this.#chain.status?.().hops.every(({ nodes }) => nodes.some(({ addr }) => addr === '')) !== false
  }
}

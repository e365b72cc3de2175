import type { Socket } from 'node:net'
import type { Egress } from '../egress/egress.ts'
import { firstConnected } from '../egress/first-connected.ts'
import type { Admission } from './admission.ts'
import type { TargetHost } from './target-host.ts'

/** How long it may take to look a name up, and to connect to each of its addresses, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000

/** Whom a connection is made for. */
export interface Caller {
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal
  readonly client: Socket
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

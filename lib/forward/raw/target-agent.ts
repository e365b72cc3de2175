import { Agent, type ClientRequestArgs } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Caller, Outbound } from './outbound.ts'
import type { TargetHost } from './target-host.ts'

/** How long a connection to a target may be silent, in milliseconds. */
export const IDLE_TIMEOUT_MS = 60_000

/** What `node:http` passes on for a request. */
export interface TargetRequestArgs extends ClientRequestArgs {
  readonly target?: TargetHost
}

/**
 * The connections to targets of one client connection. They are kept for its requests, and end with it: another client must not get one
 * over which somebody has logged in.
 */
export class TargetAgent extends Agent {
  readonly #outbound: Outbound
  readonly #caller: Caller

  constructor(outbound: Outbound, caller: Caller) {
    super({ keepAlive: true, timeout: IDLE_TIMEOUT_MS })
    this.#outbound = outbound
    this.#caller = caller
  }

  override createConnection(
    { target }: TargetRequestArgs,
    created: (error: Error | null, socket: Duplex) => void = () => {},
  ): undefined {
    this.#outbound.connect(target as TargetHost, this.#caller).then(
      (socket) => created(null, socket),
      (error: Error) => created(error, undefined as never),
    )
  }

  /** Closes the connections that are kept. */
  dropKept(): void {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
  }
}

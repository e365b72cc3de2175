import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Address, formatAddress, isUnixAddress } from './address.ts'
import { claimSocketFile } from './claim-socket-file.ts'
import { Connections } from './connections.ts'
import { createListenError } from './listen-error.ts'

/** The options of `node:http` that are passed on to every listener, those of `createServer` and those of its server. */
export type HttpLimits = Pick<
  ServerOptions,
  | 'connectionsCheckingInterval'
  | 'headersTimeout'
  | 'highWaterMark'
  | 'keepAliveInitialDelay'
  | 'keepAliveTimeout'
  | 'maxHeaderSize'
  | 'requestTimeout'
> &
  Partial<Pick<Server, 'maxConnections' | 'maxRequestsPerSocket' | 'timeout'>>

/** Takes a connection over from `node:http`; what is in `head` was read from it already. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** A server of `node:http` that doesn't listen yet. */
export function createHttpServer(limits: HttpLimits, listener: RequestListener): Server {
  const { maxConnections, maxRequestsPerSocket, timeout, ...options } = limits
  const server = createServer(options, listener)
  // node:http would leave out the fields beyond the limit and say nothing: the dispatcher counts them instead.
  const properties = { maxConnections, maxRequestsPerSocket, timeout, maxHeadersCount: 0 }
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) Object.assign(server, { [name]: value })
  }
  return server
}

/** One address that a server listens on, and the connections that come in there. */
export class Entrypoint {
  /** As bound, such as `127.0.0.1:8199`, `[::1]:8199` or `unix:/run/app.sock`. */
  readonly address: string
  /** 0 for a Unix socket. */
  readonly url: string
  readonly port: number
  readonly #connections: Connections

  private constructor(server: Server, connections: Connections) {
    const bound = server.address() as AddressInfo | string
    const address = typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }
    this.address = formatAddress(address)
    this.url = isUnixAddress(address) ? this.address : `http://${this.address}`
    this.port = isUnixAddress(address) ? 0 : address.port
    this.#connections = connections
  }

  /** @throws ListenError naming the address and what to do */
  static async open(
    address: Address,
    limits: HttpLimits,
    listener: RequestListener,
    upgradeListener?: UpgradeListener,
  ): Promise<Entrypoint> {
    const server = createHttpServer(limits, listener)
    const connections = new Connections(server)
    if (upgradeListener !== undefined) server.on('upgrade', upgradeListener)
    try {
      if (isUnixAddress(address)) await claimSocketFile(address.path)
      server.listen({ ...address })
      await once(server, 'listening')
    } catch (error) {
      throw createListenError(address, error as NodeJS.ErrnoException)
    }
    return new Entrypoint(server, connections)
  }

  /** Closes it, as `Connections` does; gives how many connections were cut after `timeoutMs`. */
  close(timeoutMs: number): Promise<number> {
    return this.#connections.close(timeoutMs)
  }
}

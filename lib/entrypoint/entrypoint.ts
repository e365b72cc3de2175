import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Address, formatAddress, isUnixAddress } from './address.ts'
import { claimSocketFile } from './claim-socket-file.ts'
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

/** What every entrypoint of a server is opened with. */
export interface EntrypointOptions {
  readonly limits: HttpLimits
  readonly listener: RequestListener
  /** `undefined` where there is nothing to go over to. */
  readonly upgradeListener: UpgradeListener | undefined
  /** `undefined` for servers without TLS. */
  readonly create: CreateServer | undefined
}

const SWEEP_MS = 50

/** `createServer` of `node:http`, or what makes something that looks like its server. */
export type CreateServer = (options: ServerOptions, listener: RequestListener) => Server

/** A server of `node:http` that doesn't listen yet. */
export function createHttpServer(
  limits: HttpLimits,
  listener: RequestListener,
  create: CreateServer = createServer,
): Server {
  const { maxConnections, maxRequestsPerSocket, timeout, ...options } = limits
  const server = create(options, listener)
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
  readonly port: number
  readonly #server: Server

  private constructor(server: Server) {
    const bound = server.address() as AddressInfo | string
    const address = typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }
    this.address = formatAddress(address)
    this.port = isUnixAddress(address) ? 0 : address.port
    this.#server = server
  }

  /** @throws ListenError naming the address and what to do */
  static async open(
    address: Address,
    { limits, listener, upgradeListener, create }: EntrypointOptions,
  ): Promise<Entrypoint> {
    const server = createHttpServer(limits, listener, create)
    if (upgradeListener !== undefined) server.on('upgrade', upgradeListener)
    try {
      if (isUnixAddress(address)) await claimSocketFile(address.path)
      server.listen({ ...address })
      await once(server, 'listening')
    } catch (error) {
      throw createListenError(address, error as NodeJS.ErrnoException)
    }
    return new Entrypoint(server)
  }

  /**
   * Takes no new connections, closes the idle ones and resolves when the others have ended.
   *
   * Those that haven't by then are cut after `timeoutMs`: half a request, or a client that doesn't read, can't hold it up.
   */
  async close(timeoutMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const timer = setTimeout(() => this.#server.closeAllConnections(), timeoutMs)
    // A connection that is busy now may be idle soon, kept alive by a head that went out before the stop.
    this.#server.closeIdleConnections()
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_MS)
    await closed
    clearInterval(sweep)
    clearTimeout(timer)
  }
}

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ListenError } from '../base/errors.ts'
import { type Address, formatAddress } from './address.ts'

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

const SWEEP_MS = 50

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process, or another server of this one, listens there; choose another port, or 0 for a free one',
  EACCES: 'this process has no permission for it; ports below 1024 are often reserved',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
}

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
  /** As bound, such as `127.0.0.1:8199` or `[::1]:8199`. */
  readonly address: string
  readonly url: string
  readonly port: number
  readonly #server: Server

  private constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo
    this.address = formatAddress({ host: address, port })
    this.url = `http://${this.address}`
    this.port = port
    this.#server = server
  }

  /** @throws ListenError naming the address and what to do */
  static async open(
    address: Address,
    limits: HttpLimits,
    listener: RequestListener,
    upgradeListener?: UpgradeListener,
  ): Promise<Entrypoint> {
    const server = createHttpServer(limits, listener)
    if (upgradeListener !== undefined) server.on('upgrade', upgradeListener)
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const place = formatAddress({ ...address, host: address.host ?? '' })
        const reason = reasons[error.code ?? ''] ?? error.message
        reject(new ListenError(`can't listen on ${place} (${error.code}): ${reason}`, { cause: error }))
      })
      server.listen({ port: address.port, ...(address.host !== undefined && { host: address.host }) }, resolve)
    })
    server.removeAllListeners('error')
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

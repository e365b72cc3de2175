import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ListenError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { type Address, formatAddress } from './address.ts'
import type { HttpLimits } from './http-limits.ts'
import { refuseClient } from './refuse-client.ts'
import { warnOfDrops } from './warn-of-drops.ts'

/** Takes a connection over from `node:http`; what is in `head` was read from it already. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Who takes what comes in. */
export interface HttpListeners {
  readonly request: RequestListener
  readonly connect: UpgradeListener
  /** `undefined` where there is nothing to go over to. */
  readonly upgrade?: UpgradeListener | undefined
}

const SWEEP_MS = 50

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process, or another server of this one, listens there; choose another port, or 0 for a free one',
  EACCES: 'this process has no permission for it; ports below 1024 are often reserved',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
}

/** What a server of `node:http` is made with. */
export interface HttpServerOptions extends HttpLimits {
  readonly logger: Logger
}

/** A server of `node:http` that doesn't listen yet. */
export function createHttpServer(limits: HttpServerOptions, listeners: HttpListeners): Server {
  const { maxConnections, maxRequestsPerSocket, timeout, logger, ...options } = limits
  const server = createServer(options, maxRequestsPerSocket ? closingAtLimit(listeners.request) : listeners.request)
  // node:http would leave out the fields beyond the limit and say nothing: the dispatcher counts them instead.
  const properties = { maxConnections, maxRequestsPerSocket, timeout, maxHeadersCount: 0 }
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) Object.assign(server, { [name]: value })
  }
  warnOfDrops(server, logger)
  // Without listeners, node:http would close the connections of these without a word.
  server.on('connect', listeners.connect)
  if (listeners.upgrade !== undefined) server.on('upgrade', listeners.upgrade)
  return server.on('clientError', (error, socket) => refuseClient(error, socket as Socket))
}

/**
 * Closes a connection after the answer to its last request: `node:http` says that it will and leaves it to the client,
 * which may go on to be answered 503.
 */
function closingAtLimit(listener: RequestListener): RequestListener {
  return (request, response: ServerResponse & { maxRequestsOnConnectionReached?: boolean }) => {
    if (response.maxRequestsOnConnectionReached === true) response.shouldKeepAlive = false
    listener(request, response)
  }
}

/** One address that a server listens on, and the connections that come in there. */
export class Entrypoint {
  /** As bound, such as `127.0.0.1:8199` or `[::1]:8199`. */
  readonly address: string
  readonly port: number
  readonly #server: Server

  private constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo
    this.address = formatAddress({ host: address, port })
    this.port = port
    this.#server = server
  }

  /** @throws ListenError naming the address and what to do */
  static async open(address: Address, limits: HttpServerOptions, listeners: HttpListeners): Promise<Entrypoint> {
    const server = createHttpServer(limits, listeners)
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

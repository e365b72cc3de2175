import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../base/logger.ts'
import { type Address, formatAddress, isUnixAddress } from './address.ts'
import { claimSocketFile } from './claim-socket-file.ts'
import { Connections, speaksTls } from './connections.ts'
import type { HttpLimits } from './http-limits.ts'
import { createListenError } from './listen-error.ts'
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

/** What a server of `node:http` is made with. */
export interface HttpServerOptions extends HttpLimits {
  readonly logger: Logger
  /** In place of `createServer` of `node:http`, for one that speaks TLS. */
  readonly create?: CreateServer | undefined
}

/** `createServer` of `node:http`, or what makes something that looks like its server. */
export type CreateServer = (options: ServerOptions, listener: RequestListener) => Server

/** A server of `node:http` that doesn't listen yet. */
export function createHttpServer(limits: HttpServerOptions, listeners: HttpListeners): Server {
  const { maxConnections, maxRequestsPerSocket, timeout, logger, create = createServer, ...options } = limits
  const server = create(options, maxRequestsPerSocket ? closingAtLimit(listeners.request) : listeners.request)
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
  /** As bound, such as `127.0.0.1:8199`, `[::1]:8199` or `unix:/run/app.sock`. */
  readonly address: string
  /** What it is shown as: `http://127.0.0.1:8199`, `https://…`, or the address of a Unix socket. */
  readonly url: string
  /** 0 for a Unix socket. */
  readonly port: number
  readonly #connections: Connections

  private constructor(server: Server, connections: Connections) {
    const bound = server.address() as AddressInfo | string
    const address = typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }
    this.address = formatAddress(address)
    this.url = isUnixAddress(address) ? this.address : `${speaksTls(server) ? 'https' : 'http'}://${this.address}`
    this.port = isUnixAddress(address) ? 0 : address.port
    this.#connections = connections
  }

  /** @throws ListenError naming the address and what to do */
  static async open(address: Address, options: HttpServerOptions, listeners: HttpListeners): Promise<Entrypoint> {
    const server = createHttpServer(options, listeners)
    const connections = new Connections(server)
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

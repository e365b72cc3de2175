import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { DropArgument, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { deferContinue } from '../http/body/expect-continue.ts'
import type { Logger } from '../log/logger.ts'
import type { ParsedLimits } from './http-limits.ts'
import { CountedConnection } from './counted-connection.ts'
import { CountedResponse } from './counted-response.ts'
import { refuseClient } from './refuse-client.ts'
import type { Statistics } from './statistics.ts'

/** Takes a connection over from `node:http`; what is in `head` was read from it already. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What takes the requests that come in. */
export interface HttpListeners {
  readonly request: RequestListener
  readonly connect: UpgradeListener
}

/** What a server of `node:http` is made with. */
export interface HttpServerOptions extends ParsedLimits {
  readonly logger: Logger
  /** In place of `createServer` of `node:http`, for one that speaks TLS. */
  readonly create?: CreateServer | undefined
  /** `undefined` where nothing is counted. */
  readonly statistics?: Statistics | undefined
}

/** `createServer` of `node:http`, or what makes something that looks like its server. */
export type CreateServer = (options: ServerOptions, listener: RequestListener) => Server

/** A server of `node:http` that doesn't listen yet. */
export function createHttpServer(options: HttpServerOptions, listeners: HttpListeners): Server {
  const { maxConnections, maxRequestsPerSocket, timeout, logger, create = createServer, ...others } = options
  const { statistics } = options
  const listener = maxRequestsPerSocket ? closingAtLimit(listeners.request) : listeners.request
  const counted = statistics && { ServerResponse: CountedResponse as typeof ServerResponse }
  const server = create({ ...others, ...counted }, listener)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    deferContinue(request, response)
    listener(request, response as never)
  })
  // node:http would leave out the fields beyond the limit and say nothing: the dispatcher counts them instead.
  const properties = { maxConnections, maxRequestsPerSocket, timeout, maxHeadersCount: 0 }
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) Object.assign(server, { [name]: value })
  }
  answerHalfClosed(server)
  warnOfDrops(server, logger)
  // Without listeners, node:http would close the connections of these without a word.
  server.on('connect', listeners.connect)
  statistics?.watch(server)
  return server.on('clientError', (error, socket) => {
    refuseClient(error, socket as Socket, () => CountedConnection.of(socket)?.refuse())
  })
}

/** Without a look at `node:tls`, which most servers don't load. */
export function speaksTls(server: Server): boolean {
  return 'setSecureContext' in server
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

/**
 * Answers the requests of clients that have closed their side of the connection, where `node:http` closes the other side.
 *
 * Most clients that do so have left: `Connections` cuts those that nothing is sent to. The connections of HTTP/2 are closed
 * at once.
 */
function answerHalfClosed(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
  if (!speaksTls(server)) return
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') socket.allowHalfOpen = true
  })
}

/** A flood of connections is not to become a flood of records. */
const EVERY_MS = 10_000

/** Logs that connections were closed because of `maxConnections`, with how many since the last time. */
export function warnOfDrops(server: Server, logger: Logger): void {
  let count = 0
  let lastAt = -Infinity
  server.on('drop', (data?: DropArgument) => {
    count++
    const now = performance.now()
    if (now - lastAt < EVERY_MS) return
    logger.warn('Connections were closed: there are maxConnections already', {
      count,
      maxConnections: server.maxConnections,
      remoteAddress: data?.remoteAddress,
    })
    lastAt = now
    count = 0
  })
}

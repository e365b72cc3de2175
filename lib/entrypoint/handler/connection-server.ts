import type { Server, ServerOptions } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { isPromise } from '../../base/in-turn.ts'
import { type HttpServerOptions, speaksTls, warnOfDrops } from '../http-server.ts'
import type { ConnectionService, OpenService, ServicePlace } from './connection-service.ts'

/** A service that is open at an entry point. */
export interface PlacedService {
  readonly service: ConnectionService
  readonly opened: OpenService
  readonly place: ServicePlace
}

/** Creates a server whose connections a service serves. To what opens and closes it, it looks like one of `node:http`. */
export function createConnectionServer(options: HttpServerOptions, placed: PlacedService): Server {
  const { maxConnections, timeout = 0, keepAlive, keepAliveInitialDelay, highWaterMark, logger } = options
  const { create = createPlain, statistics } = options
  const { service, opened } = placed
  const server = create(
    withoutUndefined({ noDelay: true, allowHalfOpen: true, keepAlive, keepAliveInitialDelay, highWaterMark }),
    () => {},
  )
  Object.assign(server, { timeout, closeIdleConnections: () => opened.closeIdle?.() })
  if (maxConnections !== undefined) server.maxConnections = maxConnections
  warnOfDrops(server, logger)
  const event = speaksTls(server) ? 'secureConnection' : 'connection'
  server.on(event, (socket: Socket) => {
    socket.allowHalfOpen = service.allowHalfOpen
    // A connection that breaks is no failure, and must not end the process.
    socket.on('error', ignore)
    if (timeout > 0) socket.setTimeout(timeout).on('timeout', () => socket.destroy())
  })
  // Over TLS it counts where there are listeners for what is decrypted.
  statistics?.watch(server)
  return server.on(event, (socket: Socket) => serve(socket, placed))
}

function createPlain(options: ServerOptions): Server {
  return createServer(options) as Server
}

function serve(socket: Socket, { opened, place }: PlacedService): void {
  const fail = (error: unknown) => report(error, socket, place)
  try {
    const served = opened.serve(socket)
    if (isPromise(served)) place.tasks.add(served.then(ignore, fail))
  } catch (error) {
    fail(error)
  }
}

function report(error: unknown, socket: Socket, { entryPoint, logger, statistics }: ServicePlace): void {
  const fields = { error, entryPoint: entryPoint.name, remoteAddress: socket.remoteAddress }
  if (isOfClient(error, socket)) return logger.debug('A client left in the midst of its connection', fields)
  logger.error('A connection failed in the handler of its entry point', fields)
  statistics?.failed()
  socket.destroy()
}

/** Whether an error is that of a connection which the client broke. */
function isOfClient(error: unknown, socket: Socket): boolean {
  if (!socket.destroyed) return false
  return error === socket.errored || (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function withoutUndefined(options: object): ServerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function ignore(): void {}

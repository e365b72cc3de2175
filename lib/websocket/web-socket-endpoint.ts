import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Exit } from '../base/exit.ts'
import { HttpError } from '../base/http-error.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { emitAsCurrent } from '../observe/current-request.ts'
import { reportFailure } from '../observe/report-failure.ts'
import type { Endpoint } from '../pipeline/exchange.ts'
import { checkHandshake, chooseProtocol, isOriginAllowed } from './web-socket-handshake.ts'
import type { ReadWebSocketOptions, WebSocketHandler } from './web-socket-options.ts'

/** Nothing of WebSockets is loaded before a server that has some is started. */
export async function preloadWebSockets(): Promise<void> {
  await import('./web-socket-connection.ts')
}

/** The endpoint of a WebSocket: it answers 101, unless the response was begun before. */
export function createWebSocketEndpoint(handler: WebSocketHandler, options: ReadWebSocketOptions): Endpoint {
  return async (request) => {
    if (!mayOpen(request)) return
    const core = coreOf(request)
    const { response, settings } = core
    checkHandshake(request)
    if (!(await isOriginAllowed(request, options.origins)))
      throw new HttpError(403, 'This origin may not open a WebSocket here', {
        failure: 'ERR_TRIBIND_WEB_SOCKET_ORIGIN',
      })
    const protocol = await chooseProtocol(request, options)
    const { openWebSocket } = await import('./web-socket-connection.ts')
    const report = (thrown: unknown) => reportUnlessExit(core, thrown)
    const prepare = settings.useAsyncLocalStorage ? (socket: EventEmitter) => emitAsCurrent(socket, request) : undefined
    const opening = { request, core, handler, options, prepare, report, protocol }
    response.switchProtocols((head) => openWebSocket({ ...opening, head }))
  }
}

/** Code that answers the handshake of a WebSocket itself, as a listener of `upgrade` on a server of `node:http` does. */
export type UpgradeHandler = (request: IncomingMessage, socket: Socket, head: Buffer) => unknown

/** The endpoint that hands the connection over, unless the response was begun before. */
export function createUpgradeEndpoint(handler: UpgradeHandler): Endpoint {
  return (request) => {
    if (!mayOpen(request)) return
    const core = coreOf(request)
    core.response.switchProtocols(() => handOver(core, handler))
  }
}

/** Returns whether the response may still be a 101. Answers 503 where the WebSocket would be ended at once. */
function mayOpen(request: Request): boolean {
  const { response, settings } = coreOf(request)
  if (!response.isUntouched) return false
  if (!settings.traffic.opensWebSockets) request.response.writeStatus(503)
  return settings.traffic.opensWebSockets
}

function handOver(core: RequestCore, handler: UpgradeHandler): void {
  const { raw, response, settings, served } = core
  const { socket } = raw
  if (socket.destroyed) return
  const closed = settings.traffic.streams.open({
    route: served,
    end: () => socket.end(),
    cut: () => socket.destroy(),
  })
  socket.once('close', closed)
  response.alongside = runGuest(core, handler)
}

async function runGuest(core: RequestCore, handler: UpgradeHandler): Promise<void> {
  const { raw } = core
  try {
    // What has come already was put back.
    await handler(raw, raw.socket, Buffer.alloc(0))
  } catch (thrown) {
    reportUnlessExit(core, thrown)
    raw.socket.destroy()
  }
}

/** Returns whether it was a failure, and no exit. */
function reportUnlessExit(core: RequestCore, thrown: unknown): boolean {
  if (thrown instanceof Exit) return false
  reportFailure(core, thrown, 'A WebSocket failed', { path: core.path })
  return true
}

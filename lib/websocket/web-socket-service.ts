import type { EventEmitter } from 'node:events'
import { Exit } from '../base/exit.ts'
import { HttpError } from '../base/http-error.ts'
import { emitAsCurrent } from '../observe/current-request.ts'
import type { Request } from '../http/request.ts'
import { reportFailure } from '../observe/report-failure.ts'
import type { Service } from '../pipeline/service.ts'
import { checkHandshake, chooseProtocol, isOriginAllowed } from './web-socket-handshake.ts'
import type { WebSocketHandler, WebSocketOptions } from './web-socket-options.ts'

/** Nothing of WebSockets is loaded before a server that has some is started. */
export async function preloadWebSockets(): Promise<void> {
  await import('./web-socket-connection.ts')
}

/** The service of a WebSocket: it answers 101, unless somebody has answered before. */
export function createWebSocketService(handler: WebSocketHandler, options: WebSocketOptions): Service {
  return async (request) => {
    const { response } = request
    if (!response.isUntouched) return
    if (request.settings.isDraining()) return response.writeStatus(503)
    checkHandshake(request)
    if (!(await isOriginAllowed(request, options.origins ?? [])))
      throw new HttpError(403, 'This origin may not open a WebSocket here')
    const protocol = await chooseProtocol(request, options)
    const { openWebSocket } = await import('./web-socket-connection.ts')
    const report = (thrown: unknown) => reportUnlessExit(request, thrown)
    const { useAsyncLocalStorage } = request.settings
    const prepare = useAsyncLocalStorage ? (socket: EventEmitter) => emitAsCurrent(socket, request) : undefined
    const opening = { request, handler, options, prepare, report, protocol }
    response.switchProtocols((head) => openWebSocket({ ...opening, head }))
  }
}

/** Gives whether it was a failure, and no exit. */
function reportUnlessExit(request: Request, thrown: unknown): boolean {
  if (thrown instanceof Exit) return false
  reportFailure(request, thrown, 'A WebSocket failed', { path: request.path })
  return true
}

import { HttpError } from '../base/http-error.ts'
import type { Service } from './service.ts'
import { checkHandshake, chooseProtocol, isOriginAllowed } from './web-socket-handshake.ts'
import type { WebSocketHandler, WebSocketOptions } from './web-socket-options.ts'

/** Nothing of WebSockets is loaded before a server that has some is started. */
export async function preloadWebSockets(): Promise<void> {
  await import('./web-socket-connection.ts')
}

/** The service of a WebSocket: it answers 101, unless somebody has answered before. */
export function createWebSocketService(handler: WebSocketHandler, options: WebSocketOptions): Service {
  return async (request) => {
    const { response, server } = request
    if (!response.isUntouched) return
    if (server.state === 'stopped') throw new HttpError(503, 'Service Unavailable')
    checkHandshake(request)
    if (!(await isOriginAllowed(request, options.origins ?? [])))
      throw new HttpError(403, 'This origin may not open a WebSocket here')
    const protocol = await chooseProtocol(request, options)
    const { openWebSocket } = await import('./web-socket-connection.ts')
    response.switchProtocols((head) => openWebSocket({ request, handler, options, protocol, head }))
  }
}

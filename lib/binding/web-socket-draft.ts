import { RouteError } from '../base/errors.ts'
import { type WebSocketHandler, type WebSocketOptions, webSocketOptions } from '../websocket/web-socket-options.ts'
import { createWebSocketEndpoint } from '../websocket/web-socket-endpoint.ts'
import type { EndpointDraft } from './endpoint-draft.ts'

/** @throws RouteError for what isn't a function, and for an option that doesn't exist or is out of its range */
export function draftWebSocket(
  pattern: string,
  handler: WebSocketHandler,
  given: WebSocketOptions = {},
): EndpointDraft {
  if (typeof handler !== 'function')
    throw new RouteError(`the handler of the WebSocket must be a function, got ${typeof handler}`)
  const endpoint = createWebSocketEndpoint(handler, webSocketOptions.parse(given))
  return { pattern, type: 'websocket', name: handler.name || 'anonymous', endpoint }
}

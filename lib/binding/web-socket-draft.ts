import { RouteError } from '../base/errors.ts'
import { type WebSocketHandler, type WebSocketOptions, webSocketOptions } from '../websocket/web-socket-options.ts'
import { createWebSocketEndpoint } from '../websocket/web-socket-endpoint.ts'
import type { EndpointDraft } from './endpoint-draft.ts'

/** Drafts the endpoint of a WebSocket. @throws RouteError for anything but a function, and for a bad option */
export function draftWebSocket(
  pattern: string,
  handler: WebSocketHandler,
  given: WebSocketOptions = {},
): EndpointDraft {
  if (typeof handler !== 'function')
    throw new RouteError(`the handler of the WebSocket must be a function, got ${typeof handler}`, {
      failure: 'ERR_TRIBIND_ROUTE_HANDLER',
    })
  const endpoint = createWebSocketEndpoint(handler, webSocketOptions.parse(given))
  return { pattern, type: 'websocket', name: handler.name || 'anonymous', endpoint, subject: handler }
}

import { RouteError } from '../base/errors.ts'
import { type WebSocketHandler, type WebSocketOptions, webSocketOptions } from '../websocket/web-socket-options.ts'
import { createWebSocketEndpoint } from '../websocket/web-socket-endpoint.ts'
import type { ServiceDraft } from './service-draft.ts'

/** @throws RouteError for a handler that isn't a function, and for an option that doesn't exist or has a wrong value */
export function draftWebSocket(pattern: string, handler: WebSocketHandler, given: WebSocketOptions = {}): ServiceDraft {
  if (typeof handler !== 'function')
    throw new RouteError(`the handler of the WebSocket is no function, but ${typeof handler}`)
  const endpoint = createWebSocketEndpoint(handler, webSocketOptions.parse(given))
  return { pattern, type: 'websocket', name: handler.name || 'anonymous', endpoint }
}

import { RouteError } from '../base/errors.ts'
import { type WebSocketHandler, type WebSocketOptions, webSocketOptions } from '../websocket/web-socket-options.ts'
import {
  createUpgradeEndpoint,
  createWebSocketEndpoint,
  type UpgradeHandler,
} from '../websocket/web-socket-endpoint.ts'
import type { EndpointDraft } from './endpoint-draft.ts'

/** Drafts the endpoint of a WebSocket. @throws RouteError for anything but a function, and for a bad option */
export function draftWebSocket(
  pattern: string,
  handler: WebSocketHandler,
  given: WebSocketOptions = {},
): EndpointDraft {
  checkHandler(handler)
  const endpoint = createWebSocketEndpoint(handler, webSocketOptions.parse(given))
  return { pattern, type: 'websocket', name: handler.name || 'anonymous', endpoint, subject: handler }
}

/** Drafts the endpoint of WebSockets that a guest answers itself. @throws RouteError for anything but a function */
export function draftUpgrade(pattern: string, handler: UpgradeHandler): EndpointDraft {
  checkHandler(handler)
  const endpoint = createUpgradeEndpoint(handler)
  return { pattern, type: 'websocket', name: handler.name || 'anonymous', endpoint, subject: handler }
}

function checkHandler(handler: unknown): void {
  if (typeof handler === 'function') return
  throw new RouteError(`the handler of the WebSocket must be a function, got ${typeof handler}`, {
    failure: 'ERR_TRIBIND_ROUTE_HANDLER',
  })
}

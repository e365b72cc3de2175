import { RouteError } from '../base/errors.ts'
import { noSuchOption } from '../options/no-such-option.ts'
import type { Checks } from '../options/option-checks.ts'
import type { WebSocketHandler, WebSocketOptions } from '../websocket/web-socket-options.ts'
import { createWebSocketEndpoint } from '../websocket/web-socket-endpoint.ts'
import type { EndpointDraft } from './endpoint-draft.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const isText = (value: unknown) => typeof value === 'string'
const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText)

const checks: Checks<WebSocketOptions> = {
  maxPayload: [isCount(1, 2 ** 53), 'a whole number of bytes from 1'],
  maxBufferedBytes: [isCount(0, 2 ** 53), 'a whole number of bytes from 0'],
  protocols: [
    (value) => isTextList(value) && (value as string[]).every((name) => token.test(name)),
    'a list of names of protocols',
  ],
  handleProtocols: [(value) => typeof value === 'function', 'a function'],
  origins: [
    (value) =>
      value === '*' || typeof value === 'function' || (isTextList(value) && (value as string[]).every(isOrigin)),
    '"*", a list of origins such as https://app.example.com, or a function',
  ],
  heartbeatMs: [isCount(0, 2 ** 31 - 1), 'a whole number of milliseconds from 0'],
}

/** @throws RouteError for what isn't a function, and for an option that doesn't exist or is out of its range */
export function draftWebSocket(
  pattern: string,
  handler: WebSocketHandler,
  given: WebSocketOptions = {},
): EndpointDraft {
  if (typeof handler !== 'function')
    throw new RouteError(`the handler of the WebSocket must be a function, got ${typeof handler}`)
  const options = readOptions(given)
  const endpoint = createWebSocketEndpoint(handler, options)
  return { pattern, type: 'websocket', name: handler.name || 'anonymous', endpoint }
}

function readOptions(given: WebSocketOptions): WebSocketOptions {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  for (const [name, value] of entries) {
    if (!Object.hasOwn(checks, name)) throw new RouteError(`of a WebSocket ${noSuchOption(name, Object.keys(checks))}`)
    const [isValid, range] = checks[name as keyof WebSocketOptions]
    if (!isValid(value)) throw new RouteError(`the option "${name}" of a WebSocket is ${range}, not ${String(value)}`)
  }
  if (given.protocols !== undefined && given.handleProtocols !== undefined)
    throw new RouteError('a WebSocket has either protocols or handleProtocols')
  return Object.fromEntries(entries)
}

function isCount(min: number, max: number): (value: unknown) => boolean {
  return (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
}

function isOrigin(value: string): boolean {
  return value === 'null' || (URL.canParse(value) && new URL(value).origin === value)
}

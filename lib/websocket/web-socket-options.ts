import { RouteError } from '../base/errors.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { bytes, callback, integer, milliseconds } from '../options/option-kinds.ts'
import type { Request } from '../http/request.ts'
import { isToken } from '../net/token.ts'
import type { WebSocket } from './web-socket.ts'

/** Runs when a WebSocket is open; when it throws, or a listener on the socket does, the socket is closed with 1011. */
export type WebSocketHandler<Params extends object = Record<string, string>> = (
  socket: WebSocket,
  request: Request<Params>,
) => unknown

/** How the WebSockets of a pattern are opened and kept. */
export interface WebSocketOptions {
  /** Of one message, in bytes; a longer one closes the socket with 1009. Default 1 MiB. */
  maxPayload?: number
  /** How much may wait for a client that reads too slowly before it is cut, in bytes; one message more at most. Default 16 MiB. */
  maxBufferedBytes?: number
  /** The subprotocols there are; the first that the client offers and the list holds is taken. Default: none. */
  protocols?: readonly string[]
  /** Chooses among the subprotocols that the client offers; in place of `protocols`. */
  handleProtocols?: (offered: ReadonlySet<string>, request: Request) => string | false | Promise<string | false>
  /**
   * The pages that may open a socket, besides those of the host itself: origins such as `https://app.example.com`, `*`
   * for all, or a function. A client that names no origin is no browser, and may. Default: none besides.
   */
  origins?: '*' | readonly string[] | ((origin: string, request: Request) => boolean | Promise<boolean>)
  /** How often a client is pinged, in milliseconds; one that doesn't answer in that time is cut. 0 for never. Default 30,000. */
  heartbeatMs?: number
}

/** The options of WebSockets with their defaults. */
export type ReadWebSocketOptions = Complete<WebSocketOptions, 'protocols' | 'handleProtocols'>

/** The table of the options of `bindWebSocket`. */
export const webSocketOptions: OptionTable<WebSocketOptions, ReadWebSocketOptions> = defineOptions(
  {
    maxPayload: integer({ from: 1, unit: 'bytes' }, { default: 2 ** 20 }),
    maxBufferedBytes: bytes({ default: 2 ** 24 }),
    protocols: option((value) => isList(value, isToken), 'an array of names of protocols'),
    handleProtocols: callback(),
    origins: option(isOrigins, '"*", an array of origins such as "https://app.example.com", or a function', {
      default: [],
      defaultText: 'none besides the host itself',
    }),
    heartbeatMs: milliseconds(0, { default: 30_000 }),
  },
  { owner: 'bindWebSocket', error: RouteError, check: findConflict },
)

function findConflict({ protocols, handleProtocols }: WebSocketOptions): string | undefined {
  if (protocols === undefined || handleProtocols === undefined) return undefined
  return 'option "protocols" must not be given together with "handleProtocols"'
}

function isOrigins(value: unknown): boolean {
  return value === '*' || typeof value === 'function' || isList(value, isOrigin)
}

function isList(value: unknown, isItem: (text: string) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isItem(item))
}

function isOrigin(text: string): boolean {
  return text === 'null' || (URL.canParse(text) && new URL(text).origin === text)
}

import { parseHost } from '../net/host.ts'
import { isToken } from '../net/token.ts'
import { ConfigError } from '../base/errors.ts'
import { HttpError } from '../base/http-error.ts'
import type { Request } from '../http/request.ts'
import { printValue } from '../options/print-value.ts'
import type { ReadWebSocketOptions } from './web-socket-options.ts'

/**
 * Checks what a client says to open a WebSocket (RFC 6455, section 4.2.1).
 *
 * @throws HttpError 400; 426 for a version that this server doesn't speak
 */
export function checkHandshake({ method, headers, response }: Request): void {
  const version = headers['sec-websocket-version']
  if (method !== 'GET')
    throw new HttpError(400, 'A WebSocket is opened with GET', { failure: 'ERR_TRIBIND_WEB_SOCKET_HANDSHAKE' })
  // 16 bytes in base64.
  if (!/^[+/0-9A-Za-z]{21}[AQgw]==$/.test(headers['sec-websocket-key'] ?? ''))
    throw new HttpError(400, 'Sec-WebSocket-Key is missing or invalid', { failure: 'ERR_TRIBIND_WEB_SOCKET_HANDSHAKE' })
  if (version === '13') return
  response.setHeader('Sec-WebSocket-Version', '13')
  if (version !== undefined && /^\d{1,3}$/.test(version))
    throw new HttpError(426, 'The version of WebSocket is 13', { failure: 'ERR_TRIBIND_WEB_SOCKET_VERSION' })
  throw new HttpError(400, 'Sec-WebSocket-Version is missing or invalid', {
    failure: 'ERR_TRIBIND_WEB_SOCKET_HANDSHAKE',
  })
}

/**
 * Whether the page that opens the socket may: browsers send the cookies of this host whatever page asks them to.
 *
 * Without a list, it must be a page of the same host and port.
 */
export async function isOriginAllowed(request: Request, origins: ReadWebSocketOptions['origins']): Promise<boolean> {
  const origin = request.header('origin')
  if (origin === undefined || origins === '*') return true
  if (isOwnOrigin(origin, request)) return true
  return typeof origins === 'function' ? origins(origin, request) : origins.includes(origin.toLowerCase())
}

function isOwnOrigin(origin: string, request: Request): boolean {
  const field = request.header('host') ?? ''
  if (request.host === '' || !URL.canParse(origin)) return false
  const page = new URL(origin)
  if (page.protocol !== 'http:' && page.protocol !== 'https:') return false
  const asked = `${page.protocol}//${field}`
  if (URL.canParse(asked) && new URL(asked).host === page.host) return true
  // A proxy that is trusted has named another host, without its port.
  return request.host !== parseHost(field) && request.host === page.hostname
}

/** Returns the subprotocol to speak, if any. @throws HttpError 400 for a field that isn't a list of subprotocols */
export async function chooseProtocol(request: Request, options: ReadWebSocketOptions): Promise<string | undefined> {
  const field = request.header('sec-websocket-protocol')
  if (field === undefined) return undefined
  const names = field.split(',').map((name) => name.trim())
  const offered = new Set(names)
  if (offered.size < names.length || !names.every(isToken))
    throw new HttpError(400, 'Sec-WebSocket-Protocol must be a list of protocols', {
      failure: 'ERR_TRIBIND_WEB_SOCKET_HANDSHAKE',
    })
  const { protocols = [], handleProtocols } = options
  const chosen = await (handleProtocols?.(offered, request) ?? names.find((name) => protocols.includes(name)))
  if (chosen === undefined || chosen === false) return undefined
  if (!offered.has(chosen))
    throw new ConfigError(
      `option "handleProtocols" must return a subprotocol that the client offers, or false, got ${printValue(chosen)}`,
      { failure: 'ERR_TRIBIND_WEB_SOCKET_PROTOCOL' },
    )
  return chosen
}

import { httpMethods, isMethod, parseHost, suggestName } from '../../kit.ts'
import { UsageError } from '../command.ts'

/** A request as it was written. */
export interface AskedFor {
  readonly method: string
  /** In lower case, without port; empty where there is none. */
  readonly host: string
  readonly port: string | undefined
  /** That of the URL; of a path, `undefined`. */
  readonly scheme: 'http' | 'https' | undefined
  /** As it was written, without query. */
  readonly path: string
  /** With its question mark. */
  readonly query: string
  readonly asksForWebSocket: boolean
}

/**
 * Reads a request such as `GET https://shop.example/user/7`, `/user/7` or `wss://shop.example/chat`, in one argument or two. The path stays as
 * it is, which a `URL` wouldn't leave it.
 *
 * @throws UsageError
 */
export function readRequest(words: readonly string[]): AskedFor {
  const text = words.join(' ').trim()
  const parts = text.split(/\s+/)
  const [first = '', second] = parts
  if (text === '' || parts.length > 2) throw wrong(text === '' ? 'nothing' : `"${text}"`)
  const method = (second === undefined ? 'GET' : first).toUpperCase()
  const target = second ?? first
  if (!isMethod(method) || method === 'ALL')
    throw new UsageError(`match: there is no method "${method}"${suggestName(method, httpMethods)}`)
  const read = /^(?:(https?|wss?):\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?/i.exec(target)
  const [, scheme, authority = '', path = '', query = ''] = read ?? []
  if (scheme === undefined && !path.startsWith('/')) throw wrong(`"${target}"`)
  const host = parseHost(authority)
  if (host === undefined || (scheme !== undefined && host === ''))
    throw new UsageError('match: the URL must have a host name or an address, such as https://shop.example/user/7')
  const asksForWebSocket = scheme?.toLowerCase().startsWith('ws') === true
  if (asksForWebSocket && method !== 'GET')
    throw new UsageError(`match: a WebSocket is opened by GET, not by ${method}`)
  return {
    method,
    host,
    port: /:(\d+)$/.exec(authority)?.[1],
    scheme: scheme === undefined ? undefined : /^(?:https|wss)$/i.test(scheme) ? 'https' : 'http',
    path: path === '' ? '/' : path,
    query,
    asksForWebSocket,
  }
}

function wrong(got: string): UsageError {
  return new UsageError(
    `match: the request must be a path or a URL, with or without a method before it, such as 'GET https://shop.example/user/7'; got ${got}`,
  )
}

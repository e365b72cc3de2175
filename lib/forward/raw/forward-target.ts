import type { IncomingMessage } from 'node:http'
import { parseAuthority, type TargetHost } from './target-host.ts'

/** What a request to a proxy asks for. */
export interface ForwardTarget {
  readonly host: TargetHost
  /** As the target is to be asked: host, and port unless that is 80. */
  readonly authority: string
  /** Path and query, as they were written. */
  readonly path: string
}

/**
 * Returns what an absolute URL asks for (RFC 9112, section 3.2.2); `undefined` for anything else, as a path alone: a proxy is no
 * server of its own, and TLS is for CONNECT.
 */
export function parseForwardTarget({ method, url = '' }: IncomingMessage): ForwardTarget | undefined {
  const [, authority = '', rest = ''] = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(url) ?? []
  const host = parseAuthority(authority, 80)
  if (host === undefined) return undefined
  return { host, authority, path: pathOf(rest, method) }
}

function pathOf(rest: string, method: string | undefined): string {
  // RFC 9112, section 3.2.4.
  if (rest === '') return method === 'OPTIONS' ? '*' : '/'
  return rest.startsWith('?') ? `/${rest}` : rest
}

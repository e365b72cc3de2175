import { parseHost } from './host.ts'

/** The parts of a request target (RFC 9112, section 3.2), none of them decoded. */
export interface RequestTarget {
  readonly path: string
  /** What follows the `?`, `''` where there is none. */
  readonly query: string
  /** Only of the absolute form, `http://host/path`; it counts instead of the Host field. `undefined` for a bad one. */
  readonly host?: string | undefined
}

const absoluteForm = /^https?:\/\/([^/?]*)([^?]*)/i

/** Reads a target in any of its forms. */
export function parseTarget(url: string): RequestTarget {
  const mark = url.indexOf('?')
  const beforeQuery = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? '' : url.slice(mark + 1)
  if (beforeQuery.startsWith('/')) return { path: beforeQuery, query }
  const [, authority, path] = absoluteForm.exec(beforeQuery) ?? []
  if (authority) return { path: path || '/', query, host: parseHost(authority) }
  // Another scheme, or no authority: not a form that a server serves.
  return beforeQuery.includes('://') ? { path: beforeQuery, query, host: undefined } : { path: beforeQuery, query }
}

/**
 * Whether the target of a CONNECT request is one: `host:port` (RFC 9112, section 3.2.3), or a path, as the routes of
 * this method have one.
 */
export function isConnectTarget(target: string): boolean {
  if (target.startsWith('/')) return true
  return /:\d+$/.test(target) && !target.endsWith(':0') && parseHost(target) !== undefined
}

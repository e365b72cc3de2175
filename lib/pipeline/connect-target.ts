import { parseHost } from '../net/host.ts'

/**
 * Whether the target of a CONNECT request is one: `host:port` (RFC 9112, section 3.2.3), or a path, as the routes of
 * this method have one.
 */
export function isConnectTarget(target: string): boolean {
  if (target.startsWith('/')) return true
  return /:\d+$/.test(target) && !target.endsWith(':0') && parseHost(target) !== undefined
}

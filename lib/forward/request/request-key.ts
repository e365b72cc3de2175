import type { Request } from '../../index.ts'
import type { RequestCore } from '../../kit.ts'
import type { RequestKey } from '../selector/selector-options.ts'

/** Returns what a request is told by; its address where it has no such field or cookie. */
export function readKey(key: RequestKey, core: RequestCore, request: Request): string {
  if (typeof key === 'function') return String(key(request))
  if (key === 'path') return core.path
  if (key === 'host') return core.host
  const name = key.slice(key.indexOf(':') + 1)
  if (key.startsWith('header:')) return core.header(name) || core.ip
  if (key.startsWith('cookie:')) return core.cookie.get(name) || core.ip
  return core.ip
}

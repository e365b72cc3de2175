import { option, type Option, type PresenceOf, type About } from '../options/option.ts'
import type { RequestCore } from './request-core.ts'
import type { Request } from './request.ts'

/** What requests are told apart by: a text, or a function that returns one. */
export type RequestKey =
  'ip' | 'path' | 'host' | `header:${string}` | `cookie:${string}` | ((request: Request) => string)

/** Declares an option that says what requests are told apart by. */
export function requestKey<const A extends About<RequestKey> = About<RequestKey>>(
  about?: A,
): Option<RequestKey, PresenceOf<A>> {
  const words = '"ip", "path", "host", "header:NAME", "cookie:NAME" or a function of the request'
  return {
    ...option<RequestKey, A>(isRequestKey, words, about),
    json: () => ({ type: 'string', pattern: keyText.source }),
  }
}

const keyText = /^(?:ip|path|host|(?:header|cookie):[!#$%&'*+.^_`|~\w-]+)$/

export function isRequestKey(value: unknown): value is RequestKey {
  return typeof value === 'function' || (typeof value === 'string' && keyText.test(value))
}

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

import { type About, type JsonSchema, type Option, option, type PresenceOf } from '../options/option.ts'
import type { RequestCore } from './request-core.ts'
import type { Request } from './request.ts'

/** What requests are told apart by: a text, or a function that returns one. */
export type RequestKey =
  'ip' | 'path' | 'host' | `header:${string}` | `cookie:${string}` | ((request: Request) => string)

const keyText = /^(?:ip|path|host|(?:header|cookie):[!#$%&'*+.^_`|~\w-]+)$/

/** What a key may be, in the words that follow "must be" in a message. */
export const keyWords = '"ip", "path", "host", "header:NAME", "cookie:NAME" or a function of the request'

/** The schema of a key as data can set it. */
export const keySchema: JsonSchema = { type: 'string', pattern: keyText.source }

/** Declares an option that says what requests are told apart by. */
export function requestKey<const A extends About<RequestKey> = About<RequestKey>>(
  about?: A,
): Option<RequestKey, PresenceOf<A>> {
  return { ...option<RequestKey, A>(isRequestKey, keyWords, about), json: () => keySchema }
}

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

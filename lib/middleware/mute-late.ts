import { Readable } from 'node:stream'
import { Cookie } from '../http/cookies/cookie.ts'
import type { Request } from '../http/request.ts'
import { Response } from '../http/response.ts'

type Callable = (...args: unknown[]) => unknown

/** What changes nothing. */
const readers = new Set(['constructor', 'header', 'buffer', 'get', 'all'])

/**
 * Makes a response and its cookies deaf to those who come too late; all others write on.
 *
 * Both hold the same objects, so it is on each call that they are told apart.
 */
export function muteLate(request: Request, isLate: () => boolean): void {
  mute(request.response, Response.prototype, isLate)
  mute(request.cookie, Cookie.prototype, isLate)
  const exitAll = request.exitAll.bind(request)
  // It still leaves, but only the function.
  request.exitAll = () => (isLate() ? request.exit() : exitAll())
}

function mute(target: object, prototype: object, isLate: () => boolean): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (readers.has(name)) continue
    if (typeof descriptor.value === 'function') {
      const method = descriptor.value as Callable
      const value = (...args: unknown[]) => (isLate() ? discard(args) : Reflect.apply(method, target, args))
      Object.defineProperty(target, name, { value, configurable: true })
    } else if (descriptor.set !== undefined) {
      const get = () => Reflect.get(prototype, name, target) as unknown
      const set = (value: unknown) => isLate() || Reflect.set(prototype, name, value, target)
      Object.defineProperty(target, name, { get, set, configurable: true })
    }
  }
}

/** Gives back what a source that nobody will read holds. */
function discard(args: readonly unknown[]): void {
  for (const arg of args) if (arg instanceof Readable) arg.on('error', () => {}).destroy()
}

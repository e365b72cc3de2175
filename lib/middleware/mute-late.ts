import { Readable } from 'node:stream'
import { Cookie } from '../http/cookies/cookie.ts'
import { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { ResponseCore } from '../http/response-core.ts'

type Callable = (...args: unknown[]) => unknown

/** What changes nothing. */
const readers = new Set(['constructor', 'content', 'get', 'all'])

/**
 * Makes a response and its cookies deaf to those who come too late; all others write on.
 *
 * Both hold the same objects, so it is on each call that they are told apart.
 */
export function muteLate(request: Request, isLate: () => boolean): void {
  const core = coreOf(request)
  mute(core.response, ResponseCore.prototype, isLate)
  mute(core.cookie, Cookie.prototype, isLate)
  // `exitAll` still leaves, but only the function it is called in.
  mute(core, RequestCore.prototype, isLate, ['exitAll'])
}

function mute(target: object, prototype: object, isLate: () => boolean, only?: readonly string[]): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (readers.has(name) || only?.includes(name) === false) continue
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

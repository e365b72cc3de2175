import { RouteError } from '../base/errors.ts'
import { registrationCall } from './origin.ts'

type Call = (this: unknown, ...given: unknown[]) => unknown

/**
 * Makes registration calls throw for more arguments than they declare, and known to what they bind. JavaScript would drop
 * the arguments silently: of `get('/x', guard, handler)`, the handler.
 *
 * @param prototype of a class; all its methods are wrapped
 * @param variadic the methods that take any number of arguments
 */
export function refuseExtraArguments(prototype: object, variadic: readonly string[] = []): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const call = descriptor.value as Call
    if (name === 'constructor') continue
    const checked: Call = function (...given) {
      if (!variadic.includes(name)) checkCount(name, call.length, given)
      const outer = registrationCall.set(checked)
      try {
        return call.apply(this, given)
      } finally {
        registrationCall.set(outer)
      }
    }
    Object.defineProperty(prototype, name, { ...descriptor, value: checked })
  }
}

function checkCount(call: string, count: number, given: readonly unknown[]): void {
  const extra = given.slice(count).filter((value) => value !== undefined)
  if (extra.length === 0) return
  const [first] = given
  const place = typeof first === 'string' ? `${call}("${first}")` : call
  const advice = extra.some((value) => typeof value === 'function') ? '; bind a guard with bindMiddleware or use' : ''
  throw new RouteError(
    `${place} takes ${count} argument${count === 1 ? '' : 's'} at most, got ${given.length}${advice}`,
    { failure: 'ERR_TRIBIND_ROUTE_ARGUMENTS' },
  )
}

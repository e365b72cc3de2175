import type { Middleware } from '../pipeline/exchange.ts'

/**
 * Returns a middleware under a name, which `server.routes()` and stacks show.
 *
 * Its own would not do where a function of that name returns it: there, bundlers make `cors2` of `cors`.
 */
export function named(name: string, middleware: Middleware): Middleware {
  return Object.defineProperty(middleware, 'name', { value: name })
}

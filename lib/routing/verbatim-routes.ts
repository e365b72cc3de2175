import { isVerbatim } from '../net/path.ts'
import type { Route } from './route.ts'

/**
 * Routes without parameters, by the path as it comes on the wire. Most requests are found here, by one look-up, before
 * anything of their path is split or decoded.
 */
export class VerbatimRoutes<T> {
  readonly #byPath = new Map<string, T>()
  /** Whether a path of that length is among them: to look up one from a socket costs its hash, 40 ns. */
  readonly #hasLength: boolean[] = []

  /** @param routes the first has precedence over the second … */
  constructor(routes: readonly { readonly route: Route; readonly value: T }[]) {
    for (const { route, value } of routes) {
      if (route.parameters > 0 || !isVerbatim(route.text) || this.#byPath.has(route.text)) continue
      this.#byPath.set(route.text, value)
      while (this.#hasLength.length <= route.text.length) this.#hasLength.push(false)
      this.#hasLength[route.text.length] = true
    }
  }

  find(path: string): T | undefined {
    return path.length < this.#hasLength.length && this.#hasLength[path.length] ? this.#byPath.get(path) : undefined
  }
}

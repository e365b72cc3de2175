import type { Application, Handler } from '../../index.ts'
import { beforeServing, checkServer, type Endpoint, takesUpgrades } from '../../kit.ts'

/** Marks a handler that serves by what the `*` at the end of a pattern took. */
export const needsRest: unique symbol = Symbol('needsRest')

const wholePath: unique symbol = Symbol('wholePath')

/** Marks a handler that serves by the rest of a path with the one that serves by a whole path, where no pattern says what the rest is. */
export function serveByRest(handler: Handler, byWholePath: Handler): Handler {
  return Object.assign(handler, { [needsRest]: true as const, [wholePath]: byWholePath })
}

/** Returns the handler that serves by a whole path; the handler itself where it doesn't serve by a rest. */
export function wholePathOf(handler: Handler): Handler {
  return (handler as { readonly [wholePath]?: Handler })[wholePath] ?? handler
}

/** Marks a handler that passes requests on to others as what these are, as far as that is known before a request comes. */
export function compose(handler: Handler, others: readonly Handler[]): Handler {
  const endpoints = others as readonly Endpoint[]
  return Object.assign(
    handler,
    {
      [checkServer]: (server: Application) => {
        for (const endpoint of endpoints) endpoint[checkServer]?.(server)
      },
      [beforeServing]: (server: Application) =>
        Promise.all(endpoints.map((endpoint) => endpoint[beforeServing]?.(server))),
    },
    endpoints.some((endpoint) => endpoint[takesUpgrades] === true) && { [takesUpgrades]: true as const },
    endpoints.some((endpoint) => needsRest in endpoint) && { [needsRest]: true as const },
  )
}

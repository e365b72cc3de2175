import type { Application, Handler } from '../../index.ts'
import { beforeServing, checkServer, type Endpoint, takesUpgrades } from '../../kit.ts'

/** Marks a handler that serves by what the `*` at the end of a pattern took. */
export const needsRest: unique symbol = Symbol('needsRest')

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

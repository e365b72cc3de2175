import type { Application, Handler } from '../../index.ts'
import { checkServer, type Endpoint, takesUpgrades } from '../../kit.ts'

/** Marks a handler that serves by what the `*` at the end of a pattern took. */
export const needsRest: unique symbol = Symbol('needsRest')

/** Marks a handler that passes requests on to others as what these are: as far as that is known before a request comes. */
export function compose(handler: Handler, others: readonly Handler[]): Handler {
  const endpoints = others as readonly Endpoint[]
  const marks = {
    [checkServer]: (server: Application) => {
      for (const endpoint of endpoints) endpoint[checkServer]?.(server)
    },
  }
  const takesThem = endpoints.some((endpoint) => endpoint[takesUpgrades] === true)
  const isBelow = others.some((other) => needsRest in other)
  return Object.assign(
    handler,
    marks,
    takesThem && { [takesUpgrades]: true as const },
    isBelow && { [needsRest]: true as const },
  )
}

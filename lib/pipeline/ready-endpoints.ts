import { isPromise } from '../base/in-turn.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import type { Application } from '../http/application.ts'
import { beforeServing, checkServer, type Endpoint } from './exchange.ts'

/** Lets endpoints say what they have against serving at a server. @throws what one of them throws */
export function checkEndpoints(endpoints: readonly Endpoint[], server: Application): void {
  for (const endpoint of endpoints) endpoint[checkServer]?.(server)
}

/**
 * Lets endpoints do what they do before they serve at a server. Returns `undefined` where nothing is to be awaited.
 *
 * @throws the reason of the signal, without waiting further
 */
export function readyEndpoints(
  endpoints: readonly Endpoint[],
  server: Application,
  signal: AbortSignal,
): Promise<unknown> | undefined {
  const pending = endpoints.map((endpoint) => endpoint[beforeServing]?.(server)).filter(isPromise)
  return pending.length === 0 ? undefined : unlessAborted(signal, Promise.all(pending))
}

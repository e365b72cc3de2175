import type { RouteInfo } from '../../http/application.ts'
import type { LayerListing } from '../../layers/layer-listing.ts'
import type { Logger } from '../../log/logger.ts'
import type { ReadEntryPointOptions } from '../entry-point-options.ts'
import { serverHandlerOf, serviceOf } from './handler-option.ts'

/** What acts on the requests of a handler all the same. */
const interceptors: ReadonlySet<RouteInfo['type']> = new Set(['hook', 'middleware', 'status'])

/** Logs what was set or bound for an entry point and has no effect, because of its handler. */
export function warnOfIdle(
  entryPoint: string,
  { handler, idleLimits = [] }: ReadEntryPointOptions,
  { logger, layers }: { readonly logger: Logger; readonly layers: { readonly listing: Pick<LayerListing, 'routes'> } },
): void {
  if (handler === undefined || serverHandlerOf(handler) !== undefined) return
  for (const name of idleLimits)
    logger.warn(`Option "entryPoints.${entryPoint}.${name}" has no effect beside "handler"`, { entryPoint })
  const isIdle = ({ type }: RouteInfo) => serviceOf(handler) !== undefined || !interceptors.has(type)
  const count = layers.listing.routes().filter((route) => route.entryPoint === entryPoint && isIdle(route)).length
  if (count === 0) return
  const message = `What is bound on entry point "${entryPoint}" doesn't serve, since it has a handler`
  logger.warn(message, { entryPoint, count })
}

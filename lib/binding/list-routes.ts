import type { RouteInfo } from '../http/application.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import type { Registered, RegisteredBindings, RegisteredInterceptor } from './registry.ts'

/** Lists routes in matching order, then WebSockets, static folders, hooks and status handlers in theirs, then middleware. */
export function listRoutes({ routes, webSockets, statics, interceptors }: RegisteredBindings): RouteInfo[] {
  const isMiddleware = ({ value }: Bound<RegisteredInterceptor>) => value.stage === 'middleware'
  const hooks = interceptors.filter((bound) => !isMiddleware(bound))
  return [
    ...describe(routes.toSorted(compareBound)),
    ...describe(webSockets.toSorted(compareBound)),
    ...describe(statics.toSorted(compareBound)),
    ...describe(hooks.toSorted(compareBound), ({ value }) => ({ hook: String(value.stage) })),
    ...describe(interceptors.filter(isMiddleware)),
  ]
}

function describe<T extends Registered>(
  bounds: readonly Bound<T>[],
  more: (bound: Bound<T>) => Pick<RouteInfo, 'hook'> = () => ({}),
): RouteInfo[] {
  return bounds.map((bound, i) => {
    const { method, route, domain, value } = bound
    const { type, name } = value
    return { method, route: route.text, domain, type, name, ...more(bound), priority: bounds.length - i }
  })
}

import type { RouteInfo } from '../http/application.ts'
import type { Registered, RegisteredInterceptor, Registry } from '../binding/registry.ts'
import { type Bound, compareBound } from '../routing/bound.ts'

/** What is registered: routes in matching order, then WebSockets, static folders, hooks and status handlers in theirs, then middleware. */
export function listRoutes({ routes, webSockets, statics, interceptors }: Registry): RouteInfo[] {
  const isMiddleware = ({ value }: Bound<RegisteredInterceptor>) => value.stage === 'middleware'
  const hooks = interceptors.filter((bound) => !isMiddleware(bound)).sort(compareBound)
  return [
    ...describe(routes.sort(compareBound)),
    ...describe(webSockets.sort(compareBound)),
    ...describe(statics.sort(compareBound)),
    ...describe(hooks, ({ value }) => ({ hook: String(value.stage) })),
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

import type { Part } from './part.ts'
import type { ReadRoute } from './route-table.ts'

/** The kinds of services that never answer as if they weren't there. */
const alwaysThere: ReadonlySet<string | undefined> = new Set(['text', 'json', 'redirect', 'static'])

/** Notes a `retry` on a route whose service can't fail in the way that it is for. */
export function warnOfRetry(route: Part): void {
  const { service: reference, middlewares = [] } = route.read as Partial<ReadRoute>
  const service = reference && route.targets.get(reference)
  if (service === undefined || route.isBroken || !leavesOf(service).every(({ kind }) => alwaysThere.has(kind?.name)))
    return
  for (const [i, middleware] of middlewares.entries()) {
    const target = route.targets.get(middleware)
    if (target === undefined || !leavesOf(target).some(({ kind }) => kind?.name === 'retry')) continue
    route.warnings.push({
      path: `${route.place.path}.middlewares.${i}`,
      message: 'has no effect: "retry" tries again what answered 502, 503 or 504, which this service never does',
    })
  }
}

/** Lists the parts that a service or a chain leads to in the end. */
function leavesOf(part: Part): Part[] {
  const isLeaf = part.targets.size === 0 || part.kind?.name === 'errorPages'
  return isLeaf ? [part] : [...part.targets.values()].flatMap(leavesOf)
}

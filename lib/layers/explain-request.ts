import { describeBound } from '../binding/list-routes.ts'
import type { Registered, RegisteredEndpoint, RegisteredInterceptor } from '../binding/registry.ts'
import type { RouteInfo } from '../http/application.ts'
import type { Dispatcher } from '../pipeline/dispatcher.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { ANY_DOMAIN, isWithin } from '../routing/domain.ts'
import { explainOrder, type OrderCriterion } from '../routing/explain-order.ts'
import { matchesRoute } from '../routing/match-route.ts'
import { HEAD_AS_GET, methodGroups } from '../routing/method-groups.ts'
import type { Target } from '../routing/target.ts'

/** Something that is bound, as the list of routes describes it, and where it was bound. */
export type ExplainedBinding = Omit<RouteInfo, 'priority'> & { readonly origin: string }

/** A route that matches a request and doesn't serve it. */
export type StandsBehind = ExplainedBinding & {
  /** What decides; `type` where folders and WebSockets come after all routes. */
  readonly by: OrderCriterion | 'type' | 'strictDomains'
  readonly why: string
}

/** What would become of a request. */
export interface ExplainedRequest {
  /** The version of the server that says so. */
  readonly version: number
  /** What serves it; `undefined` where nothing does. A folder serves if it has the file. */
  readonly served: (ExplainedBinding & { readonly params: Readonly<Record<string, string>> }) | undefined
  /** Where nothing serves it: 404, 405 or 426. */
  readonly status: number | undefined
  readonly allowedMethods: readonly string[]
  /** What matches it, too, in the order in which it would serve. */
  readonly others: readonly StandsBehind[]
  /** Hooks and status handlers, in the order in which they run. */
  readonly hooks: readonly ExplainedBinding[]
  /** The outermost first. */
  readonly middleware: readonly ExplainedBinding[]
}

type BoundRoute = Bound<RegisteredEndpoint>

/** Explains by the dispatcher in use what would become of a request. */
export function explainRequest(dispatcher: Dispatcher, target: Target, strictDomains: boolean): ExplainedRequest {
  const { served, status, allowedMethods, passed, bounds } = dispatcher.explain(target)
  const first = served as BoundRoute | undefined
  const matching = (bounds as readonly BoundRoute[]).filter((bound) => matches(bound, target))
  const others = matching
    .filter((bound) => bound !== first)
    .sort((a, b) => rank(a, target) - rank(b, target) || compareBound(a, b))
  const passes = (passed as readonly Bound<RegisteredInterceptor>[]).map((bound) => ({
    isMiddleware: bound.value.stage === 'middleware',
    binding: describe(bound),
  }))
  return {
    version: dispatcher.version,
    served: first && { ...describe(first), params: first.value.reader.read(target) },
    status,
    allowedMethods,
    others: others.map((bound) => ({ ...describe(bound), ...explain(first, bound, { target, strictDomains }) })),
    hooks: passes.flatMap(({ isMiddleware, binding }) => (isMiddleware ? [] : binding)),
    middleware: passes.flatMap(({ isMiddleware, binding }) => (isMiddleware ? binding : [])),
  }
}

function matches({ method, route, domain, value }: BoundRoute, target: Target): boolean {
  const asked = value.type === 'websocket' ? 'GET' : target.method === 'HEAD' ? HEAD_AS_GET : target.method
  const methods = methodGroups.get(asked) ?? ['ALL']
  return methods.includes(method) && isWithin(target.host, domain) && matchesRoute(route, target.segments ?? [])
}

/** Routes serve before folders; for HEAD, those of HEAD and of all methods before those of GET. WebSockets serve no such request. */
function rank({ method, value: { type } }: BoundRoute, { method: asked }: Target): number {
  if (type === 'websocket') return 4
  return (type === 'static' ? 2 : 0) + Number(asked === 'HEAD' && method === 'GET')
}

function explain(
  first: BoundRoute | undefined,
  behind: BoundRoute,
  { target, strictDomains }: { readonly target: Target; readonly strictDomains: boolean },
): Pick<StandsBehind, 'by' | 'why'> {
  if (behind.value.type === 'websocket') return { by: 'type', why: 'serves requests to upgrade to a WebSocket alone' }
  if (strictDomains && behind.domain === ANY_DOMAIN && first?.domain !== ANY_DOMAIN)
    return { by: 'strictDomains', why: `is bound to every host, and "${target.host}" has routes of its own` }
  if (first === undefined) throw new RangeError(`${behind.method}:${behind.route.text} matches, and doesn't serve`)
  if (first.value.type !== 'static' && behind.value.type === 'static')
    return { by: 'type', why: 'is a folder, which serves what no route matches' }
  if (rank(behind, target) > rank(first, target))
    return { by: 'method', why: `is bound to GET, and the other to ${first.method}, which goes before it for HEAD` }
  return explainOrder(first, behind)
}

function describe(bound: Bound<Registered>): ExplainedBinding {
  return { ...describeBound(bound), origin: bound.value.origin.toString() }
}

import { describeBound } from '../binding/list-routes.ts'
import type { Registered, RegisteredEndpoint, RegisteredInterceptor } from '../binding/registry.ts'
import type { RouteInfo } from '../http/application.ts'
import type { Dispatcher } from '../pipeline/dispatcher.ts'
import { events } from '../pipeline/event.ts'
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

/** The same, with what serves: what an application bound isn't for JSON. */
export interface ExplainedEndpoint {
  readonly explained: ExplainedRequest
  readonly endpoint: RegisteredEndpoint | undefined
}

/** A request that is explained. */
export interface Asked extends Target {
  /** Whether it asks to upgrade to a WebSocket. Default false. */
  readonly asksForWebSocket?: boolean
}

type BoundRoute = Bound<RegisteredEndpoint>

/** Explains by the dispatcher in use what would become of a request. */
export function explainRequest(dispatcher: Dispatcher, asked: Asked, strictDomains: boolean): ExplainedEndpoint {
  const { served, status, allowedMethods, passed, bounds } = dispatcher.explain(asked, asked.asksForWebSocket)
  const first = served as BoundRoute | undefined
  const matching = (bounds as readonly BoundRoute[]).filter((bound) => matches(bound, asked))
  const others = matching
    .filter((bound) => bound !== first)
    .sort((a, b) => rank(a, asked) - rank(b, asked) || compareBound(a, b))
  const interceptors = passed as readonly Bound<RegisteredInterceptor>[]
  const explained = {
    version: dispatcher.version,
    served: first && { ...describe(first), params: first.value.reader.read(asked) },
    status,
    allowedMethods,
    others: others.map((bound) => ({ ...describe(bound), ...explain(first, bound, { target: asked, strictDomains }) })),
    hooks: interceptors
      .filter(({ value }) => value.stage !== 'middleware')
      .sort((a, b) => compareStages(a.value, b.value))
      .map(describe),
    middleware: interceptors.filter(({ value }) => value.stage === 'middleware').map(describe),
  }
  return { explained, endpoint: first?.value }
}

const places: ReadonlyMap<RegisteredInterceptor['stage'], number> = new Map(events.map((event, i) => [event, i]))

/** Compares by the order in which hooks run. Status handlers come after all hooks, since it depends on the response whether they run. */
export function compareStages(a: RegisteredInterceptor, b: RegisteredInterceptor): number {
  return (places.get(a.stage) ?? places.size) - (places.get(b.stage) ?? places.size)
}

function matches({ method, route, domain, value }: BoundRoute, target: Target): boolean {
  const asked = value.type === 'websocket' ? 'GET' : target.method === 'HEAD' ? HEAD_AS_GET : target.method
  const methods = methodGroups.get(asked) ?? ['ALL']
  return methods.includes(method) && isWithin(target.host, domain) && matchesRoute(route, target.segments ?? [])
}

/**
 * Routes serve before folders; for HEAD, those of HEAD and of all methods before those of GET. WebSockets serve no such request, but
 * before all others those that ask for one.
 */
function rank({ method, value: { type } }: BoundRoute, { method: asked, asksForWebSocket = false }: Asked): number {
  if (type === 'websocket') return asksForWebSocket ? -1 : 4
  return (type === 'static' ? 2 : 0) + Number(asked === 'HEAD' && method === 'GET')
}

function explain(
  first: BoundRoute | undefined,
  behind: BoundRoute,
  { target, strictDomains }: { readonly target: Asked; readonly strictDomains: boolean },
): Pick<StandsBehind, 'by' | 'why'> {
  if (behind.value.type === 'websocket' && !target.asksForWebSocket)
    return { by: 'type', why: 'serves requests to upgrade to a WebSocket alone' }
  if (strictDomains && behind.domain === ANY_DOMAIN && first?.domain !== ANY_DOMAIN)
    return { by: 'strictDomains', why: `is bound to every host, and "${target.host}" has routes of its own` }
  const isForWebSockets = target.asksForWebSocket && (first === undefined || first.value.type === 'websocket')
  if (isForWebSockets && behind.value.type !== 'websocket')
    return { by: 'type', why: 'serves no requests to upgrade to a WebSocket' }
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

import type { Method } from '../net/methods.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { Bound } from '../routing/bound.ts'
import { bothCover, coverDomain, coverRoute, type Coverage } from '../routing/coverage.ts'
import { isWithin } from '../routing/domain.ts'
import { matchesRoute } from '../routing/match-route.ts'
import { type Event } from './event.ts'
import type { Interceptor, Plan, Served } from './exchange.ts'
import { chooseSteps, type PlanParts } from './pipeline.ts'

/** A route as it is bound, with the groups it is bound in. */
export interface BoundEndpoint extends Served {
  readonly groups: readonly object[]
}

/** An interceptor that passes requests of a route: all of them, or those whose host and path it matches. */
interface Candidate {
  readonly bound: Bound<Interceptor>
  readonly isCertain: boolean
}

/** Plans for the requests of one route and a group of methods. */
export interface Planner {
  /** That of all its requests, once the first has come; `undefined` where their hosts or paths decide. */
  plan: Plan | undefined
  planFor(request: RequestCore): Plan
}

/**
 * Decides which interceptors pass the requests of a route; what depends on their host or path is left to each request.
 *
 * @param interceptors sorted as hooks run, most specific first
 * @param place where requests come from: a route and its domain, or every path and host for those no route serves
 */
export function createPlanner(
  served: BoundEndpoint | undefined,
  place: Pick<Bound<unknown>, 'route' | 'domain'>,
  methods: readonly Method[],
  interceptors: readonly Bound<Interceptor>[],
  hasSessions: boolean,
): Planner {
  const candidates: Candidate[] = []
  for (const bound of interceptors) {
    const coverage = methods.includes(bound.method) ? cover(bound, place, served) : 'never'
    if (coverage !== 'never') candidates.push({ bound, isCertain: coverage === 'always' })
  }
  const certain = candidates.filter((candidate) => candidate.isCertain)
  // Made for the first request: of many routes, most are seldom asked for.
  const createUsual = () => createPlan(served, certain, hasSessions)
  if (certain.length === candidates.length) {
    const planner: Planner = { plan: undefined, planFor: () => (planner.plan = createUsual()) }
    return planner
  }
  let usual: Plan | undefined
  return {
    plan: undefined,
    planFor(request) {
      const passed = candidates.filter(({ bound, isCertain }) => isCertain || matches(bound, request))
      if (passed.length > certain.length) return createPlan(served, passed, hasSessions)
      return (usual ??= createUsual())
    },
  }
}

function cover(
  { route, domain, value }: Bound<Interceptor>,
  place: Pick<Bound<unknown>, 'route' | 'domain'>,
  served: BoundEndpoint | undefined,
): Coverage {
  if (value.group !== undefined) return served?.groups.includes(value.group) ? 'always' : 'never'
  return bothCover(coverDomain(domain, place.domain), coverRoute(route, place.route))
}

function matches({ route, domain }: Bound<Interceptor>, request: RequestCore): boolean {
  return isWithin(request.host, domain) && matchesRoute(route, request.segments ?? [])
}

function createPlan(served: Served | undefined, candidates: readonly Candidate[], hasSessions: boolean): Plan {
  const hooks: Partial<Record<Event, Interceptor[]>> = {}
  const statusHandlers = new Map<number, Interceptor[]>()
  const middleware: Bound<Interceptor>[] = []
  // A pattern with lists of methods or domains is bound several times, but runs once.
  const seen = new Set<Interceptor>()
  for (const { bound } of candidates) {
    const { value } = bound
    if (seen.has(value)) continue
    seen.add(value)
    if (value.stage === 'middleware') middleware.push(bound)
    else if (typeof value.stage === 'number') {
      const handlers = statusHandlers.get(value.stage) ?? []
      statusHandlers.set(value.stage, handlers)
      handlers.push(value)
    } else (hooks[value.stage] ??= []).push(value)
  }
  middleware.sort((a, b) => a.order - b.order)
  return completePlan({
    served,
    hooks,
    statusHandlers,
    middleware: middleware.map((bound) => bound.value),
    hasSessions,
  })
}

/** The plan for a request that can't be read: its status handlers are all that sees it. */
export function withoutHooks({ statusHandlers }: Plan): Plan {
  return completePlan({ served: undefined, hooks: {}, statusHandlers, middleware: [], hasSessions: false })
}

function completePlan(parts: PlanParts): Plan {
  const { served, middleware, statusHandlers, hooks } = parts
  const { BeforeClose: beforeClose = [], AfterClose: afterClose = [] } = hooks
  const hasCloseHooks = beforeClose.length + afterClose.length > 0
  return { served, middleware, statusHandlers, beforeClose, afterClose, hasCloseHooks, steps: chooseSteps(parts) }
}

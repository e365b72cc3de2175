import type { Method } from '../net/methods.ts'
import type { RequestCore, ServedRoute } from '../http/request-core.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { bothCover, coverDomain, coverRoute, type Coverage } from '../routing/coverage.ts'
import { ANY_DOMAIN, isWithin } from '../routing/domain.ts'
import { matchesRoute } from '../routing/match-route.ts'
import { HEAD_AS_GET, MethodGroups } from '../routing/method-groups.ts'
import { parseRoute } from '../routing/route.ts'
import type { MapResult, ResultMapper } from '../declare/results.ts'
import { type Event } from './event.ts'
import { type Endpoint, type Interceptor, type MapError, type Plan, takesUpgrades } from './exchange.ts'
import { mapEndpoint } from './method-call.ts'
import { chooseSteps } from './pipeline.ts'

/** A route as it is bound, with the groups it is bound in. */
export interface BoundEndpoint extends ServedRoute {
  readonly endpoint: Endpoint
  readonly groups: readonly object[]
}

/** What decides which interceptors a request passes, where its route doesn't. */
type Place = Pick<RequestCore, 'host' | 'segments'>

/** An interceptor that passes requests of a route: all of them, or those whose host and path it matches. */
interface Candidate {
  readonly bound: Bound<Interceptor>
  readonly isCertain: boolean
}

/** The requests that a planner is for. */
export interface PlannerScope {
  /** The route they are for; `undefined` for those that no route serves. */
  readonly bound: Bound<BoundEndpoint> | undefined
  /** The methods as which their hooks and middleware are bound. */
  readonly methods: readonly Method[]
  /** Whether they are preflights: the route's endpoint doesn't serve them. */
  readonly isPreflight?: boolean
}

/** What plans are made of. */
export class PlanMaterial {
  /** Sorted as hooks run, most specific first. */
  readonly interceptors: readonly Bound<Interceptor>[]
  readonly hasSessions: boolean
  /** The groups of methods that interceptors tell apart. */
  readonly groups: MethodGroups
  /** As bound. */
  readonly #bound: readonly Bound<Interceptor>[]
  /** For the requests that no route serves, by the number of the group. */
  readonly #unrouted: Planner[] = []
  /** By what they are, so that all routes that the same passes share them. */
  readonly #candidates = new Map<string, Candidates>()

  constructor(interceptors: readonly Bound<Interceptor>[], hasSessions: boolean) {
    this.interceptors = interceptors.toSorted(compareBound)
    this.hasSessions = hasSessions
    this.groups = new MethodGroups(new Set(interceptors.map(({ method }) => method)))
    this.#bound = interceptors
  }

  /** Returns whether it was made of these interceptors. */
  isMadeOf(interceptors: readonly Bound<Interceptor>[]): boolean {
    return interceptors.length === this.#bound.length && interceptors.every((bound, i) => bound === this.#bound[i])
  }

  /** Returns the planner of the requests of a method that no route serves. HEAD has the interceptors of GET too. */
  unrouted(method: string): Planner {
    const number = this.groups.numbers.get(method === 'HEAD' ? HEAD_AS_GET : method) ?? 0
    const methods = this.groups.methods[number] as readonly Method[]
    return (this.#unrouted[number] ??= new Planner({ bound: undefined, methods }, this))
  }

  /** Returns what passes requests of a scope. */
  candidatesFor(scope: PlannerScope): Candidates {
    const all = findCandidates(scope, this.interceptors)
    const key = all.map(({ bound, isCertain }) => `${bound.order}${isCertain ? '' : '?'}`).join()
    const candidates = this.#candidates.get(key) ?? new Candidates(all, this.hasSessions)
    this.#candidates.set(key, candidates)
    return candidates
  }
}

/** What passes requests, beside what serves them. */
interface PlanFrame extends Omit<Plan, 'route' | 'endpoint'> {
  readonly resultMappers: readonly ResultMapper[]
}

/** The interceptors that pass some or all requests of a route. */
class Candidates {
  /** Passes none but the certain. */
  readonly usual: PlanFrame
  /** Whether all are certain. */
  readonly areCertain: boolean
  readonly #all: readonly Candidate[]
  readonly #hasSessions: boolean

  constructor(all: readonly Candidate[], hasSessions: boolean) {
    const certain = all.filter(({ isCertain }) => isCertain)
    this.usual = createFrame(certain, hasSessions)
    this.areCertain = certain.length === all.length
    this.#all = all
    this.#hasSessions = hasSessions
  }

  passing(request: Place): Candidate[] {
    return this.#all.filter(({ bound, isCertain }) => isCertain || matches(bound, request))
  }

  frameFor(request: Place): PlanFrame {
    if (this.areCertain) return this.usual
    const passing = this.passing(request)
    return passing.every(({ isCertain }) => isCertain) ? this.usual : createFrame(passing, this.#hasSessions)
  }
}

const everywhere = { route: parseRoute('/*'), domain: ANY_DOMAIN }

/**
 * Plans for the requests of one route and a group of methods. Decides once which interceptors pass them; what depends on
 * their host or path is left to each request.
 */
export class Planner {
  /** That of all its requests, once the first has come; `undefined` where their hosts or paths decide. */
  plan: Plan | undefined = undefined
  readonly #scope: PlannerScope
  readonly #material: PlanMaterial
  readonly #candidates: Candidates
  /** Passes none but the certain. Made for the first request: of many routes, most are seldom asked for. */
  #usual: Plan | undefined = undefined
  #preflights: Planner | undefined = undefined

  constructor(scope: PlannerScope, material: PlanMaterial) {
    this.#scope = scope
    this.#material = material
    this.#candidates = material.candidatesFor(scope)
  }

  /** Whether its endpoint serves requests for another protocol too. */
  get takesUpgrades(): boolean {
    return this.#scope.bound?.value.endpoint[takesUpgrades] === true
  }

  /** The route that its requests are for. */
  get bound(): Bound<BoundEndpoint> | undefined {
    return this.#scope.bound
  }

  /** Returns the hooks and status handlers that a request passes, in the order in which they run, then the middleware. */
  passedBy(request: Place): Bound<Interceptor>[] {
    const seen = new Set<Interceptor>()
    const isFirst = ({ value }: Bound<Interceptor>) => seen.size < seen.add(value).size
    const passed = this.#candidates.passing(request).filter(({ bound }) => !isMapper(bound))
    const bounds = passed.flatMap(({ bound }) => (isFirst(bound) ? bound : []))
    const isMiddleware = ({ value }: Bound<Interceptor>) => value.stage === 'middleware'
    const middleware = bounds.filter(isMiddleware).sort((a, b) => a.order - b.order)
    return [...bounds.filter((bound) => !isMiddleware(bound)), ...middleware]
  }

  planFor(request: RequestCore): Plan {
    const { usual, areCertain } = this.#candidates
    const frame = this.#candidates.frameFor(request)
    if (frame !== usual) return this.#createPlan(frame)
    this.#usual ??= this.#createPlan(usual)
    if (areCertain) this.plan = this.#usual
    return this.#usual
  }

  /** The planner of preflights that name one of its methods: they pass what is bound for OPTIONS and for that method. */
  get preflights(): Planner {
    const { bound, methods } = this.#scope
    const scope = { bound, methods: ['OPTIONS', ...methods], isPreflight: true } as const
    return (this.#preflights ??= new Planner(scope, this.#material))
  }

  #createPlan(frame: PlanFrame): Plan {
    const { bound, isPreflight = false } = this.#scope
    const route = bound?.value
    return createPlan(route, isPreflight ? undefined : route?.endpoint, frame)
  }
}

/** What passes some of the requests, in the order of the interceptors. */
function findCandidates(scope: PlannerScope, interceptors: readonly Bound<Interceptor>[]): Candidate[] {
  const candidates: Candidate[] = []
  for (const bound of interceptors) {
    const coverage = scope.methods.includes(bound.method) ? cover(bound, scope.bound) : 'never'
    if (coverage !== 'never') candidates.push({ bound, isCertain: coverage === 'always' })
  }
  return candidates
}

/** Returns whether an interceptor passes the requests of a route, whatever their methods. */
export function cover(
  { route, domain, value }: Bound<Interceptor>,
  served: Bound<BoundEndpoint> | undefined,
): Coverage {
  if (value.group !== undefined) return served?.value.groups.includes(value.group) ? 'always' : 'never'
  const place = served ?? everywhere
  return bothCover(coverDomain(domain, place.domain), coverRoute(route, place.route))
}

function matches({ route, domain }: Bound<Interceptor>, request: Place): boolean {
  return isWithin(request.host, domain) && matchesRoute(route, request.segments ?? [])
}

function createPlan(route: ServedRoute | undefined, endpoint: Endpoint | undefined, frame: PlanFrame): Plan {
  const { middleware, statusHandlers, errorMappers, beforeClose, afterClose, hasCloseHooks, steps } = frame
  return {
    route,
    endpoint: endpoint && mapEndpoint(endpoint, frame.resultMappers),
    middleware,
    statusHandlers,
    errorMappers,
    beforeClose,
    afterClose,
    hasCloseHooks,
    steps,
  }
}

function createFrame(candidates: readonly Candidate[], hasSessions: boolean): PlanFrame {
  const hooks: Partial<Record<Event, Interceptor[]>> = {}
  const statusHandlers = new Map<number, Interceptor[]>()
  const middleware: Bound<Interceptor>[] = []
  const mappers = { result: [] as Bound<Interceptor>[], error: [] as Bound<Interceptor>[] }
  // A pattern with lists of methods or domains is bound several times, but runs once.
  const seen = new Set<Interceptor>()
  for (const { bound } of candidates) {
    const { value } = bound
    if (seen.has(value)) continue
    seen.add(value)
    if (value.stage === 'middleware') middleware.push(bound)
    else if (value.stage === 'result' || value.stage === 'error') mappers[value.stage].push(bound)
    else if (typeof value.stage === 'number') {
      const handlers = statusHandlers.get(value.stage) ?? []
      statusHandlers.set(value.stage, handlers)
      handlers.push(value)
    } else (hooks[value.stage] ??= []).push(value)
  }
  middleware.sort((a, b) => a.order - b.order)
  const { BeforeClose: beforeClose = [], AfterClose: afterClose = [] } = hooks
  const parts = { middleware: middleware.map(({ value }) => value), statusHandlers, hooks, hasSessions }
  return {
    middleware: parts.middleware,
    statusHandlers,
    resultMappers: sortMappers(mappers.result).map(toResultMapper),
    errorMappers: sortMappers(mappers.error).map(({ value }) => value.run as unknown as MapError),
    beforeClose,
    afterClose,
    hasCloseHooks: beforeClose.length + afterClose.length > 0,
    steps: chooseSteps(parts),
  }
}

/** Sorts what maps results or errors, the innermost first: groups before what is around them, and of one scope the last that was bound. */
function sortMappers(mappers: readonly Bound<Interceptor>[]): Bound<Interceptor>[] {
  const compare = (a: Bound<Interceptor>, b: Bound<Interceptor>) =>
    compareBound({ ...a, order: 0 }, { ...b, order: 0 }) ||
    Number(b.value.group !== undefined) - Number(a.value.group !== undefined) ||
    Number(b.value.entryPoint !== undefined) - Number(a.value.entryPoint !== undefined) ||
    b.order - a.order
  return mappers.toSorted(compare)
}

function toResultMapper({ value }: Bound<Interceptor>): ResultMapper {
  return { map: value.run as unknown as MapResult, envelope: value.envelope }
}

function isMapper({ value }: Bound<Interceptor>): boolean {
  return value.stage === 'result' || value.stage === 'error'
}

/** Returns the functions of `mapResults` that all results of a route go through, the innermost first. */
export function resultMappersOf(
  served: Bound<BoundEndpoint>,
  interceptors: readonly Bound<Interceptor>[],
): ResultMapper[] {
  const mappers = interceptors.filter(({ value }) => value.stage === 'result')
  const candidates = findCandidates({ bound: served, methods: [served.method, 'ALL'] }, mappers)
  const certain = candidates.flatMap(({ bound, isCertain }) => (isCertain ? [bound] : []))
  const first = new Map(certain.map((bound) => [bound.value, bound]))
  return sortMappers([...first.values()]).map(toResultMapper)
}

/** Whether errors of a route go through a function of `mapErrors`. */
export function hasErrorMapper(served: Bound<BoundEndpoint>, interceptors: readonly Bound<Interceptor>[]): boolean {
  const mappers = interceptors.filter(({ value }) => value.stage === 'error')
  return findCandidates({ bound: served, methods: [served.method, 'ALL'] }, mappers).some(({ isCertain }) => isCertain)
}

/** The plan for a request that can't be read: its status handlers are all that sees it. */
export function withoutHooks({ statusHandlers }: Plan): Plan {
  const steps = chooseSteps({ middleware: [], statusHandlers, hooks: {}, hasSessions: false })
  return createPlan(undefined, undefined, { ...createFrame([], false), statusHandlers, steps })
}

import { type Steps, sortInSteps } from '../base/steps.ts'
import type { RouteInfo } from '../http/application.ts'
import { type Bound, compareBound } from '../routing/bound.ts'
import { CODE_LAYER, type Registered, type RegisteredBindings, type RegisteredInterceptor } from './registry.ts'

/** In the order in which they are listed. */
const kinds = ['routes', 'webSockets', 'statics', 'hooks', 'middleware'] as const

type Kind = (typeof kinds)[number]
type Compare = (a: Bound<unknown>, b: Bound<unknown>) => number

const comparisons: Readonly<Record<Kind, Compare>> = {
  routes: compareBound,
  webSockets: compareBound,
  statics: compareBound,
  hooks: compareBound,
  middleware: (a, b) => a.order - b.order,
}

/** What is bound by kind: hooks, which include status handlers, and routes of each kind in matching order, then middleware. */
export type SortedBindings = { readonly [K in Kind]: readonly Bound<BindingOf<K>>[] } & {
  /** What maps results and errors. It isn't listed. */
  readonly mappers: readonly Bound<RegisteredInterceptor>[]
}

export const nothingBound: SortedBindings = {
  routes: [],
  webSockets: [],
  statics: [],
  hooks: [],
  middleware: [],
  mappers: [],
}

type BindingOf<K extends Kind> = K extends 'hooks' | 'middleware'
  ? RegisteredInterceptor
  : RegisteredBindings['routes'][number]['value']

/** Sorts what is bound in one layer. */
export function* sortBindings({ interceptors, ...endpoints }: RegisteredBindings): Steps<SortedBindings> {
  const isMiddleware = ({ value }: Bound<RegisteredInterceptor>) => value.stage === 'middleware'
  const isHook = ({ value }: Bound<RegisteredInterceptor>) => value.type !== 'middleware'
  const isMapper = (bound: Bound<RegisteredInterceptor>) => !isHook(bound) && !isMiddleware(bound)
  return {
    routes: yield* sortInSteps(endpoints.routes, compareBound),
    webSockets: yield* sortInSteps(endpoints.webSockets, compareBound),
    statics: yield* sortInSteps(endpoints.statics, compareBound),
    hooks: yield* sortInSteps(interceptors.filter(isHook), compareBound),
    middleware: interceptors.filter(isMiddleware),
    mappers: interceptors.filter(isMapper),
  }
}

/** One row of the list of routes, and what is bound. */
export interface Listed {
  readonly info: RouteInfo
  readonly value: Registered
  readonly bound: Bound<Registered>
}

/** Lists routes, WebSockets, static folders, hooks and status handlers, each in matching order, then middleware. */
export function listRoutes(all: readonly SortedBindings[]): RouteInfo[] {
  return listBound(all).map(({ info }) => info)
}

/** Lists the same, each with what is bound. */
export function listBound(all: readonly SortedBindings[]): Listed[] {
  return kinds.flatMap((kind) => {
    const bounds = all.flatMap((sorted): readonly Bound<Registered>[] => sorted[kind]).sort(comparisons[kind])
    return bounds.map((bound, i) => ({
      info: describe(bound, bounds.length - i),
      value: bound.value,
      bound,
    }))
  })
}

/**
 * Describes a part of what is bound, in the same order and with the same priorities as `listRoutes`.
 *
 * @param all contains the part
 */
export function* describeAmong(part: SortedBindings, all: readonly SortedBindings[]): Steps<RouteInfo[]> {
  const described: RouteInfo[] = []
  for (const kind of kinds) {
    const lists = all.map((sorted): readonly Bound<Registered>[] => sorted[kind])
    const count = lists.reduce((sum, list) => sum + list.length, 0)
    for (const bound of part[kind]) {
      const before = lists.reduce((sum, list) => sum + countBefore(list, bound, comparisons[kind]), 0)
      described.push(describe(bound, count - before))
      yield
    }
  }
  return described
}

/** Returns what `after` has more than `before`, by what the list of routes says of it. */
export function* findAdded(before: SortedBindings, after: SortedBindings): Steps<SortedBindings> {
  const added: Record<Kind, Bound<Registered>[]> = {
    routes: [],
    webSockets: [],
    statics: [],
    hooks: [],
    middleware: [],
  }
  for (const kind of kinds) {
    const counts = new Map<string, number>()
    for (const bound of before[kind]) {
      const key = identify(bound)
      counts.set(key, (counts.get(key) ?? 0) + 1)
      yield
    }
    for (const bound of after[kind]) {
      const key = identify(bound)
      const count = counts.get(key) ?? 0
      if (count > 0) counts.set(key, count - 1)
      else added[kind].push(bound)
      yield
    }
  }
  return { ...nothingBound, ...added } as unknown as SortedBindings
}

/** Returns how many of a sorted list go before a value. */
function countBefore(list: readonly Bound<unknown>[], bound: Bound<unknown>, compare: Compare): number {
  let [from, to] = [0, list.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (compare(list[middle] as Bound<unknown>, bound) < 0) from = middle + 1
    else to = middle
  }
  return from
}

function identify({ method, domain, route, value }: Bound<Registered>): string {
  const { type, name, entryPoint = '' } = value
  return [type, stageOf(value), method, domain, entryPoint, route.text, name].join('\n')
}

function stageOf(value: Registered): string {
  return 'stage' in value ? String(value.stage) : ''
}

function describe(bound: Bound<Registered>, priority: number): RouteInfo {
  return { ...describeBound(bound), priority }
}

/** Describes what is bound as the list of routes does, but for its place in it. */
export function describeBound({ method, route, domain, value }: Bound<Registered>): Omit<RouteInfo, 'priority'> {
  const { type, name, layer, entryPoint } = value
  return {
    method,
    route: route.text,
    domain,
    type,
    name,
    ...((type === 'hook' || type === 'status') && { hook: stageOf(value) }),
    ...(layer !== CODE_LAYER && { layer }),
    ...(entryPoint !== undefined && { entryPoint }),
  }
}

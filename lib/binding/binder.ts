import { DuplicateRouteError, RouteError } from '../base/errors.ts'
import { suggestName } from '../base/nearest-name.ts'
import { NamedValues } from '../declare/named-values.ts'
import type { Declared } from '../declare/read-input.ts'
import type { ParamsReader } from '../http/request-core.ts'
import type { RequestPath } from '../net/path.ts'
import { printValue } from '../options/print-value.ts'
import { events, isEvent } from '../pipeline/event.ts'
import type { Interceptor } from '../pipeline/exchange.ts'
import { parseDomains } from '../routing/domain.ts'
import { readParams } from '../routing/match-route.ts'
import type { Route } from '../routing/route.ts'
import type { EndpointDraft } from './endpoint-draft.ts'
import type { NamingStyle } from './name-to-uri.ts'
import { captureOrigin } from './origin.ts'
import { CODE_LAYER, type Registry, type ServedRoutes } from './registry.ts'
import { createGroupScope, resolvePattern, rootScope, type Scope } from './scope.ts'

/** What a function is bound as, the stage of the pipeline at which it runs, and the function. */
type Entry = readonly [
  type: InterceptorType,
  stage: Interceptor['stage'],
  run: Interceptor['run'],
  envelope?: Interceptor['envelope'],
]

type InterceptorType = 'hook' | 'middleware' | 'status'

/** Carries out the registration calls of one scope. A call binds all it stands for, or nothing. */
export class Binder {
  readonly scope: Scope
  readonly #registry: Registry

  constructor(registry: Registry, scope: Scope = rootScope) {
    this.#registry = registry
    this.scope = scope
  }

  /** The innermost group; `undefined` outside groups. */
  get group(): object | undefined {
    return this.scope.groups.at(-1)
  }

  /**
   * Binds the endpoints that a function drafts. The patterns of the drafts are that of the call with the names filled in.
   *
   * @param method the method that the call itself sets, such as `get`
   */
  bindEndpoints(text: string, draft: (style: NamingStyle) => readonly EndpointDraft[], method?: string): void {
    this.#attemptAt(text, () => {
      const origin = captureOrigin()
      const { groups, entryPoint } = this.scope
      const { layer } = this.#registry.options
      const endpoints = draft(this.#registry.options.nameToUri).map((drafted) => {
        const { type, name, endpoint, subject, declared } = drafted
        const pattern = resolvePattern(this.scope, drafted.pattern, method)
        if (declared !== undefined) checkParams(declared, pattern.route)
        const { text: route } = pattern.route
        const reader = new RouteReader(pattern.route)
        const value = { route, reader, endpoint, groups, type, name, subject, origin, layer, entryPoint }
        return { pattern, value }
      })
      this.#registry.addEndpoints(endpoints)
    })
  }

  /** Binds hooks or middleware to the requests that match a pattern. */
  bindInterceptors(text: string, entries: readonly Entry[]): void {
    this.#attemptAt(text, () => this.#addInterceptors(text, entries))
  }

  /**
   * Binds middleware or status handlers to all requests of the scope.
   *
   * @param group the group to whose routes they are limited
   */
  bindToAll(call: string, entries: readonly Entry[], group?: object): void {
    this.#attempt(call, () => this.#addInterceptors('/*', entries, group))
  }

  createGroup(prefix: string): Binder {
    return this.#attemptAt(prefix, () => new Binder(this.#registry, createGroupScope(this.scope, prefix)))
  }

  /** @throws RouteError naming the domain that isn't a host name */
  createDomain(domains: string): Binder {
    return this.#name('domain', () => {
      if (typeof domains !== 'string')
        throw new RouteError(`the argument must be a string of host names, got ${typeof domains}`, {
          failure: 'ERR_TRIBIND_ROUTE_DOMAIN_INVALID',
        })
      return new Binder(this.#registry, { ...this.scope, domains: parseDomains(domains).join() })
    })
  }

  /** Returns the layer and the line of the call under way, for messages; nothing for the layer `code`. */
  describePlace(): string {
    const { layer } = this.#registry.options
    return layer === CODE_LAYER ? '' : ` in layer "${layer}" at ${captureOrigin().toString()}`
  }

  /** Returns what is served, of all layers. */
  served(): ServedRoutes {
    return this.#registry.served()
  }

  /** Returns a binder of what one entry point alone has. The caller checks the name. */
  createEntryPoint(name: string): Binder {
    return new Binder(this.#registry, { ...rootScope, entryPoint: name })
  }

  #addInterceptors(text: string, entries: readonly Entry[], group?: object): void {
    if (entries.length === 0)
      throw new RouteError('expected at least one function, got none', { failure: 'ERR_TRIBIND_ROUTE_HANDLER' })
    const origin = captureOrigin()
    const pattern = resolvePattern(this.scope, text)
    // In a group, the parameters are those of the route.
    const hasOwnParams = pattern.route.names.length > 0 && group === undefined
    const reader = hasOwnParams ? new RouteReader(pattern.route) : undefined
    const { entryPoint } = this.scope
    const { layer } = this.#registry.options
    const interceptors = entries.map(([type, stage, run, envelope]) => {
      checkStage(type, stage)
      checkRun(stage, run)
      const name = run.name || 'anonymous'
      const value = { stage, run, reader, group, type, name, origin, layer, entryPoint }
      return { pattern, value: envelope === undefined ? value : { ...value, envelope } }
    })
    this.#registry.addInterceptors(interceptors)
  }

  /** @throws RouteError for a pattern that isn't a string */
  #attemptAt<T>(pattern: unknown, bind: () => T): T {
    if (typeof pattern === 'string') return this.#attempt(`pattern "${pattern}"`, bind)
    throw new RouteError(`the pattern must be a string, got ${printValue(pattern)}`, {
      failure: 'ERR_TRIBIND_ROUTE_TYPE',
    })
  }

  #attempt<T>(what: string, bind: () => T): T {
    return this.#name(what, () => {
      this.#registry.checkOpen(this.scope.entryPoint)
      return bind()
    })
  }

  /** Adds to each error what the application wrote. */
  #name<T>(what: string, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof RouteError) || error instanceof DuplicateRouteError) throw error
      throw new RouteError(`${what}${this.describePlace()}: ${error.message}`, { failure: error.failure })
    }
  }
}

/** Reads the parameters of one route. */
class RouteReader implements ParamsReader {
  readonly #route: Route

  constructor(route: Route) {
    this.#route = route
  }

  read(path: RequestPath): Record<string, string> {
    return readParams(this.#route, path)
  }
}

/** @throws RouteError naming the parameters of a declaration that the route doesn't have */
function checkParams({ read }: Declared, { names }: Route): void {
  const { params } = read.named
  const wanted = params === undefined ? [] : NamedValues.of(params).names
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length === 0) return
  const list = (all: readonly string[]) => all.map((name) => `"${name}"`).join(', ') || 'none'
  const guess = unknown.length === 1 ? suggestName(unknown[0] as string, names) : ''
  throw new RouteError(
    `the declaration has the parameters ${list(wanted)}, the route has ${list(names)}: it lacks ${list(unknown)}${guess}`,
    { failure: 'ERR_TRIBIND_ROUTE_PARAM_UNKNOWN' },
  )
}

function checkStage(type: InterceptorType, stage: Interceptor['stage']): void {
  if (type === 'status' && !isStatus(stage))
    throw new RouteError(`the status must be an integer from 200 to 599, got ${printValue(stage)}`, {
      failure: 'ERR_TRIBIND_ROUTE_STATUS',
    })
  if (type !== 'hook' || isEvent(stage)) return
  const nearest = suggestName(String(stage), events)
  throw new RouteError(`the event must be one of ${events.join(', ')}, got ${printValue(stage)}${nearest}`, {
    failure: 'ERR_TRIBIND_ROUTE_EVENT_UNKNOWN',
  })
}

function isStatus(stage: unknown): boolean {
  return Number.isInteger(stage) && (stage as number) >= 200 && (stage as number) <= 599
}

function checkRun(stage: Interceptor['stage'], run: unknown): void {
  if (typeof run !== 'function')
    throw new RouteError(`the ${nameOf(stage)} must be a function, got ${run === null ? 'null' : typeof run}`, {
      failure: 'ERR_TRIBIND_ROUTE_HANDLER',
    })
  if (stage === 'middleware' && run.length === 3)
    throw new RouteError(
      'the middleware must have the parameters (request, next), has three as that of Express: wrap it in fromConnect()',
      { failure: 'ERR_TRIBIND_ROUTE_HANDLER' },
    )
}

function nameOf(stage: Interceptor['stage']): string {
  if (stage === 'middleware') return 'middleware'
  if (stage === 'result' || stage === 'error') return 'argument'
  return typeof stage === 'number' ? `handler of status ${stage}` : `hook of ${stage}`
}

import { RouteError } from '../base/errors.ts'
import { parsePatternParts, type Pattern, splitPattern } from '../routing/pattern.ts'

/** The entry point, prefix, domains and groups of what is bound on a server, an entry point, a domain or a group. */
export interface Scope {
  /** The name of the entry point that alone has what is bound; `undefined` if all have it. */
  readonly entryPoint: string | undefined
  /** The prefix of every route, `''` for none. */
  readonly prefix: string
  /** A list as in a pattern; `undefined` if patterns name their own. */
  readonly domains: string | undefined
  /** The groups around the scope, the outermost first, including its own. */
  readonly groups: readonly object[]
}

export const rootScope: Scope = { entryPoint: undefined, prefix: '', domains: undefined, groups: [] }

/**
 * Parses a pattern in its scope.
 *
 * @param method set by a verb such as `get`; the pattern then must not name one
 * @throws RouteError for a bad pattern, and if both pattern and scope name a domain
 */
export function resolvePattern(scope: Scope, text: string, method?: string): Pattern {
  const parts = splitPattern(text)
  if (!parts.route.startsWith('/'))
    throw new RouteError('the route must begin with "/"', { failure: 'ERR_TRIBIND_ROUTE_START' })
  if (scope.domains !== undefined && parts.domains !== undefined) {
    throw new RouteError(
      `the pattern must not name a domain, got "${parts.domains}": it is bound on the domain "${scope.domains}"`,
      { failure: 'ERR_TRIBIND_ROUTE_DOMAIN_EXTRA' },
    )
  }
  if (method !== undefined && parts.methods !== undefined) {
    throw new RouteError(`the pattern must not name a method, got ${parts.methods}: the call binds it with ${method}`, {
      failure: 'ERR_TRIBIND_ROUTE_METHOD_EXTRA',
    })
  }
  return parsePatternParts({
    methods: method ?? parts.methods,
    route: scope.prefix + parts.route,
    domains: scope.domains ?? parts.domains,
  })
}

/** Returns the scope of a group within another scope. */
export function createGroupScope(outer: Scope, text: string): Scope {
  const { route } = resolvePattern(outer, text)
  const { methods, domains } = splitPattern(text)
  if (methods !== undefined)
    throw new RouteError(`the prefix of a group must not name a method, got ${methods}: name it in the patterns`, {
      failure: 'ERR_TRIBIND_ROUTE_METHOD_EXTRA',
    })
  return {
    ...outer,
    prefix: route.text === '/' ? '' : route.text,
    domains: outer.domains ?? domains,
    groups: [...outer.groups, {}],
  }
}

import { RouteError } from '../base/errors.ts'
import { parsePatternParts, type Pattern, splitPattern } from '../routing/pattern.ts'

/** What surrounds the patterns that are bound on a server, a domain or a group. */
export interface Scope {
  /** Stands before every route; `''` for none. */
  readonly prefix: string
  /** A list as patterns write it; `undefined` where patterns name their own. */
  readonly domains: string | undefined
  /** The groups the scope lies in, the outermost first, itself included. */
  readonly groups: readonly object[]
}

export const rootScope: Scope = { prefix: '', domains: undefined, groups: [] }

/**
 * Parses a pattern in its scope.
 *
 * @param method what a verb such as `get` sets; the pattern then must not name one
 * @throws RouteError for a bad pattern and where pattern and scope both name a domain
 */
export function resolvePattern(scope: Scope, text: string, method?: string): Pattern {
  if (typeof text !== 'string') throw new RouteError(`a pattern must be a string, got ${typeof text}`)
  const parts = splitPattern(text)
  if (!parts.route.startsWith('/')) throw new RouteError('the route must begin with "/"')
  if (scope.domains !== undefined && parts.domains !== undefined) {
    throw new RouteError(`it names a domain, but is bound on the domain "${scope.domains}"`)
  }
  if (method !== undefined && parts.methods !== undefined) {
    throw new RouteError(`it names a method, but is bound with one: ${method}`)
  }
  return parsePatternParts({
    methods: method ?? parts.methods,
    route: scope.prefix + parts.route,
    domains: scope.domains ?? parts.domains,
  })
}

/** Returns the scope of a group inside of another. */
export function createGroupScope(outer: Scope, text: string): Scope {
  const { route } = resolvePattern(outer, text)
  const { methods, domains } = splitPattern(text)
  if (methods !== undefined) throw new RouteError('the prefix of a group must not name a method')
  return {
    prefix: route.text === '/' ? '' : route.text,
    domains: outer.domains ?? domains,
    groups: [...outer.groups, {}],
  }
}

import { RouteError } from '../base/errors.ts'
import { parsePattern, type Pattern, splitPattern } from '../routing/pattern.ts'

/** What surrounds the patterns that are bound on a server, a domain or a group. */
export interface Scope {
  /** Stands before every route; `''` for none. */
  readonly prefix: string
  /** A list as patterns write it; `undefined` where patterns name their own. */
  readonly domains: string | undefined
  /** The groups the scope lies in, the outermost first, itself included. */
  readonly groups: readonly object[]
}

/**
 * Reads a pattern in its scope.
 *
 * @param method what a verb such as `get` sets; the pattern then must not name one
 * @throws RouteError naming the pattern, for a bad one and where pattern and scope both name a domain
 */
export function resolvePattern(scope: Scope, text: string, method?: string): Pattern {
  if (typeof text !== 'string') throw new RouteError(`a pattern is a string, not ${typeof text}`)
  const parts = splitPattern(text)
  if (!parts.route.startsWith('/')) throw new RouteError(`pattern "${text}": the route doesn't begin with "/"`)
  if (scope.domains !== undefined && parts.domains !== undefined) {
    throw new RouteError(`pattern "${text}" names a domain, but is bound on the domain "${scope.domains}"`)
  }
  if (method !== undefined && parts.methods !== undefined) {
    throw new RouteError(`pattern "${text}" names a method, but is bound with one: ${method}`)
  }
  const methods = method ?? parts.methods
  const domains = scope.domains ?? parts.domains
  const route = scope.prefix + parts.route
  return parsePattern(
    (methods === undefined ? '' : `${methods}:`) + route + (domains === undefined ? '' : `@${domains}`),
  )
}

/** The scope of a group inside of another. */
export function createGroupScope(outer: Scope, text: string): Scope {
  const pattern = resolvePattern(outer, text)
  if (splitPattern(text).methods !== undefined) throw new RouteError(`group "${text}": a group has no method`)
  return {
    prefix: pattern.route.text === '/' ? '' : pattern.route.text,
    domains: outer.domains ?? splitPattern(text).domains,
    groups: [...outer.groups, {}],
  }
}

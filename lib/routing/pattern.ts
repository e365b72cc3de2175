import { RouteError } from '../base/errors.ts'
import { isMethod, type Method } from '../net/methods.ts'
import { ANY_DOMAIN, parseDomains } from './domain.ts'
import { parseRoute, type Route } from './route.ts'

/** A parsed pattern, `[METHOD:]route[@domain]`. */
export interface Pattern {
  /** At least one; `['ALL']` where the pattern names none. */
  readonly methods: readonly Method[]
  readonly route: Route
  /** At least one; `['']` where the pattern names none. */
  readonly domains: readonly string[]
}

/** A pattern cut into its three parts, none of them looked at yet; `undefined` for a part that isn't there. */
export interface PatternParts {
  readonly methods: string | undefined
  readonly route: string
  readonly domains: string | undefined
}

/** Cuts a pattern into its parts: the method ends at the first `:` before the route, the domain begins at the last `@` after it. */
export function splitPattern(text: string): PatternParts {
  const colon = text.trimStart().startsWith('/') ? -1 : text.indexOf(':')
  const at = text.lastIndexOf('@')
  const hasDomain = at > colon && !text.includes('/', at)
  return {
    methods: colon < 0 ? undefined : text.slice(0, colon).trim(),
    route: text.slice(colon + 1, hasDomain ? at : undefined).trim(),
    domains: hasDomain ? text.slice(at + 1).trim() : undefined,
  }
}

/**
 * Parses a pattern.
 *
 * @throws RouteError naming the pattern and what is wrong in it
 */
export function parsePattern(text: string): Pattern & { readonly text: string } {
  try {
    return { text, ...parsePatternParts(splitPattern(text)) }
  } catch (error) {
    if (error instanceof RouteError) throw new RouteError(`pattern "${text}": ${error.message}`)
    throw error
  }
}

/** @throws RouteError that says what is wrong and leaves it to the caller to name the pattern */
export function parsePatternParts({ methods, route, domains }: PatternParts): Pattern {
  return {
    methods: methods === undefined ? ['ALL'] : parseMethods(methods),
    route: parseRoute(route),
    domains: domains === undefined ? [ANY_DOMAIN] : parseDomains(domains),
  }
}

/** The opposite of `parsePattern`, in one form for all ways to write the same pattern. */
export function formatPattern({ methods, route, domains }: Pattern): string {
  const method = methods.join() === 'ALL' ? '' : `${methods.join()}:`
  const domain = domains.join() === ANY_DOMAIN ? '' : `@${domains.join()}`
  // An `@` in the last segment would be read as the beginning of a domain, but for a slash behind it.
  const end = domain === '' && route.text.includes('@', route.text.lastIndexOf('/')) ? '/' : ''
  return method + route.text + end + domain
}

function parseMethods(list: string): Method[] {
  return [...new Set(list.split(',').map((name) => parseMethod(name.trim())))]
}

function parseMethod(name: string): Method {
  const method = name.toUpperCase()
  if (!isMethod(method)) throw new RouteError(`the method "${name}" is unknown`)
  return method
}

import { RouteError } from '../base/errors.ts'
import { suggestName } from '../base/nearest-name.ts'
import { httpMethods, isMethod, type Method } from '../net/methods.ts'
import { ANY_DOMAIN, parseDomains } from './domain.ts'
import { parseRoute, type Route } from './route.ts'

/** A parsed pattern, `[METHOD:]route[@domain]`. */
export interface Pattern {
  /** At least one; `['ALL']` if the pattern names none. */
  readonly methods: readonly Method[]
  readonly route: Route
  /** At least one; `['']` if the pattern names none. */
  readonly domains: readonly string[]
}

/** A pattern split into its three parts, not yet parsed; a part that is missing is `undefined`. */
export interface PatternParts {
  readonly methods: string | undefined
  readonly route: string
  readonly domains: string | undefined
}

/** Splits a pattern into its parts. The method ends at the first `:` before the route; the domain begins at the last `@` after it. */
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
 * @throws RouteError naming the pattern and what is wrong with it
 */
export function parsePattern(text: string): Pattern & { readonly text: string } {
  try {
    return { text, ...parsePatternParts(splitPattern(text)) }
  } catch (error) {
    if (error instanceof RouteError)
      throw new RouteError(`pattern "${text}": ${error.message}`, { failure: error.failure })
    throw error
  }
}

/** Parses the parts of a pattern. @throws RouteError naming what is wrong; the caller adds the pattern */
export function parsePatternParts({ methods, route, domains }: PatternParts): Pattern {
  return {
    methods: methods === undefined ? ['ALL'] : parseMethods(methods),
    route: parseRoute(route),
    domains: domains === undefined ? [ANY_DOMAIN] : parseDomains(domains),
  }
}

/** The opposite of `parsePattern`. All ways to write the same pattern are formatted in the same way. */
export function formatPattern({ methods, route, domains }: Pattern): string {
  const method = methods.join() === 'ALL' ? '' : `${methods.join()}:`
  const domain = domains.join() === ANY_DOMAIN ? '' : `@${domains.join()}`
  // Without a slash after it, an `@` in the last segment would be read as the beginning of a domain.
  const end = domain === '' && route.text.includes('@', route.text.lastIndexOf('/')) ? '/' : ''
  return method + route.text + end + domain
}

function parseMethods(list: string): Method[] {
  return [...new Set(list.split(',').map((name) => parseMethod(name.trim())))]
}

function parseMethod(name: string): Method {
  const method = name.toUpperCase()
  if (!isMethod(method))
    throw new RouteError(
      `the method must be one of ${httpMethods.join(', ')} and ALL, got "${name}"${suggestName(name, httpMethods)}`,
      { failure: 'ERR_TRIBIND_ROUTE_METHOD_UNKNOWN' },
    )
  return method
}

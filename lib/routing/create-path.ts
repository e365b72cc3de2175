import type { Token } from 'path-to-regexp'
import { RouteError } from '../base/errors.ts'
import { onDemand } from '../base/on-demand.ts'
import { parsePath } from '../net/path.ts'
import { matchesRoute } from './match-route.ts'
import type { ParamsOf } from './params-of.ts'
import { parsePattern } from './pattern.ts'
import type { Segment } from './segment.ts'

const pathToRegexp = onDemand<typeof import('path-to-regexp')>('path-to-regexp', () => require('path-to-regexp'))

type Values<Pattern extends string> = { readonly [Name in keyof ParamsOf<Pattern>]: string | number }

/**
 * Returns the path that a pattern matches with these parameters, percent-encoded.
 *
 * Slashes in the value of a `*name` separate segments, as they do in `request.params`.
 *
 * @throws RouteError naming the pattern and the parameter, for a value that the pattern can't have (a missing or empty one, `..`)
 * and for a pattern with a parameter that has no name
 */
export function createPath<const Pattern extends string>(
  pattern: Pattern,
  ...[params]: keyof ParamsOf<Pattern> extends never ? [params?: Values<Pattern>] : [params: Values<Pattern>]
): string {
  const { route } = parsePattern(pattern)
  if (route.parameters > route.names.length)
    throw new RouteError(`pattern "${pattern}": every parameter must have a name`, {
      failure: 'ERR_TRIBIND_ROUTE_PARAM_UNNAMED',
    })
  const values: Record<string, string | string[]> = Object.create(null)
  for (const name of route.names) {
    const given: Readonly<Record<string, string | number>> = params ?? {}
    const value = String(Object.hasOwn(given, name) ? (given[name] ?? '') : '')
    const isRest = route.segments.some((segment) => segment.kind === 'rest' && segment.name === name)
    const isField = route.segments.some((segment) => segment.kind === 'mixed' && segment.names.includes(name))
    if (value === '' && !isRest)
      throw new RouteError(`pattern "${pattern}": parameter "${name}" must have a value`, {
        failure: 'ERR_TRIBIND_ROUTE_PARAM_MISSING',
      })
    if (isField && value.includes('/')) throw badValue(pattern, name, 'no "/"')
    if (!value.isWellFormed()) throw badValue(pattern, name, 'no unpaired surrogate')
    const parts = value.split('/').filter(Boolean)
    if (!isRest) values[name] = value
    else if (parts.length > 0) values[name] = parts
  }
  const path = pathToRegexp().compile({ tokens: route.segments.flatMap(toTokens) })(values) || '/'
  const segments = parsePath(path)
  if (segments === undefined || !matchesRoute(route, segments)) {
    throw new RouteError(`pattern "${pattern}" must match the path of its values, got "${path}"`, {
      failure: 'ERR_TRIBIND_ROUTE_PARAM_VALUE',
    })
  }
  return path
}

function badValue(pattern: string, name: string, expected: string): RouteError {
  return new RouteError(`pattern "${pattern}": the value of parameter "${name}" must have ${expected}`, {
    failure: 'ERR_TRIBIND_ROUTE_PARAM_VALUE',
  })
}

function toTokens(segment: Segment): Token[] {
  const slash: Token = { type: 'text', value: '/' }
  switch (segment.kind) {
    case 'text':
      return [slash, { type: 'text', value: encodeURIComponent(segment.text) }]
    case 'param':
      return [slash, { type: 'param', name: segment.name }]
    case 'rest':
      // A group is left out where its parameter has no value: `*name` also takes no segment at all.
      return [{ type: 'group', tokens: [slash, { type: 'wildcard', name: segment.name }] }]
    case 'mixed':
      return [
        slash,
        ...segment.texts.flatMap((text, i): Token[] => [
          ...(i === 0 ? [] : [{ type: 'param', name: segment.names[i - 1] as string } as const]),
          { type: 'text', value: encodeURIComponent(text) },
        ]),
      ]
  }
}

import type { RequestPath } from '../net/path.ts'
import type { Route } from './route.ts'
import { matchMixed, type Segment } from './segment.ts'
import type { WireForm } from './wire-form.ts'

/** The named parameters of a route. The objects have no prototype, so that no name collides with an inherited property. */
export type Params = Record<string, string>

// With a constructor, V8 uses one hidden class for all; Object.create(null) would create slow dictionaries.
const ParamsObject = function () {} as unknown as new () => Params
ParamsObject.prototype = Object.create(null)

/** Returns whether a route matches the decoded segments of a path. */
export function matchesRoute(route: Route, path: readonly string[]): boolean {
  return alignRests(route.segments, path) !== undefined
}

/** Returns the values of a route's named parameters for a path that it matches. The segments of a `*name` are joined by `/`. */
export function readParams(route: Route, path: RequestPath): Params {
  if (route.names.length === 0) return new ParamsObject()
  return path.isPlain && route.wire && !route.wire.hasRest
    ? readWireParams(route.wire, path.rawPath)
    : readDecodedParams(route, path.segments ?? [])
}

/** Reads the values from a plain path, by the lengths of the texts between them. */
function readWireParams({ texts, names }: WireForm, path: string): Params {
  const params = new ParamsObject()
  let start = (texts[0] as string).length
  for (let i = 0; i < names.length; i++) {
    const slash = path.indexOf('/', start)
    const end = slash < 0 ? path.length : slash
    if (names[i] !== '') params[names[i] as string] = path.slice(start, end)
    start = end + (texts[i + 1] as string).length
  }
  return params
}

function readDecodedParams(route: Route, path: readonly string[]): Params {
  const params = new ParamsObject()
  // Only a `*` before other segments needs a search; one at the end takes the remaining segments.
  const lengths = route.hasInnerRest ? alignRests(route.segments, path) : undefined
  const left = path.length - route.length + 1
  let at = 0
  let rests = 0
  for (const segment of route.segments) {
    const length = segment.kind === 'rest' ? (lengths?.[rests++] ?? left) : 1
    if (segment.kind === 'param' && segment.name !== '') params[segment.name] = path[at] as string
    else if (segment.kind === 'rest' && segment.name !== '')
      params[segment.name] = path.slice(at, at + length).join('/')
    else if (segment.kind === 'mixed') {
      const values = matchMixed(segment, path[at] as string) as string[]
      for (let i = 0; i < values.length; i++) params[segment.names[i] as string] = values[i] as string
    }
    at += length
  }
  return params
}

const NO_RESTS: readonly number[] = []

/**
 * Returns how many segments of the path each `*` of the route takes: the first as many as possible, then the second, and so on.
 *
 * As with fields, each run of segments between two `*` is matched as far right as possible, beginning with the last.
 */
export function alignRests(segments: readonly Segment[], path: readonly string[]): readonly number[] | undefined {
  const first = segments.findIndex(isRest)
  if (first < 0) return path.length === segments.length && matchesRun(segments, path, 0) ? NO_RESTS : undefined
  if (first > path.length || !matchesRun(segments.slice(0, first), path, 0)) return undefined
  if (first === segments.length - 1) return [path.length - first]

  const lengths: number[] = []
  let limit = path.length
  for (let to = segments.length; to > first;) {
    const isLast = to === segments.length
    const rest = segments.findLastIndex((segment, i) => i < to && isRest(segment))
    const run = segments.slice(rest + 1, to)
    let start = limit - run.length
    while (start >= first && !matchesRun(run, path, start)) start = isLast ? -1 : start - 1
    if (start < first) return undefined
    if (!isLast) lengths.unshift(limit - start - run.length)
    limit = start
    to = rest
  }
  lengths.unshift(limit - first)
  return lengths
}

function isRest(segment: Segment): boolean {
  return segment.kind === 'rest'
}

/** Returns whether each segment of a run without `*` matches a segment of the path, beginning with the one at `start`. */
function matchesRun(run: readonly Segment[], path: readonly string[], start: number): boolean {
  return run.every((segment, i) => matchesSegment(segment, path[start + i] as string))
}

function matchesSegment(segment: Segment, value: string): boolean {
  if (segment.kind === 'text') return segment.text === value
  return segment.kind === 'mixed' ? matchMixed(segment, value) !== undefined : true
}

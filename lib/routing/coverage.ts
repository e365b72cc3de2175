import { isWithin } from './domain.ts'
import type { Route } from './route.ts'
import { matchMixed, type Segment } from './segment.ts'

/** Whether something, such as a hook, applies to all requests of a route, to none, or depending on path and host. */
export type Coverage = 'always' | 'never' | 'depends'

/** Returns whether `outer` matches the paths that `inner` matches. May return `depends` although a closer analysis would decide. */
export function coverRoute(outer: Route, inner: Route): Coverage {
  return outer.shape === '/*' ? 'always' : coverSegments(outer.segments, inner.segments)
}

/** Returns whether hosts that belong to `inner` belong to `outer`. */
export function coverDomain(outer: string, inner: string): Coverage {
  if (isWithin(inner, outer)) return 'always'
  return isWithin(outer, inner) ? 'depends' : 'never'
}

/** Returns the coverage of two conditions that must both hold. */
export function bothCover(a: Coverage, b: Coverage): Coverage {
  if (a === 'never' || b === 'never') return 'never'
  return a === 'always' ? b : a
}

function coverSegments(outer: readonly Segment[], inner: readonly Segment[]): Coverage {
  let coverage: Coverage = 'always'
  for (let i = 0; ; i++) {
    const a = outer[i]
    const b = inner[i]
    if (a === undefined && b === undefined) return coverage
    if (a?.kind === 'rest') return i === outer.length - 1 ? coverage : 'depends'
    if (b?.kind === 'rest') return 'depends'
    if (a === undefined || b === undefined) return 'never'
    coverage = bothCover(coverage, coverSegment(a, b))
    if (coverage === 'never') return coverage
  }
}

function coverSegment(outer: Segment, inner: Segment): Coverage {
  if (outer.kind === 'param') return 'always'
  if (inner.kind === 'text') {
    if (outer.kind === 'mixed') return matchMixed(outer, inner.text) ? 'always' : 'never'
    return outer.kind === 'text' && outer.text === inner.text ? 'always' : 'never'
  }
  if (outer.kind === 'mixed' && inner.kind === 'mixed') {
    return outer.texts.join('{}') === inner.texts.join('{}') ? 'always' : 'depends'
  }
  return outer.kind === 'text' && inner.kind === 'mixed' && !matchMixed(inner, outer.text) ? 'never' : 'depends'
}

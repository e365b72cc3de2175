import { isWithin } from './domain.ts'
import type { Route } from './route.ts'
import { matchMixed, type Segment } from './segment.ts'

/** On which requests of a route something else, such as a hook, applies: on every one, on none, or as the path and host decide. */
export type Coverage = 'always' | 'never' | 'depends'

/** How often `outer` matches a path that `inner` matches. May say `depends` where a deeper look would know. */
export function coverRoute(outer: Route, inner: Route): Coverage {
  return coverSegments(outer.segments, inner.segments)
}

/** How often a host that belongs to `inner` belongs to `outer`. */
export function coverDomain(outer: string, inner: string): Coverage {
  if (isWithin(inner, outer)) return 'always'
  return isWithin(outer, inner) ? 'depends' : 'never'
}

/** Both have to hold. */
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

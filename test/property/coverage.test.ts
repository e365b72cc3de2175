import { expect } from 'chai'
import fc from 'fast-check'
import { bothCover, coverDomain, coverRoute, type Coverage } from '../../lib/routing/coverage.ts'
import { isWithin } from '../../lib/routing/domain.ts'
import { parseRoute } from '../../lib/routing/route.ts'
import { arbitraryPathPlan, drawPath } from './arbitrary-paths.ts'
import { arbitraryPattern, arbitraryRoute, hosts } from './arbitrary-patterns.ts'
import { capture, isOfDomain } from './naive-router.ts'

const arbitraryPaths = fc.array(arbitraryPathPlan, { minLength: 1, maxLength: 10 })

describe('property: what always or never applies', function () {
  this.timeout(60_000)

  it('routes: "always" and "never" hold for every path that the inner one matches', () => {
    const seen: Record<Coverage, number> = { always: 0, never: 0, depends: 0 }
    fc.assert(
      fc.property(arbitraryRoute, arbitraryRoute, arbitraryPaths, (outer, inner, plans) => {
        const coverage = coverRoute(parseRoute(outer.text), parseRoute(inner.text))
        for (const plan of plans) {
          const path = drawPath([inner.segments, outer.segments], { ...plan, follow: plan.follow % 3 })
          if (capture(inner.segments, path) === undefined) continue
          seen[coverage]++
          const isCovered = capture(outer.segments, path) !== undefined
          if (coverage !== 'depends') expect(isCovered, path.join(' / ')).to.equal(coverage === 'always')
        }
      }),
      { numRuns: 5000 },
    )
    for (const [coverage, times] of Object.entries(seen)) expect(times, coverage).to.be.above(100)
  })

  it('a route always covers itself, whatever its parameters are called', () => {
    fc.assert(
      fc.property(arbitraryRoute, ({ text, segments }) => {
        const hasInnerRest = segments.slice(0, -1).some(({ kind }) => kind === 'rest')
        if (!hasInnerRest) expect(coverRoute(parseRoute(text), parseRoute(text))).to.equal('always')
        else expect(coverRoute(parseRoute(text), parseRoute(text))).to.not.equal('never')
      }),
    )
  })

  it('domains: "always" and "never" hold for every host of the inner one', () => {
    const of = (host: string, domain: string) => domain === '' || isOfDomain(host, domain)
    fc.assert(
      fc.property(arbitraryPattern, arbitraryPattern, fc.constantFrom(...hosts), (a, b, host) => {
        for (const outer of a.domains) {
          expect(isWithin(host, outer)).to.equal(of(host, outer))
          for (const inner of b.domains) {
            const coverage = coverDomain(outer, inner)
            if (of(host, inner) && coverage !== 'depends') {
              expect(of(host, outer), `${outer} ${coverage} covers ${inner}`).to.equal(coverage === 'always')
            }
          }
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('both: is "always" only where both are, and "never" where one is', () => {
    const coverages = ['always', 'never', 'depends'] as const
    for (const a of coverages) {
      for (const b of coverages) {
        const wanted = a === 'never' || b === 'never' ? 'never' : a === b ? a : 'depends'
        expect(bothCover(a, b), `${a} ${b}`).to.equal(wanted)
      }
    }
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import type { Method } from '../../lib/net/methods.ts'
import { type Bound, compareBound } from '../../lib/routing/bound.ts'
import { parseRoute } from '../../lib/routing/route.ts'
import { arbitraryPathPlan, drawPath, spellPath } from './arbitrary-paths.ts'
import { arbitraryPattern } from './arbitrary-patterns.ts'
import { bindPatterns } from './bind-patterns.ts'
import { createTable } from './create-table.ts'
import { capture, compareNaively, expandPatterns, isOfDomain, type NaiveRoute } from './naive-router.ts'

/** Routes so much alike that every rule has to decide now and then. */
const arbitraryBound: fc.Arbitrary<Bound<number>> = fc
  .record({
    method: fc.constantFrom<Method>('GET', 'POST', 'ALL'),
    domain: fc.constantFrom('', 'a.com', 'b.a.com', '*.a.com', '*.b.a.com', '*.com'),
    route: fc.constantFrom('/', '/a', '/ab', '/:', '/:x', '/*', '/{x}', '/a{x}', '/{x}-{y}', '/a/:x', '/a/*', '/:/*'),
    order: fc.nat(1000),
  })
  .map(({ route, ...rest }) => ({ ...rest, route: parseRoute(route), value: 0 }))

/** What is bound on one server never has two at one place in the order of registration. */
const arbitraryBounds = (count: number) =>
  fc.uniqueArray(arbitraryBound, { minLength: count, maxLength: count, selector: (bound) => bound.order })

const sign = (a: Bound<unknown>, b: Bound<unknown>) => Math.sign(compareBound(a, b))

describe('property: the order of routes', function () {
  this.timeout(60_000)

  it('is total and antisymmetric: of two, one goes before the other', () => {
    fc.assert(
      fc.property(arbitraryBounds(2), ([a, b]) => {
        expect(sign(a!, b!)).to.be.oneOf([-1, 1])
        expect(sign(b!, a!)).to.equal(-sign(a!, b!))
        expect(sign(a!, a!)).to.equal(0)
      }),
      { numRuns: 5000 },
    )
  })

  it('is transitive', () => {
    fc.assert(
      fc.property(arbitraryBounds(3), ([a, b, c]) => {
        if (sign(a!, b!) < 0 && sign(b!, c!) < 0) expect(sign(a!, c!)).to.equal(-1)
      }),
      { numRuns: 5000 },
    )
  })

  it('does not depend on the order in which it is sorted', () => {
    const arbitraryShuffles = arbitraryBounds(8).chain((bounds) =>
      fc.tuple(fc.constant(bounds), fc.shuffledSubarray(bounds, { minLength: 8 })),
    )
    fc.assert(
      fc.property(arbitraryShuffles, ([bounds, shuffled]) => {
        expect(shuffled.toSorted(compareBound)).to.deep.equal(bounds.toSorted(compareBound))
      }),
      { numRuns: 500 },
    )
  })

  const arbitraryMeeting = fc
    .record({
      patterns: fc.tuple(arbitraryPattern, arbitraryPattern),
      plan: arbitraryPathPlan,
      host: fc.constantFrom('', 'a.com', 'b.a.com', 'c.b.a.com', 'localhost'),
      method: fc.constantFrom('GET', 'POST'),
    })
    .map(({ patterns, plan, host, method }) => {
      const follow = plan.follow % 2
      const path = drawPath(
        patterns.map(({ segments }) => segments),
        { ...plan, follow },
      )
      return { patterns, path, host, method }
    })

  it('is that of the eight rules, and decides between each two that match', () => {
    let meetings = 0
    fc.assert(
      fc.property(arbitraryMeeting, ({ patterns, path, host, method }) => {
        const matches = ({ method: own, domain, segments }: NaiveRoute) =>
          (own === method || own === 'ALL') &&
          (domain === '' || isOfDomain(host, domain)) &&
          capture(segments, path) !== undefined
        const bounds = bindPatterns(patterns.map(({ text }) => text))
        const routes = expandPatterns(patterns)
        const rawPath = spellPath(path, [0])
        for (const [i, a] of routes.entries()) {
          for (const [j, b] of routes.entries()) {
            if (i >= j || !matches(a) || !matches(b)) continue
            meetings++
            const [boundA, boundB] = [bounds[i]!, bounds[j]!]
            expect(sign(boundA, boundB)).to.equal(compareNaively(a, b) || -1)
            const [first] = [boundA, boundB].toSorted(compareBound)
            for (const parts of [[[boundB, boundA]], [[boundA], [boundB]], [[boundB], [boundA]]]) {
              const found = createTable(parts).find({ method, host, rawPath, segments: path })
              expect(found?.bound).to.equal(first)
            }
          }
        }
      }),
      { numRuns: 4000 },
    )
    expect(meetings, 'routes that met').to.be.above(100)
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { httpMethods } from '../../lib/net/methods.ts'
import { parsePath } from '../../lib/net/path.ts'
import { matchesRoute, readParams } from '../../lib/routing/match-route.ts'
import { parseRoute } from '../../lib/routing/route.ts'
import type { Target } from '../../lib/routing/target.ts'
import { arbitraryPathPlan, arbitrarySpelling, drawPath, spellPath } from './arbitrary-paths.ts'
import { arbitraryPattern, hosts } from './arbitrary-patterns.ts'
import { arbitrarySegments, writeRoute } from './arbitrary-segments.ts'
import { bindPatterns } from './bind-patterns.ts'
import { createTable } from './create-table.ts'
import { allowNaively, capture, expandPatterns, findNaively } from './naive-router.ts'

const arbitraryAsk = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'QUERY', 'DELETE', 'PROPFIND'),
  host: fc.constantFrom(...hosts),
  plan: arbitraryPathPlan,
  spelling: arbitrarySpelling,
})

const arbitraryTable = fc.record({
  patterns: fc.array(arbitraryPattern, { maxLength: 12 }),
  strictDomains: fc.boolean(),
  /** The part of the table that each pattern is in, as layers are. */
  parts: fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }),
  otherMethods: fc.subarray([...httpMethods, 'ALL' as const]),
  asks: fc.array(arbitraryAsk, { minLength: 1, maxLength: 12 }),
})

type Table = typeof arbitraryTable extends fc.Arbitrary<infer T> ? T : never

function build({ patterns, strictDomains, otherMethods, parts }: Table) {
  const bounds = bindPatterns(patterns.map(({ text }) => text))
  return createTable(
    [0, 1, 2].map((part) => bounds.filter(({ value }) => parts[value] === part)),
    strictDomains,
    otherMethods,
  )
}

function targetOf({ patterns }: Table, { method, host, plan, spelling }: Table['asks'][number]) {
  const path = drawPath(
    patterns.map(({ segments }) => segments),
    plan,
  )
  const rawPath = spellPath(path, spelling)
  const target: Target = { method, host, rawPath, segments: parsePath(rawPath) }
  return { path, target }
}

describe('property: the route table', function () {
  this.timeout(60_000)

  it('finds what the naive router finds, with its parameters', () => {
    fc.assert(
      fc.property(arbitraryTable, (given) => {
        const table = build(given)
        const routes = expandPatterns(given.patterns)
        for (const ask of given.asks) {
          const { path, target } = targetOf(given, ask)
          const wanted = findNaively(routes, { ...ask, path }, given.strictDomains)
          const found = table.find(target)?.bound
          const about = `${ask.method} ${target.rawPath} at ${ask.host || 'no host'}`
          expect(found && [found.value, found.method, found.domain], about).to.deep.equal(
            wanted && [wanted.index, wanted.method, wanted.domain],
          )
          if (found && wanted) {
            const params = new Map(Object.entries(readParams(found.route, target)))
            expect(params, about).to.deep.equal(capture(wanted.segments, path))
          }
        }
      }),
      { numRuns: 4000 },
    )
  })

  it('asks for what serves with the methods that take part: GET for HEAD only where GET serves', () => {
    fc.assert(
      fc.property(arbitraryTable, (given) => {
        const table = build(given)
        for (const ask of given.asks) {
          const { target } = targetOf(given, ask)
          const found = table.find(target)
          if (found === undefined) continue
          const isByGet = ask.method === 'HEAD' && found.bound.method === 'GET'
          const wanted = [ask.method, 'ALL', ...(isByGet ? ['GET'] : [])]
          expect(wanted).to.include.members([...found.methods])
          // A method that nothing but routes tells apart needs no value of its own.
          const isTold = (method: string) => [...given.otherMethods, 'ALL'].some((other) => other === method)
          expect(found.methods).to.include.members(wanted.filter(isTold))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('knows the methods under which a path has a route', () => {
    fc.assert(
      fc.property(arbitraryTable, (given) => {
        const table = build(given)
        const routes = expandPatterns(given.patterns)
        for (const ask of given.asks) {
          const { path, target } = targetOf(given, ask)
          expect(table.allowedMethods(target)).to.have.members(
            allowNaively(routes, { host: ask.host, path }, given.strictDomains),
          )
        }
      }),
      { numRuns: 500 },
    )
  })

  it('finds nothing on a path that cannot be decoded', () => {
    fc.assert(
      fc.property(
        arbitraryTable,
        fc.constantFrom('/%', '/a/%ff', '/..', '/a/%2e', '/a%00', '/a%5cb'),
        (given, rawPath) => {
          for (const { method, host } of given.asks) {
            expect(build(given).find({ method, host, rawPath, segments: parsePath(rawPath) })).to.equal(undefined)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('property: matching one route', () => {
  it('matches, and captures greedily from the left, as the naive router does', () => {
    fc.assert(
      fc.property(arbitrarySegments, fc.array(arbitraryPathPlan, { minLength: 1, maxLength: 8 }), (segments, plans) => {
        const route = parseRoute(writeRoute(segments))
        for (const plan of plans) {
          const path = drawPath([segments], { ...plan, follow: plan.follow % 2 })
          const wanted = capture(segments, path)
          expect(matchesRoute(route, path), path.join(' / ')).to.equal(wanted !== undefined)
          if (wanted === undefined) continue
          const params = readParams(route, {
            rawPath: spellPath(path, plan.values.length > 2 ? [0] : [0, 1, 2]),
            segments: path,
          })
          expect(new Map(Object.entries(params)), path.join(' / ')).to.deep.equal(wanted)
          expect(Object.getPrototypeOf(Object.getPrototypeOf(params)), 'inherits nothing').to.equal(null)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

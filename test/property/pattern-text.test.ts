import { expect } from 'chai'
import fc from 'fast-check'
import { RouteError } from '../../lib/base/errors.ts'
import { formatPattern, parsePattern, type Pattern } from '../../lib/routing/pattern.ts'
import { formatRoute, parseRoute } from '../../lib/routing/route.ts'
import { formatSegment, parseSegment } from '../../lib/routing/segment.ts'
import { arbitraryPattern } from './arbitrary-patterns.ts'
import { shapeOf } from './naive-router.ts'

/** What a pattern stands for, without how it was written. */
function meaningOf({ methods, route, domains }: Pattern) {
  return { methods, route, domains }
}

function isParsed(text: string): boolean {
  try {
    parsePattern(text)
    return true
  } catch (error) {
    if (!(error instanceof RouteError)) throw error
    expect(error.message, 'names the pattern').to.include(`"${text}"`)
    return false
  }
}

/** Texts that are often patterns, and often just not. */
const arbitraryScrawl = fc.oneof(
  fc
    .array(
      fc.constantFrom('/', ':', '*', '{', '}', '@', ',', '.', '-', 'a', 'b', 'GET', 'all', ' ', 'a.com', '\\', 'é'),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join('')),
  fc
    .array(fc.constantFrom('/', ':x', '*y', '{z}', '@a.com', '@', ',', '*.b.com', 'a', ' ', 'x'), { maxLength: 8 })
    .map((parts) => '/' + parts.join('')),
)

describe('property: patterns as text', function () {
  this.timeout(60_000)

  it('are read as they are meant, in whatever way they are written', () => {
    fc.assert(
      fc.property(arbitraryPattern, ({ text, methods, segments, domains }) => {
        const pattern = parsePattern(text)
        expect(pattern.methods).to.deep.equal([...new Set(methods)])
        expect(pattern.domains).to.deep.equal([...new Set(domains)])
        expect(pattern.route.segments).to.deep.equal(segments)
        expect(pattern.text).to.equal(text)
      }),
      { numRuns: 3000 },
    )
  })

  it('parse and format are inverse', () => {
    fc.assert(
      fc.property(arbitraryPattern, ({ text }) => {
        const pattern = parsePattern(text)
        const formatted = formatPattern(pattern)
        expect(formatPattern(parsePattern(formatted))).to.equal(formatted)
        expect(meaningOf(parsePattern(formatted))).to.deep.equal(meaningOf(pattern))
      }),
      { numRuns: 3000 },
    )
  })

  it('parse and format are inverse for all that is a pattern; all else is a RouteError that names it', () => {
    let patterns = 0
    fc.assert(
      fc.property(arbitraryScrawl, (text) => {
        if (!isParsed(text)) return
        patterns++
        const pattern = parsePattern(text)
        const formatted = formatPattern(pattern)
        expect(meaningOf(parsePattern(formatted)), `${text} formatted ${formatted}`).to.deep.equal(meaningOf(pattern))
        expect(formatPattern(parsePattern(formatted))).to.equal(formatted)
      }),
      { numRuns: 10_000 },
    )
    expect(patterns, 'patterns among the texts').to.be.above(1000)
  })

  it('have one shape exactly where they differ in nothing but names', () => {
    fc.assert(
      fc.property(arbitraryPattern, arbitraryPattern, (a, b) => {
        const isSame = shapeOf(a.segments) === shapeOf(b.segments)
        expect(parsePattern(a.text).route.shape === parsePattern(b.text).route.shape).to.equal(isSame)
      }),
      { numRuns: 3000 },
    )
  })

  it('routes and segments, too, are the text they were made of', () => {
    fc.assert(
      fc.property(arbitraryPattern, ({ text }) => {
        const { route } = parsePattern(text)
        expect(formatRoute(route.segments)).to.equal(route.text)
        expect(parseRoute(route.text)).to.deep.equal(route)
        for (const segment of route.segments) expect(parseSegment(formatSegment(segment))).to.deep.equal(segment)
      }),
      { numRuns: 1000 },
    )
  })
})

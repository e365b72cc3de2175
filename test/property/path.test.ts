import { expect } from 'chai'
import fc from 'fast-check'
import { formatPath, parsePath } from '../../lib/net/path.ts'
import { arbitraryPathPlan, arbitrarySpelling, drawPath, spellPath } from './arbitrary-paths.ts'
import { readPathNaively } from './naive-path.ts'

const pieces = [
  '/ // . .. %2e %2E % %2 %zz %00 \0 \\ %5c %5C %2f %252e %25',
  'a b ; # + ~ \x7f \xc3 \xa9 %c3 %A9 %ff %c0%ae %ed%a0%80 %EF%BB%BF',
].flatMap((line) => line.split(' '))

/** What a client may send, in the characters of `node:http`: attacks, and any byte. */
const arbitraryRawPath = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 10 }).map((parts) => '/' + parts.join('')),
  fc.array(fc.nat(255), { maxLength: 20 }).map((bytes) => '/' + String.fromCharCode(...bytes)),
)

const arbitrarySegments = arbitraryPathPlan.map((plan) => drawPath([], plan))

describe('property: paths', function () {
  this.timeout(60_000)

  it('are split and decoded as the contract says, whatever a client sends', () => {
    fc.assert(
      fc.property(arbitraryRawPath, (path) => {
        expect(parsePath(path)).to.deep.equal(readPathNaively(path))
      }),
      { numRuns: 20_000 },
    )
  })

  it('never have a segment that is empty, "." or "..", or holds NUL or a backslash', () => {
    fc.assert(
      fc.property(arbitraryRawPath, (path) => {
        for (const segment of parsePath(path) ?? []) {
          expect(segment).to.not.be.oneOf(['', '.', '..'])
          expect(segment).to.not.match(/[\0\\]/)
        }
      }),
      { numRuns: 10_000 },
    )
  })

  it('have a canonical form: encoding the segments and parsing again changes nothing', () => {
    fc.assert(
      fc.property(arbitraryRawPath, (path) => {
        const segments = parsePath(path)
        if (segments === undefined) return
        const canonical = '/' + segments.map(encodeURIComponent).join('/')
        expect(parsePath(canonical)).to.deep.equal(segments)
        expect(parsePath(canonical)?.map(encodeURIComponent)).to.deep.equal(segments.map(encodeURIComponent))
      }),
      { numRuns: 10_000 },
    )
  })

  it('mean the same in every spelling', () => {
    fc.assert(
      fc.property(arbitrarySegments, arbitrarySpelling, (segments, spelling) => {
        expect(parsePath(spellPath(segments, spelling)), spellPath(segments, spelling)).to.deep.equal(segments)
      }),
      { numRuns: 5000 },
    )
  })

  it('never have a decoded slash for a separator, also where people read them', () => {
    fc.assert(
      fc.property(arbitrarySegments, (segments) => {
        const shown = formatPath(segments)
        expect(shown.startsWith('/')).to.equal(true)
        expect(shown.slice(1).split('/')).to.have.length(Math.max(1, segments.length))
      }),
    )
  })
})

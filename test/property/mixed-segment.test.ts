import { expect } from 'chai'
import fc from 'fast-check'
import { matchMixed } from '../../lib/routing/segment.ts'
import { arbitraryMixedTexts } from './arbitrary-segments.ts'
import { greedyPattern } from './naive-router.ts'

const unit = fc.constantFrom('a', 'b', '-', '.', 'é', ':', '*', '}', '/', '😀', '\n')

/** Any text, or the texts of the segment with something between them. */
const arbitraryCase = fc
  .record({
    texts: arbitraryMixedTexts,
    values: fc.array(fc.string({ unit, maxLength: 4 }), { minLength: 4, maxLength: 4 }),
    isAny: fc.boolean(),
  })
  .map(({ texts, values, isAny }) => ({
    texts,
    value: isAny ? values.join('') : texts.map((text, i) => text + (i < texts.length - 1 ? values[i] : '')).join(''),
  }))

describe('property: text with fields', () => {
  it('matches, and takes, what the greedy regular expression does', () => {
    let matches = 0
    fc.assert(
      fc.property(arbitraryCase, ({ texts, value }) => {
        const names = texts.slice(1).map((_text, i) => `f${i}`)
        const wanted = greedyPattern(texts).exec(value)
        if (wanted) matches++
        expect(matchMixed({ kind: 'mixed', texts, names }, value)).to.deep.equal(wanted?.slice(1))
      }),
      { numRuns: 10_000 },
    )
    expect(matches, 'values that matched').to.be.above(1000)
  })
})

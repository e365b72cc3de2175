import { expect } from 'chai'
import fc from 'fast-check'
import { runAtOnce, runInSlices, sortInSteps, type Steps } from '../../../lib/base/steps.ts'
import { rejected } from '../../feature/both-ways.ts'

/** Works for some milliseconds, one after another. */
function* work(ms: number): Steps<string> {
  for (let i = 0; i < ms; i++) {
    const end = performance.now() + 1
    while (performance.now() < end);
    yield
  }
  return 'done'
}

describe('base/steps', () => {
  it('runs all steps without a pause', () => {
    let turns = 0
    setImmediate(() => turns++)
    expect(runAtOnce(work(5))).to.equal('done')
    expect(turns).to.equal(0)
  })

  it('runs them in slices, between which the event loop goes on', async () => {
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    expect(await runInSlices(work(30), new AbortController().signal)).to.equal('done')
    isOver = true
    // At most two steps of a millisecond each fit into a slice, and one more that began within it.
    expect(turns).to.be.at.least(9)
  })

  it('ends at the next pause once it is aborted', async () => {
    const controller = new AbortController()
    setImmediate(() => controller.abort(new Error('enough')))
    expect((await rejected(runInSlices(work(10_000), controller.signal))).message).to.equal('enough')
  })

  it('sorts as toSorted does, equal values in their order', () => {
    const arbitrary = fc.array(fc.record({ rank: fc.nat(5), name: fc.nat() }), { maxLength: 1000, size: 'max' })
    fc.assert(
      fc.property(arbitrary, (values) => {
        const compare = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank
        expect(runAtOnce(sortInSteps(values, compare))).to.deep.equal(values.toSorted(compare))
      }),
      { numRuns: 30 },
    )
  })
})

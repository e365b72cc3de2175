import { expect } from 'chai'
import fc from 'fast-check'
import { Switch } from '../../../lib/base/switch.ts'

describe('base/switch', () => {
  it('holds what was set last, and returns what it held before, whatever that is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (initial, values) => {
        const inUse = new Switch<unknown>(initial)
        let before = initial
        for (const value of values) {
          expect(inUse.set(value)).to.equal(before)
          expect(inUse.current).to.equal(value)
          before = value
        }
        expect(inUse.current).to.equal(before)
      }),
    )
  })

  it('is nothing to others: what one read stays as it was', () => {
    const [first, second] = [{ name: 'first' }, { name: 'second' }]
    const [one, other] = [new Switch(first), new Switch(first)]
    const read = one.current
    one.set(second)
    expect([read, one.current, other.current]).to.deep.equal([first, second, first])
  })
})

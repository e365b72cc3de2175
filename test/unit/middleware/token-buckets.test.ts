import { expect } from 'chai'
import { TokenBuckets } from '../../../lib/middleware/token-buckets.ts'

describe('TokenBuckets', () => {
  it('fills a bucket evenly, and never beyond its size', () => {
    const buckets = new TokenBuckets({ interval: 100, size: 3, maxKeys: 10 })
    const take = (now: number) => Object.values(buckets.take('a', now))
    expect(take(0)).to.deep.equal([true, 2, 100, 0])
    expect(take(0)).to.deep.equal([true, 1, 200, 0])
    expect(take(0)).to.deep.equal([true, 0, 300, 100])
    expect(take(0)).to.deep.equal([false, 0, 300, 100])
    expect(take(99)).to.deep.equal([false, 0, 201, 1])
    expect(take(100)).to.deep.equal([true, 0, 300, 100])
    expect(take(350)).to.deep.equal([true, 1, 150, 0])
    for (const left of [2, 1, 0]) expect(buckets.take('a', 1e6).left).to.equal(left)
    expect(buckets.take('a', 1e6).isTaken).to.equal(false)
    expect(buckets.take('b', 1e6).isTaken, 'that of another key').to.equal(true)
  })

  it('lets through as many as come at the rate, whatever the rate', () => {
    for (const interval of [1 / 3, 1000 / 7, 60_000 / 101]) {
      const buckets = new TokenBuckets({ interval, size: 1, maxKeys: 1 })
      for (let i = 0; i < 1000; i++)
        expect(buckets.take('a', 5 + i * interval).isTaken, `${interval} ${i}`).to.equal(true)
      expect(buckets.take('a', 5 + 999.5 * interval).isTaken).to.equal(false)
    }
  })

  it('forgets the key that was let in longest ago where there are too many', () => {
    const buckets = new TokenBuckets({ interval: 100, size: 1, maxKeys: 2 })
    for (const key of ['a', 'b', 'c']) expect(buckets.take(key, 0).isTaken, key).to.equal(true)
    expect(buckets.take('b', 0).isTaken, 'b is known').to.equal(false)
    expect(buckets.take('c', 0).isTaken, 'c is known').to.equal(false)
    expect(buckets.take('a', 0).isTaken, 'a was forgotten').to.equal(true)
  })
})

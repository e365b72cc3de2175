import { expect } from 'chai'
import { Continuation } from '../../../lib/pipeline/continuation.ts'

const error = new Error('inside')
const fail = () => {
  throw error
}
const failLater = async () => {
  await Promise.resolve()
  throw error
}

describe('pipeline/continuation', () => {
  it('runs at once, and then says that it has settled', async () => {
    const seen: string[] = []
    const continuation = new Continuation(
      () => void seen.push('run'),
      () => seen.push('settled'),
    )
    expect(seen).to.deep.equal(['run', 'settled'])
    expect(await continuation).to.equal(undefined)
  })

  it('settles once, before whoever waits goes on', async () => {
    const ends: [name: string, run: () => void | Promise<unknown>][] = [
      ['value', async () => 'a value that nobody is to see'],
      ['failure', fail],
      ['later failure', failLater],
    ]
    for (const [name, run] of ends) {
      const seen: string[] = []
      const continuation = new Continuation(run, () => seen.push('settled'))
      await continuation.then(
        (value) => seen.push(`fulfilled with ${String(value)}`),
        (thrown) => seen.push(thrown === error ? 'rejected' : 'rejected with something else'),
      )
      expect(seen, name).to.deep.equal(['settled', name === 'value' ? 'fulfilled with undefined' : 'rejected'])
    }
  })

  it('is a promise: then, catch, finally, Promise.all', async () => {
    const seen: unknown[] = []
    const make = (run: () => void | Promise<unknown>) => new Continuation(run, () => {})
    await make(failLater).catch((thrown: unknown) => seen.push(thrown))
    await make(fail)
      .finally(() => seen.push('finally'))
      .catch((thrown: unknown) => seen.push(thrown))
    expect(await Promise.all([make(() => {}), make(async () => 1)])).to.deep.equal([undefined, undefined])
    expect(seen).to.deep.equal([error, 'finally', error])
    expect(Object.prototype.toString.call(make(() => {}))).to.equal('[object Promise]')
  })

  it('gives the same end to all who wait', async () => {
    const continuation = new Continuation(failLater, () => {})
    const ends = await Promise.allSettled([continuation, continuation.then(), continuation.finally()])
    expect(ends.map((end) => end.status)).to.deep.equal(['rejected', 'rejected', 'rejected'])
  })

  describe('what nobody waits for', () => {
    it('is nothing where it ended well', () => {
      expect(
        new Continuation(
          () => {},
          () => {},
        ).takeUnobserved(),
      ).to.equal(undefined)
    })

    it('is thrown where it failed', () => {
      expect(() => new Continuation(fail, () => {}).takeUnobserved()).to.throw(error)
    })

    it('is waited for where it goes on', async () => {
      const ends = await Promise.allSettled([
        new Continuation(failLater, () => {}).takeUnobserved(),
        new Continuation(
          async () => {},
          () => {},
        ).takeUnobserved(),
      ])
      expect(ends.map((end) => end.status)).to.deep.equal(['rejected', 'fulfilled'])
    })

    it('is nothing any more where somebody waits', async () => {
      const observed = [fail, failLater].map((run) => new Continuation(run, () => {}))
      const waiting = Promise.allSettled(observed.map((continuation) => continuation.then(() => {})))
      for (const continuation of observed) expect(continuation.takeUnobserved()).to.equal(undefined)
      expect((await waiting).map((end) => end.status)).to.deep.equal(['rejected', 'rejected'])
    })
  })

  it('that fails with nobody waiting yet ends no process', async () => {
    const continuation = new Continuation(failLater, () => {})
    await new Promise((resolve) => setImmediate(resolve))
    expect(await continuation.catch(() => 'caught')).to.equal('caught')
  })
})

import { expect } from 'chai'
import { ObservedPromise as Observed } from '../../../lib/base/observed-promise.ts'

const error = new Error('inside')
const fail = () => {
  throw error
}
const failLater = async () => {
  await Promise.resolve()
  throw error
}

type Run = () => void | Promise<unknown>
const observe = (run: Run, settled: () => unknown = () => {}) => new Observed({ begin: run, ended: settled })

describe('base/observed-promise', () => {
  it('runs at once, and then says that it has settled', async () => {
    const seen: string[] = []
    const promise = observe(
      () => void seen.push('run'),
      () => seen.push('settled'),
    )
    expect(seen).to.deep.equal(['run', 'settled'])
    expect(await promise).to.equal(undefined)
  })

  it('calls settled once, before what awaits it goes on', async () => {
    const ends: [name: string, run: () => void | Promise<unknown>][] = [
      ['value', async () => 'a value that is dropped'],
      ['failure', fail],
      ['later failure', failLater],
    ]
    for (const [name, run] of ends) {
      const seen: string[] = []
      const promise = observe(run, () => seen.push('settled'))
      await promise.then(
        (value) => seen.push(`fulfilled with ${String(value)}`),
        (thrown) => seen.push(thrown === error ? 'rejected' : 'rejected with something else'),
      )
      expect(seen, name).to.deep.equal(['settled', name === 'value' ? 'fulfilled with undefined' : 'rejected'])
    }
  })

  it('is a promise: then, catch, finally, Promise.all', async () => {
    const seen: unknown[] = []
    const make = (run: () => void | Promise<unknown>) => observe(run, () => {})
    await make(failLater).catch((thrown: unknown) => seen.push(thrown))
    await make(fail)
      .finally(() => seen.push('finally'))
      .catch((thrown: unknown) => seen.push(thrown))
    expect(await Promise.all([make(() => {}), make(async () => 1)])).to.deep.equal([undefined, undefined])
    expect(seen).to.deep.equal([error, 'finally', error])
    expect(Object.prototype.toString.call(make(() => {}))).to.equal('[object Promise]')
  })

  it('ends in the same way for all that await it', async () => {
    const promise = observe(failLater, () => {})
    const ends = await Promise.allSettled([promise, promise.then(undefined), promise.finally(() => {})])
    expect(ends.map((end) => end.status)).to.deep.equal(['rejected', 'rejected', 'rejected'])
  })

  describe('what is left to the pipeline', () => {
    it('is nothing where it ended well', () => {
      expect(
        observe(
          () => {},
          () => {},
        ).takeUnobserved(),
      ).to.equal(undefined)
    })

    it('is thrown where it failed', () => {
      expect(() => observe(fail, () => {}).takeUnobserved()).to.throw(error)
    })

    it('is the work under way', async () => {
      const ends = await Promise.allSettled([
        observe(failLater, () => {}).takeUnobserved(),
        observe(
          async () => {},
          () => {},
        ).takeUnobserved(),
      ])
      expect(ends.map((end) => end.status)).to.deep.equal(['rejected', 'fulfilled'])
    })

    it('is nothing once it is awaited', async () => {
      const observed = [fail, failLater].map((run) => observe(run, () => {}))
      const waiting = Promise.allSettled(observed.map((promise) => promise.then(() => {})))
      for (const promise of observed) expect(promise.takeUnobserved()).to.equal(undefined)
      expect((await waiting).map((end) => end.status)).to.deep.equal(['rejected', 'rejected'])
    })
  })

  it('ends no process by failing before it is awaited', async () => {
    const promise = observe(failLater, () => {})
    await new Promise((resolve) => setImmediate(resolve))
    expect(await promise.catch(() => 'caught')).to.equal('caught')
  })

  describe('its end', () => {
    it('rejects where the failure is awaited nowhere else', async () => {
      for (const run of [fail, failLater]) {
        expect(
          await observe(run)
            .ended()
            .catch((thrown: unknown) => thrown),
        ).to.equal(error)
      }
    })

    it('resolves where the failure is awaited, also later', async () => {
      const promise = observe(failLater)
      const ended = promise.ended()
      const awaited = promise.catch((thrown: unknown) => thrown)
      expect(await ended).to.equal(undefined)
      expect(await awaited).to.equal(error)
    })
  })
})

import { expect } from 'chai'
import { done, isPromise, runInTurn, type Sequence } from '../../../lib/base/in-turn.ts'

const error = new Error('inside')

/** A sequence that notes what runs and, of each failure, that it goes on with the next step. */
function sequence(...runs: (() => unknown)[]) {
  const seen: string[] = []
  const steps: Sequence = {
    run(index) {
      if (index >= runs.length) return done
      seen.push(`run ${index}`)
      return runs[index]?.()
    },
    failed(index, thrown) {
      seen.push(`failed ${index}: ${(thrown as Error).message}`)
      return index + 1
    },
  }
  return { steps, seen }
}

const fail = () => {
  throw error
}

describe('base/in-turn', () => {
  it('runs without a promise where no step returns one', () => {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const { steps, seen } = sequence(
      () => 1,
      fail,
      () => ({ then: 'no function' }),
    )
    expect(runInTurn(steps)).to.equal(undefined)
    expect(seen).to.deep.equal(['run 0', 'run 1', 'failed 1: inside', 'run 2'])
  })

  it('awaits promises before the next step, and anything else with a function then', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const thenable = { then: (resolve: () => void) => setTimeout(resolve, 1) }
    const { steps, seen } = sequence(
      () => thenable,
      async () => seen.push('in between'),
      () => Promise.reject(error),
      () => 1,
    )
    const running = runInTurn(steps)
    expect(seen).to.deep.equal(['run 0'])
    expect(await running).to.equal(undefined)
    expect(seen).to.deep.equal(['run 0', 'run 1', 'in between', 'run 2', 'failed 2: inside', 'run 3'])
  })

  it('awaits what else is pending after a step that returned a promise', async () => {
    let isDone = false
    const pending = new Promise<void>((resolve) => setTimeout(resolve, 2)).then(() => void (isDone = true))
    const { steps, seen } = sequence(
      async () => {},
      () => seen.push(`done: ${isDone}`),
    )
    await runInTurn({ ...steps, pending })
    expect(seen).to.include('done: true')
  })

  it('starts where it is told to, and ends where the failure of a step leads', () => {
    const { steps, seen } = sequence(fail, fail, fail, () => 1)
    expect(runInTurn({ ...steps, failed: () => 4 }, 2)).to.equal(undefined)
    expect(seen).to.deep.equal(['run 2'])
  })

  it('throws, or rejects, what a failure is turned into', async () => {
    const { steps } = sequence(fail)
    const other = new Error('other')
    const failed = () => {
      throw other
    }
    expect(() => runInTurn({ ...steps, failed })).to.throw(other)
    const later = sequence(() => Promise.reject(error)).steps
    expect(await (runInTurn({ ...later, failed }) as Promise<void>).catch((thrown: unknown) => thrown)).to.equal(other)
  })

  it('treats what throws while it is looked at as a failure of its step', () => {
    const hostile = new Proxy({}, { get: fail })
    const { steps, seen } = sequence(() => hostile)
    expect(runInTurn(steps)).to.equal(undefined)
    expect(seen).to.deep.equal(['run 0', 'failed 0: inside'])
  })

  it('takes objects with a function then for promises, and nothing else', () => {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const others = [undefined, null, 0, 'then', {}, { then: 1 }, () => {}]
    expect(others.filter(isPromise)).to.deep.equal([])
    expect(isPromise(Promise.resolve())).to.equal(true)
  })
})

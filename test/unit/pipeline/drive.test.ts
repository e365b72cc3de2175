import { expect } from 'chai'
import { drive } from '../../../lib/pipeline/drive.ts'

type Sequence = Generator<unknown, void, unknown>

describe('pipeline/drive', () => {
  it('runs without a promise where nothing is one, and gives back what was yielded', () => {
    const seen: unknown[] = []
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const nearly = { then: 'no function' }
    function* sequence(): Sequence {
      seen.push(yield 1, yield undefined, yield nearly)
    }
    expect(drive(sequence())).to.equal(undefined)
    expect(seen).to.deep.equal([1, undefined, nearly])
  })

  it('waits for promises, and gives back what they became', async () => {
    const seen: unknown[] = []
    function* sequence(): Sequence {
      seen.push(yield 1, yield Promise.resolve(2), yield 3, yield Promise.resolve(4))
    }
    const driven = drive(sequence())
    expect(seen).to.deep.equal([])
    expect(await driven).to.equal(undefined)
    expect(seen).to.deep.equal([1, 2, 3, 4])
  })

  it('waits for whatever has a then', async () => {
    const seen: unknown[] = []
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const thenable = { then: (resolve: (value: string) => void) => resolve('then') }
    function* sequence(): Sequence {
      seen.push(yield thenable)
    }
    await drive(sequence())
    expect(seen).to.deep.equal(['then'])
  })

  it('throws what the sequence throws at once', () => {
    const error = new Error('at once')
    function* sequence(): Sequence {
      yield 1
      throw error
    }
    expect(() => drive(sequence())).to.throw(error)
  })

  it('rejects with what the sequence throws later, also what is no error', async () => {
    function* sequence(): Sequence {
      yield Promise.resolve()
      throw 'text'
    }
    expect(await caught(drive(sequence()))).to.equal('text')
  })

  it('throws a rejection into the sequence, which may go on', async () => {
    const seen: unknown[] = []
    function* sequence(): Sequence {
      try {
        yield Promise.reject('refused')
      } catch (thrown) {
        seen.push(thrown, yield Promise.resolve('on'))
      } finally {
        seen.push('finally')
      }
    }
    await drive(sequence())
    expect(seen).to.deep.equal(['refused', 'on', 'finally'])
  })

  it('rejects with a rejection that the sequence lets pass', async () => {
    function* sequence(): Sequence {
      yield Promise.reject(new Error('refused'))
    }
    expect(await caught(drive(sequence()))).to.have.property('message', 'refused')
  })

  it('does not fill the stack with thousands of steps', async () => {
    function* sequence(): Sequence {
      for (let i = 0; i < 20_000; i++) yield i
      for (let i = 0; i < 2000; i++) yield Promise.resolve(i)
    }
    await drive(sequence())
  })
})

async function caught(promise: void | Promise<void>): Promise<unknown> {
  try {
    await promise
  } catch (thrown) {
    return thrown
  }
  throw new Error('nothing was thrown')
}

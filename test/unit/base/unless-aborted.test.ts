import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { unlessAborted } from '../../../lib/base/unless-aborted.ts'
import { rejected } from '../../feature/both-ways.ts'

describe('unlessAborted', () => {
  it('ends as the work does, and leaves no listener at the signal', async () => {
    const { signal } = new AbortController()
    expect(await unlessAborted(signal, Promise.resolve('done'))).to.equal('done')
    const failure = new Error('it failed')
    expect(await rejected(unlessAborted(signal, Promise.reject(failure)))).to.equal(failure)
    expect(getEventListeners(signal, 'abort')).to.be.empty
  })

  it('rejects with the reason while the work goes on', async () => {
    const controller = new AbortController()
    const waiting = unlessAborted(controller.signal, new Promise(() => {}))
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await rejected(waiting)).to.equal(reason)
    expect(getEventListeners(controller.signal, 'abort')).to.be.empty
  })

  it('rejects where the signal was aborted before, also if the work is done, and leaves no rejection of the work', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    expect(await rejected(unlessAborted(signal, Promise.resolve('done')))).to.equal(reason)
    expect(await rejected(unlessAborted(signal, Promise.reject(new Error('it failed'))))).to.equal(reason)
  })
})

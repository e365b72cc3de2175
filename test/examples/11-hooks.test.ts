import { expect } from 'chai'
import { build } from '../../examples/11-hooks/main.ts'
import { serve } from './serve.ts'

describe('examples/11-hooks', () => {
  const ask = serve(build)
  const upToOutput = [
    'BeforeServe',
    'BeforeServe with rest=7',
    'service',
    'AfterServe',
    'BeforePatch',
    'AfterPatch',
    'BeforeOutput',
  ]

  it('shows the events so far in the body', async () => {
    const { text } = await ask('/john/info/7')
    expect(text).to.equal(`user john, uid 7\n${upToOutput.join(' > ')}`)
  })

  it('shows all eight afterwards', async () => {
    await ask('/john/info/7')
    // The close events run off the path of the request, so they may still be about to.
    let trace: unknown[]
    do trace = (await ask('/trace')).json() as unknown[]
    while (!trace.includes('AfterClose'))
    expect(trace).to.deep.equal([...upToOutput, 'AfterOutput', 'BeforeClose', 'AfterClose'])
  })
})

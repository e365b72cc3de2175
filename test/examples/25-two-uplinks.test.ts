import { expect } from 'chai'
import { build } from '../../examples/25-two-uplinks/main.ts'
import { serve } from './serve.ts'

describe('examples/25-two-uplinks', () => {
  const ask = serve(build)

  it('leaves by the first uplink that connects', async () => {
    for (let i = 0; i < 2; i++) expect((await ask('/first')).text).to.equal('127.0.0.2')
  })

  it('leaves by the next each time, past the one that is not there', async () => {
    const seen: string[] = []
    for (let i = 0; i < 6; i++) seen.push((await ask('/turns')).text)
    expect(seen).to.deep.equal(['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.2', '127.0.0.3', '127.0.0.2'])
  })

  it('leaves by each, and says why one fails', async () => {
    expect((await ask('/each')).json()).to.deep.equal({
      '127.0.0.2': '127.0.0.2',
      '127.0.0.3': '127.0.0.3',
      tun7: 'no interface of that name is up',
    })
  })
})

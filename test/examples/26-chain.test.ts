import { expect } from 'chai'
import { build } from '../../examples/26-chain/main.ts'
import { serve } from './serve.ts'

describe('examples/26-chain', () => {
  const ask = serve(build)
  const page = async () => (await ask('/page')).json()

  it('reaches a page through both hops', async () => {
    expect(await page()).to.deep.equal({ page: 'the page', through: ['entry-0', 'exit'] })
  })

  it('reaches it by the other entry when the first has ended', async () => {
    expect((await ask('DELETE /proxies/entry-0')).status).to.equal(204)
    expect(await page()).to.deep.equal({ page: 'the page', through: ['entry-1', 'exit'] })
    const { hops } = (await ask('/chain')).json() as {
      hops: { name: string; nodes: { name: string; state: string }[] }[]
    }
    expect(hops.map(({ name }) => name)).to.deep.equal(['entries', 'exits'])
    expect(hops[0]?.nodes.map(({ name, state }) => `${name} ${state}`)).to.deep.equal(['entry-0 failed', 'entry-1 up'])
  })

  it('reaches nothing when both have ended', async () => {
    await ask('DELETE /proxies/entry-1')
    const answer = await ask('/page')
    expect([answer.status, answer.text]).to.deep.equal([502, 'Bad Gateway'])
  })
})

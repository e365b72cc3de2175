import { expect } from 'chai'
import { build } from '../../examples/01-hello/main.ts'
import { serve } from './serve.ts'

describe('examples/01-hello', () => {
  const ask = serve(build)

  it('greets', async () => {
    const answer = await ask('/')
    expect(answer.status).to.equal(200)
    expect(answer.text).to.equal('hello, world')
    expect(answer.headers['content-type']).to.equal('text/plain; charset=utf-8')
  })

  it('greets by name', async () => {
    expect((await ask('/hello/Ann')).text).to.equal('hello, Ann')
    expect((await ask('/hello/J%C3%BCrgen')).text).to.equal('hello, Jürgen')
  })

  it('knows no other path and no other method', async () => {
    expect((await ask('/hello')).status).to.equal(404)
    expect((await ask('POST /hello/Ann')).status).to.equal(404)
  })
})

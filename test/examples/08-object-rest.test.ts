import { expect } from 'chai'
import { build } from '../../examples/08-object-rest/main.ts'
import { serve } from './serve.ts'

describe('examples/08-object-rest', () => {
  const ask = serve(build)

  it('calls the method named after the HTTP method, on the one object', async () => {
    expect((await ask('GET /counter')).json()).to.deep.equal({ count: 0 })
    expect((await ask('POST /counter')).json()).to.deep.equal({ count: 1 })
    expect((await ask('POST /counter')).json()).to.deep.equal({ count: 2 })
    expect((await ask('GET /counter')).json()).to.deep.equal({ count: 2 })
    expect(await ask('DELETE /counter')).to.include({ status: 204, text: '' })
    expect((await ask('GET /counter')).json()).to.deep.equal({ count: 0 })
  })

  it('has no route for what the object does not have, or what is no HTTP method', async () => {
    expect((await ask('PUT /counter')).status).to.equal(404)
    expect((await ask('/counter/hello')).status).to.equal(404)
  })
})

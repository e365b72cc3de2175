import { expect } from 'chai'
import { build } from '../../examples/05-controller-rest/main.ts'
import { serve } from './serve.ts'

describe('examples/05-controller-rest', () => {
  const ask = serve(build)

  it('calls the method named after the HTTP method', async () => {
    expect(await ask('GET /user')).to.include({ status: 200, text: 'RESTful GET' })
    expect(await ask('POST /user')).to.include({ status: 201, text: 'RESTful POST' })
    expect(await ask('DELETE /user')).to.include({ status: 200, text: 'RESTful DELETE' })
  })

  it('answers HEAD as GET, without the body', async () => {
    const answer = await ask('HEAD /user')
    expect(answer).to.include({ status: 200, text: '' })
    expect(answer.headers['content-length']).to.equal('11')
  })

  it('has no route for a method that the class does not have', async () => {
    expect((await ask('PUT /user')).status).to.equal(404)
  })

  it('has no route for a method that is no HTTP method', async () => {
    expect((await ask('/user/hello')).status).to.equal(404)
    expect((await ask('/user/get')).status).to.equal(404)
  })
})

import { expect } from 'chai'
import { createTestServer, type TestServer } from 'tribind/testing'
import { build } from './main.ts'

describe('the greeting', () => {
  let server: TestServer
  before(async () => {
    server = await createTestServer(build())
  })
  after(() => server.stop())

  it('remembers a name, by a cookie', async () => {
    const client = server.client({ redirects: 1 })
    const answer = await client.post('/name', { form: { name: 'Ann' } })
    expect(answer.text()).to.equal('Hello, Ann!')
    expect(client.cookies.get('name')).to.equal('Ann')
  })

  it('is logged once the response is finished', async () => {
    await server.client().get('/')
    await server.whenIdle()
    expect(server.server.service<string[]>('log').at(-1)).to.equal('GET /')
  })
})

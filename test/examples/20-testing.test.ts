import { expect } from 'chai'
import { createTestClient, whenIdle } from 'tribind/testing'
import { build } from '../../examples/20-testing/main.ts'

describe('examples/20-testing', () => {
  it('greets by the name in the cookie, and logs what was asked', async () => {
    const server = build()
    const client = createTestClient(server, { redirects: 1 })
    expect((await client.get('/')).text()).to.equal('Hello, stranger!')
    expect((await client.post('/name', { form: { name: 'Ann' } })).text()).to.equal('Hello, Ann!')
    await whenIdle(server)
    expect(server.service<string[]>('log')).to.deep.equal(['GET /', 'POST /name', 'GET /'])
  })
})

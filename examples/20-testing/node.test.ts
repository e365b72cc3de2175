import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
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
    assert.equal(answer.text(), 'Hello, Ann!')
    assert.equal(client.cookies.get('name'), 'Ann')
  })

  it('is logged once the response is finished', async () => {
    await server.client().get('/')
    await server.whenIdle()
    assert.equal(server.server.service<string[]>('log').at(-1), 'GET /')
  })
})

import { createTestServer, type TestServer } from 'tribind/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build } from './main.ts'

describe('the greeting', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await createTestServer(build())
  })
  afterAll(() => server.stop())

  it('remembers a name, by a cookie', async () => {
    const client = server.client({ redirects: 1 })
    const answer = await client.post('/name', { form: { name: 'Ann' } })
    expect(answer.text()).toBe('Hello, Ann!')
    expect(client.cookies.get('name')).toBe('Ann')
  })

  it('is logged once the response is finished', async () => {
    await server.client().get('/')
    await server.whenIdle()
    expect(server.server.service<string[]>('log').at(-1)).toBe('GET /')
  })
})

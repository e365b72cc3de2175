import { join } from 'node:path'
import { expect } from 'chai'
import supertest from 'supertest'
import { Server, StateError } from 'tribind'
import { createTestServer } from 'tribind/testing'
import { collectingLogger, thrownBy } from '../feature/both-ways.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'

const register = (server: Server) =>
  server
    .get('/', ({ cookie }) => `Hello, ${cookie.get('name') ?? 'stranger'}!`)
    .delete('/', async (request) => request.json())
    .post('/name', async (request) => {
      request.cookie.set('name', String((await request.form())['name']))
    })

const build = () => register(new Server({ port: 0, logger: collectingLogger() }))

// The types of supertest know servers of node:http and functions only.
const untyped = (server: object) => server as () => void

describe('supertest', () => {
  it('takes the request listener of a server that was not started', async () => {
    const agent = supertest.agent(build().handle)
    await agent.post('/name').type('form').send({ name: 'Ann' }).expect(200)
    await agent.get('/').expect(200, 'Hello, Ann!')
    await supertest(build().handle).delete('/').send({ id: 1 }).expect(200, { id: 1 })
  })

  it('takes a running server, and leaves it running', async () => {
    const server = build()
    await server.start()
    try {
      await supertest(untyped(server)).get('/').expect(200, 'Hello, stranger!')
      await supertest(untyped(server)).get('/none').expect(404)
      expect(server.isReady()).to.equal(true)
    } finally {
      await server.stop()
    }
  })

  it('takes a test server and its url', async () => {
    await using server = await createTestServer(register)
    await supertest(untyped(server)).get('/').expect(200, 'Hello, stranger!')
    await supertest(server.url).get('/').expect(200, 'Hello, stranger!')
  })

  it('is told what to take where the server does not run', () => {
    const server = build()
    const error = thrownBy(() => supertest(untyped(server)).get('/'))
    expect(error).to.be.instanceOf(StateError)
    expect(error.message).to.include('pass "server.handle"')
  })
})

describe('the address of a server', () => {
  const folder = temporaryFolder({})

  it('is that of node:http', async () => {
    await using server = await createTestServer(() => {})
    expect(server.address()).to.deep.equal({ address: '127.0.0.1', family: 'IPv4', port: server.port })
    expect(server.server.address()).to.deep.equal(server.address())
  })

  it('is the path of a Unix socket', async () => {
    const path = join(folder, 'a.sock')
    await using server = await createTestServer(() => {}, { address: `unix:${path}` })
    expect(server.address()).to.equal(path)
  })

  it('is an error once it is stopped', async () => {
    const server = build()
    await server.start()
    await server.stop()
    expect(thrownBy(() => server.address()).message).to.include('"default" is stopped')
  })
})

import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server, StateError } from 'tribind'
import { createTestClient, createTestServer } from 'tribind/testing'
import { collectingLogger, type Protocol, rejected, thrownBy, turns } from '../feature/both-ways.ts'
import { protocolOptions } from '../feature/clients.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'

const register = (server: Server) => {
  server.bindWebSocket('/echo', (socket, request) => {
    socket.send(`Hello, ${request.cookie.get('name') ?? 'stranger'} of ${request.header('x-team') ?? 'no team'}!`)
    socket.on('message', (data, isBinary) => socket.send(isBinary ? data : `echo ${data.toString()}`))
  })
  server.get('/name', ({ cookie }) => cookie.set('name', 'Ann'))
}

describe('a WebSocket of a test client', () => {
  const folder = temporaryFolder({})

  const open = (options: ConstructorParameters<typeof Server>[0] = {}, more = (_server: Server) => {}) =>
    createTestServer(
      (server) => {
        register(server)
        more(server)
      },
      { logger: collectingLogger(), ...options },
    )

  for (const protocol of Object.keys(protocolOptions) as Protocol[]) {
    it(`sends and receives text and bytes [${protocol}]`, async () => {
      await using server = await open(protocolOptions[protocol])
      await using socket = await server.client().webSocket('/echo')
      expect(await socket.next()).to.equal('Hello, stranger of no team!')
      socket.send('ä')
      socket.send(Buffer.from([0, 255]))
      expect(await socket.next()).to.equal('echo ä')
      expect(await socket.next()).to.deep.equal(Buffer.from([0, 255]))
    })
  }

  it('goes over a Unix socket', async () => {
    await using server = await open({ address: `unix:${join(folder, 'a.sock')}` })
    const socket = await server.client().webSocket('/echo')
    expect(await socket.next()).to.match(/^Hello/)
    await socket.close()
  })

  it('carries the header fields and cookies of its client, and keeps those of the handshake', async () => {
    await using server = await open({}, (server) => {
      server.bindMiddleware('/echo', async ({ cookie }, next) => {
        cookie.set('seen', 'yes')
        await next()
      })
    })
    const client = server.client({ headers: { 'X-Team': 'blue' } })
    await client.get('/name')
    const socket = await client.webSocket('/echo')
    expect(await socket.next()).to.equal('Hello, Ann of blue!')
    expect(client.cookies.get('seen')).to.equal('yes')
    const other = await client.webSocket('/echo', { headers: { 'x-team': 'red' } })
    expect(await other.next()).to.equal('Hello, Ann of red!')
    await Promise.all([socket.close(), other.close()])
  })

  it('agrees upon a subprotocol', async () => {
    await using server = await open({}, (server) =>
      server.bindWebSocket('/chat', () => {}, { protocols: ['v2', 'v1'] }),
    )
    const client = server.client()
    await using socket = await client.webSocket('/chat', { protocols: ['v1', 'v3'] })
    expect(socket.protocol).to.equal('v1')
    await using plain = await client.webSocket('/chat')
    expect(plain.protocol).to.equal('')
  })

  it('keeps what arrives for later, in order', async () => {
    await using server = await open({}, (server) =>
      server.bindWebSocket('/count', (socket) => {
        for (const n of ['1', '2', '3']) socket.send(n)
        socket.close(4000, 'counted')
      }),
    )
    const socket = await server.client().webSocket('/count')
    expect(await socket.closed).to.deep.equal({ code: 4000, reason: 'counted' })
    expect([await socket.next(), await socket.next(), await socket.next()]).to.deep.equal(['1', '2', '3'])
    expect((await rejected(socket.next())).message).to.equal(
      'the WebSocket "/count" was closed with 4000 (counted) without another message',
    )
  })

  it('serves several that wait, in order', async () => {
    await using server = await open()
    await using socket = await server.client().webSocket('/echo')
    const waiting = [socket.next(), socket.next(), socket.next()]
    socket.send('1')
    socket.send('2')
    expect((await Promise.all(waiting)).slice(1)).to.deep.equal(['echo 1', 'echo 2'])
  })

  it('is closed by its client, with code and reason', async () => {
    const closed: [number, string][] = []
    await using server = await open({}, (server) =>
      server.bindWebSocket('/x', (socket) => {
        socket.on('close', (code, reason) => closed.push([code, String(reason)]))
      }),
    )
    const socket = await server.client().webSocket('/x')
    expect(await socket.close(3001, 'enough')).to.deep.equal({ code: 3001, reason: 'enough' })
    await server.whenIdle()
    expect(closed).to.deep.equal([[3001, 'enough']])
    expect(await socket.close()).to.deep.equal({ code: 3001, reason: 'enough' })
    const error = thrownBy(() => socket.send('x'))
    expect(error).to.be.instanceOf(StateError)
    expect(error.message).to.include('"/x" is closed')
  })

  it('is closed by the stop of the server', async () => {
    const server = await open()
    const socket = await server.client().webSocket('/echo')
    await server.stop()
    expect(await socket.closed).to.deep.equal({ code: 1001, reason: 'The server stops' })
  })

  describe('fails with what was waited for', () => {
    it('where no message comes; one that comes later is not lost', async () => {
      await using server = await open()
      await using socket = await server.client().webSocket('/echo', { timeoutMs: 30 })
      await socket.next()
      const error = await rejected(socket.next())
      expect(error.message).to.equal('waited 30 ms for a message of the WebSocket "/echo"')
      expect(error.stack).to.include('test-web-socket.test.ts')
      socket.send('late')
      expect(await socket.next({ timeoutMs: 1000 })).to.equal('echo late')
    })

    it('where the handshake takes too long', async () => {
      await using server = await open({ stopTimeout: 100 }, (server) => {
        server.use(async ({ signal }) => void (await once(signal, 'abort')))
      })
      const error = await rejected(server.client().webSocket('/echo', { timeoutMs: 30 }))
      expect(error.message).to.equal('waited 30 ms for the WebSocket "/echo" to be open')
    })

    it('where the handshake is refused, with status and body', async () => {
      await using server = await open({}, (server) => {
        server.bindMiddleware('/echo', ({ response, cookie }) => {
          cookie.set('refused', 'yes')
          response.writeStatus(401, 'log in')
        })
      })
      const client = server.client()
      const error = await rejected(client.webSocket('/echo'))
      expect(error.message).to.equal('the WebSocket "/echo" was refused with 401: log in')
      expect(client.cookies.get('refused')).to.equal('yes')
      expect((await rejected(client.webSocket('/none'))).message).to.include('refused with 404')
    })

    it('where the server does not run', async () => {
      const server = new Server({ logger: collectingLogger() })
      register(server)
      const error = await rejected(createTestClient(server).webSocket('/echo'))
      expect(error).to.be.instanceOf(StateError)
      expect(error.message).to.include('createTestServer()')
      await turns()
    })
  })
})

import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import { gate, openRaw, until } from './both-ways.ts'
import { openClient } from './clients.ts'
import { get, over, overEach, openRelay } from './statistics-world.ts'
import { connect } from './websocket-client.ts'

describe('statistics', () => {
  overEach(
    'counts connections and requests, and those of now',
    (server) => {
      server.get('/', () => 'hello')
      const { opened, open } = gate()
      server.get('/late', () => opened)
      server.get('/now', open)
    },
    async ({ send, stats, leave, protocol }) => {
      const zero = { totalConns: 0, currentConns: 0, totalErrs: 0, inputBytes: 0, outputBytes: 0, totalRequests: 0 }
      expect(stats()).to.deep.equal({ ...zero, currentRequests: 0 })
      for (let i = 0; i < 3; i++) await send('/')
      await until(() => stats().currentRequests === 0, 'the requests are over')
      expect(stats()).to.include({ totalRequests: 3, totalConns: protocol === 'socket' ? 3 : 1, totalErrs: 0 })
      const late = send('/late')
      await until(() => stats().currentRequests === 1, 'a request is under way')
      expect(stats()).to.include({ totalRequests: 4, currentConns: 1, totalErrs: 0 })
      await send('/now')
      await late
      await until(() => stats().currentRequests === 0, 'it is over')
      leave()
      await until(() => stats().currentConns === 0, 'the client has left')
      expect(stats()).to.include({
        totalRequests: 5,
        totalConns: { socket: 5, https: 2, http2: 1 }[protocol],
        totalErrs: 0,
      })
    },
  )

  for (const maxPipelinedRequests of [1, 100])
    over(
      'socket',
      `counts pipelined requests as they arrive, of ${maxPipelinedRequests} served at once`,
      (server) => {
        const { opened, open } = gate()
        server.get('/', () => 'hello')
        server.get('/late', () => opened)
        server.get('/now', open)
      },
      async ({ port, stats, send }) => {
        const { socket, received } = await openRaw(port, get('/') + get('/late') + get('/') + get('/'))
        await until(() => received().includes('hello'), 'the first is answered')
        await until(() => stats().totalRequests === 4, 'all have arrived')
        expect(stats().currentRequests).to.equal(3)
        await send('/now')
        await until(() => stats().currentRequests === 0, 'they are over')
        socket.destroy()
        await until(() => stats().currentConns === 0, 'the client has left')
        expect(stats()).to.include({ currentRequests: 0, totalErrs: 0, totalRequests: 5 })
      },
      { maxPipelinedRequests },
    )

  over(
    'http2',
    'counts the open streams of a session',
    (server) => {
      const { opened, open } = gate()
      server.get('/late', () => opened)
      server.get('/now', open)
    },
    async ({ send, stats, leave }) => {
      const late = [1, 2, 3].map(() => send('/late'))
      await until(() => stats().currentRequests === 3, 'all are under way')
      expect(stats()).to.include({ totalConns: 1, totalRequests: 3 })
      await send('/now')
      await Promise.all(late)
      leave()
      await until(() => stats().currentConns === 0, 'the client has left')
      expect(stats()).to.include({ currentRequests: 0, totalErrs: 0 })
    },
  )

  over(
    'socket',
    'counts connections that maxConnections refuses among all, not among those of now',
    (server) => server.get('/', () => 'hello'),
    async ({ port, stats }) => {
      const kept = await openRaw(port, get('/'))
      const refused = await openRaw(port, '')
      await refused.closed
      await until(() => stats().totalConns === 2, 'the second is counted')
      expect(stats()).to.include({ currentConns: 1, totalErrs: 0 })
      kept.socket.destroy()
    },
    { maxConnections: 1 },
  )

  over(
    'socket',
    'counts a request once that asked for a protocol it did not get, and its connection',
    (server) => {
      server.get('/', () => 'hello')
      server.bindWebSocket('/chat', () => {})
    },
    async ({ port, stats }) => {
      const head = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'
      const { socket, received } = await openRaw(port, head)
      await until(() => received().includes('hello'), 'it is answered')
      expect(stats()).to.include({ totalConns: 1, currentConns: 1, totalRequests: 1, totalErrs: 0 })
      socket.destroy()
    },
  )

  over(
    'socket',
    'counts the request for a WebSocket, which is over with its handshake',
    (server) => server.bindWebSocket('/chat', (socket) => void socket.on('message', (text) => socket.send(text))),
    async ({ port, stats }) => {
      const { socket, closed } = await connect(port, '/chat')
      await until(() => stats().currentRequests === 0, 'the handshake is over')
      expect(stats()).to.include({ totalRequests: 1, currentConns: 1 })
      socket.terminate()
      await closed
      await until(() => stats().currentConns === 0, 'the client has left')
      expect(stats().totalErrs).to.equal(0)
    },
  )

  overEach(
    'returns copies: reading changes nothing',
    (server) => server.get('/', () => 'hello'),
    async ({ send, stats }) => {
      await send('/')
      await until(() => stats().currentRequests === 0, 'the request is over')
      const before = stats()
      Object.assign(stats(), { totalRequests: 7, inputBytes: 0 })
      expect(stats()).to.deep.equal(before)
    },
  )
})

describe('statistics of an entry point', () => {
  const hello = (server: Server) => server.get('/', () => 'hello')

  it('are there under enableStats only', async () => {
    const server = new Server({
      entryPoints: { plain: '127.0.0.1:0', counted: { address: '127.0.0.1:0', enableStats: true } },
    })
    await server.start()
    try {
      expect(server.entryPoint('plain').status()).not.to.have.property('stats')
      expect(server.entryPoint('counted').status()).to.have.property('stats')
      expect(server.entryPoint('counted').options.enableStats).to.equal(true)
    } finally {
      await server.stop()
    }
  })

  over('socket', 'count what happens there only', hello, async ({ server, send, stats }) => {
    await server.openEntryPoint('other', { address: '127.0.0.1:0', enableStats: true })
    await send('/')
    await until(() => stats().currentConns === 0, 'the client has left')
    expect(stats()).to.include({ totalConns: 1, totalRequests: 1 })
    expect(server.entryPoint('other').status().stats).to.include({ totalConns: 0, totalRequests: 0, inputBytes: 0 })
  })

  over('socket', 'go on when it is closed and opened again, and after the stop', hello, async (counted) => {
    const { server, port, send, stats } = counted
    await send('/')
    await server.closeEntryPoint('web')
    const before = stats()
    expect(before).to.include({ totalConns: 1, currentConns: 0, totalRequests: 1 })
    await server.openEntryPoint('web', { address: `127.0.0.1:${port}`, enableStats: true })
    expect(stats()).to.deep.equal(before)
    await send('/')
    await server.stop()
    expect(stats()).to.include({ totalConns: 2, currentConns: 0, totalRequests: 2, inputBytes: 2 * before.inputBytes })
  })

  const late = gate()
  const helloAndLate = (server: Server) => hello(server).get('/late', () => late.opened)

  over(
    'socket',
    'go on when it is replaced at its address, with the connections it has',
    helloAndLate,
    async (counted) => {
      const { server, port, send, stats } = counted
      const { socket, received } = await openRaw(port, get('/late'))
      await until(() => stats().currentRequests === 1, 'a request is under way')
      await server.replaceEntryPoint('web', { address: `127.0.0.1:${port}`, enableStats: true, maxConnections: 7 })
      expect(stats()).to.include({ totalConns: 1, currentConns: 1, totalRequests: 1, currentRequests: 1 })
      await send('/')
      late.open()
      await until(() => received().includes('200'), 'the request is answered')
      await until(() => stats().currentConns === 0, 'the connections have ended')
      expect(stats()).to.include({ totalConns: 2, totalRequests: 2, currentRequests: 0, totalErrs: 0 })
      expect(stats().outputBytes).to.be.above(socket.bytesRead)
    },
  )

  over(
    'socket',
    'go on where it is replaced by one that does not count, and by one that does',
    hello,
    async (counted) => {
      const { server, port, send, stats } = counted
      const address = `127.0.0.1:${port}`
      await send('/')
      await server.replaceEntryPoint('web', address)
      expect(server.entryPoint('web').status()).not.to.have.property('stats')
      await send('/')
      await server.replaceEntryPoint('web', { address, enableStats: true })
      await send('/')
      expect(stats()).to.include({ totalConns: 2, totalRequests: 2 })
    },
  )
})

describe('statistics of bytes', () => {
  overEach(
    'are those that pass over the connection, of open ones too',
    (server) => server.post('/', async (request) => `${(await request.bytes()).length} ${'x'.repeat(100_000)}`),
    async ({ port, protocol, stats }) => {
      const relay = await openRelay(port)
      const client = openClient(protocol, relay.port)
      const isExact = () => stats().inputBytes === relay.toServer() && stats().outputBytes === relay.toClient()
      for (let i = 0; i < 3; i++) await client.send({ method: 'POST', url: '/', body: 'y'.repeat(50_000) })
      expect(stats().inputBytes).to.be.above(150_000)
      expect(stats().outputBytes).to.be.above(300_000)
      await until(isExact, 'the figures are those of the relay')
      client.close()
      await until(() => stats().currentConns === 0, 'the client has left')
      await until(isExact, 'the figures are those of the relay')
      relay.close()
    },
  )

  over(
    'socket',
    'include those of WebSockets',
    (server) => server.bindWebSocket('/chat', (socket) => void socket.on('message', (text) => socket.send(text))),
    async ({ port, stats }) => {
      const relay = await openRelay(port)
      const { socket, messages, closed } = await connect(relay.port, '/chat')
      socket.send('x'.repeat(100_000))
      await until(() => messages.length === 1, 'the echo is there')
      const isExact = () => stats().inputBytes === relay.toServer() && stats().outputBytes === relay.toClient()
      await until(isExact, 'the figures are those of the relay')
      expect(stats().inputBytes).to.be.above(100_000)
      socket.close()
      await closed
      await until(() => stats().currentConns === 0, 'the client has left')
      expect(isExact()).to.equal(true)
      relay.close()
    },
  )

  over(
    'socket',
    'include those of a guest that writes to the socket itself',
    (server) =>
      server.get('/', ({ response }) => {
        const { request } = response.hijack()
        request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
        request.socket.end('x'.repeat(100_000))
      }),
    async ({ port, stats }) => {
      const { socket, closed } = await openRaw(port, get('/'))
      await closed
      await until(() => stats().currentConns === 0, 'the connection has ended')
      const { inputBytes, outputBytes } = stats()
      expect([inputBytes, outputBytes]).to.deep.equal([socket.bytesWritten, socket.bytesRead])
    },
  )

  for (const end of ['destroy', 'resetAndDestroy'] as const)
    over(
      'socket',
      `don't include those that the client never took: ${end}`,
      (server) => server.get('/', () => Buffer.alloc(64 * 1024 * 1024)),
      async ({ port, stats }) => {
        const socket = net.connect(port, '127.0.0.1').pause()
        await once(socket, 'connect')
        socket.write(get('/'))
        await until(() => stats().outputBytes > 0, 'some of the answer has gone')
        socket[end]()
        await until(() => stats().currentConns === 0, 'the client has left')
        expect(stats().outputBytes).to.be.below(32 * 1024 * 1024)
        expect(stats()).to.include({ currentRequests: 0, totalErrs: 0, inputBytes: get('/').length })
      },
    )
})

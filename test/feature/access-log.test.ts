import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type net from 'node:net'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { compress, HttpError, Server } from 'tribind'
import { WebSocket } from 'ws'
import { accesses } from './accesses.ts'
import {
  type Around,
  bothWays,
  collectingLogger,
  type Entry,
  gate,
  openRaw,
  overHttp1,
  rawExchange,
} from './both-ways.ts'

const accessLog = true

describe('access log: one record for each request', () => {
  bothWays(
    'has the fields that people look for, and no others',
    (server) => server.get('/user/:id', (request) => request.id),
    async (send, _world, { log }) => {
      const { text: id } = await send('/user/7?secret=1')
      const [record, ...others] = await accesses(log)
      expect(others).to.be.empty
      const { ms, ...fields } = record as Record<string, unknown>
      expect(fields).to.deep.equal({
        message: 'GET /user/7 200',
        method: 'GET',
        path: '/user/7',
        route: '/user/:id',
        status: 200,
        bytes: 36,
        ip: '127.0.0.1',
        requestId: id,
        entryPoint: 'default',
        version: 1,
      })
      expect(ms).to.be.a('number').within(0, 5000)
    },
    { accessLog },
  )

  bothWays(
    'counts the time from arrival to end',
    (server) => server.get('/', () => new Promise((resolve) => setTimeout(resolve, 30, 'late'))),
    async (send, _world, { log }) => {
      await send('/')
      expect((await accesses(log))[0]?.['ms']).to.be.within(29, 5000)
    },
    { accessLog },
  )

  bothWays(
    'also where no route, hook or middleware sees the request',
    (server) => {
      server.get('/fail', () => {
        throw new Error('boom')
      })
      server.get('/tea', () => {
        throw new HttpError(418, 'tea')
      })
      server.bindStatusHandler(404, (request) => request.response.setBuffer('lost'))
    },
    async (send, _world, { log }) => {
      const statuses = { '/nowhere': 404, '/%zz/a': 400, '/a/%2e%2e': 400, '/fail': 500, '/tea': 418 }
      for (const url of Object.keys(statuses)) await send(url)
      await send({ url: '/many', headers: { a: '1', b: '2', c: '3', d: '4', e: '5', f: '6', g: '7', h: '8' } })
      const records = await accesses(log, 6)
      expect(records.map(({ message }) => message)).to.deep.equal([
        ...Object.entries(statuses).map(([url, status]) => `GET ${url} ${status}`),
        'GET /many 431',
      ])
      expect(records.map(({ route }) => route)).to.deep.equal([
        undefined,
        undefined,
        undefined,
        '/fail',
        '/tea',
        undefined,
      ])
      expect(records[0]).to.include({ bytes: 4 })
    },
    { accessLog, maxHeadersCount: 8 },
  )

  bothWays(
    'writes a path as it came, without what could forge a record',
    (server) => server.get('/*', () => ''),
    async (send, _world, { log }) => {
      await send('/a%0D%0Ab/%C3%A9')
      expect((await accesses(log))[0]).to.include({ path: '/a%0D%0Ab/%C3%A9' })
    },
    { accessLog },
  )

  bothWays(
    'is not there by default',
    (server) => server.get('/', () => 'a'),
    async (send, _world, { log }) => {
      await send('/')
      expect(log.filter(({ message }) => message.startsWith('GET'))).to.be.empty
    },
  )
})

describe('access log: bytes of the body', () => {
  const long = 'a long text '.repeat(1000)
  bothWays(
    'are those that go out, in whatever way',
    (server) => {
      server.get('/text', () => 'Grüße')
      server.get('/stream', () => Readable.from(['ab', Buffer.from('cd'), 'é']))
      server.get('/raw', ({ response: { raw } }) => {
        raw.write('6162', 'hex')
        raw.end('é', 'latin1')
      })
      server.get('/none', (request) => request.response.writeStatus(204))
      server.bindMiddleware('/long', compress())
      server.get('/long', () => long)
      server.bindMiddleware('/flow', compress())
      server.get('/flow', (request) => {
        request.response.setHeader('Content-Type', 'text/plain')
        return Readable.from([long, long])
      })
    },
    async (send, _world, { log }) => {
      const sent: number[] = []
      for (const url of ['/text', '/stream', '/raw', '/none', '/long', '/flow']) {
        sent.push((await send({ url, headers: { 'accept-encoding': 'gzip' } })).body.length)
      }
      await send('HEAD /text')
      await send('HEAD /stream')
      const counted = (await accesses(log, 8)).map(({ bytes }) => bytes)
      expect(sent.slice(0, 4)).to.deep.equal([7, 6, 3, 0])
      expect(sent[4]).to.be.within(1, 1000)
      expect(counted).to.deep.equal([...sent, 0, 0])
    },
    { accessLog },
  )

  overHttp1(
    'are counted for each request of a connection, in their order',
    (server) => server.get('/:n', ({ params }) => 'x'.repeat(Number(params.n))),
    async (_send, _world, { port, log }) => {
      const head = (n: number, more = '') => `GET /${n} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
      await rawExchange(port, head(1) + head(100_000) + head(3, 'Connection: close\r\n'))
      expect((await accesses(log, 3)).map(({ bytes }) => bytes)).to.deep.equal([1, 100_000, 3])
    },
    { accessLog },
  )
})

describe('access log: connections that go over, and other servers', () => {
  const openSocket = async ({ port }: Around, path: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('open', resolve).once('close', resolve))
    return socket
  }

  overHttp1(
    'a WebSocket is logged when it ends, one that was refused with its status',
    (server) => server.bindWebSocket('/ws', (socket) => socket.send('hello')),
    async (_send, _world, around) => {
      const socket = await openSocket(around, '/ws')
      expect(around.log.filter(({ message }) => message.startsWith('GET'))).to.be.empty
      socket.close()
      await openSocket(around, '/nowhere')
      const records = await accesses(around.log, 2)
      expect(records.map(({ message }) => message)).to.have.members(['GET /ws 101', 'GET /nowhere 404'])
      for (const record of records) expect(record).to.not.have.property('aborted')
      expect(records.find(({ status }) => status === 101)).to.include({ route: '/ws' })
    },
    { accessLog },
  )

  it('logs through a server of node:http that it is mounted in', async () => {
    const log: Entry[] = []
    const server = new Server({ accessLog, logger: collectingLogger(log) })
    server.get('/', () => 'mounted')
    const host = http.createServer(server.handle).listen(0, '127.0.0.1')
    await once(host, 'listening')
    const { port } = host.address() as net.AddressInfo
    await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
    expect((await accesses(log))[0]).to.include({ message: 'GET / 200', bytes: 7 })
    host.close()
    await once(host, 'close')
  })

  it('counts bytes through one of node:http2, whose end writes through its write', async () => {
    const log: Entry[] = []
    const server = new Server({ accessLog, logger: collectingLogger(log) })
    server.get('/text', () => 'Grüße')
    server.get('/stream', () => Readable.from(['ab', 'cd']))
    const host = http2.createServer(server.handle as object as Parameters<typeof http2.createServer>[1])
    await once(host.listen(0, '127.0.0.1'), 'listening')
    const client = http2.connect(`http://127.0.0.1:${(host.address() as net.AddressInfo).port}`)
    for (const path of ['/text', '/stream']) await once(client.request({ ':path': path }).resume(), 'close')
    const records = await accesses(log, 2)
    client.close()
    host.close()
    await once(host, 'close')
    expect(records.map(({ bytes, aborted }) => [bytes, aborted])).to.deep.equal([
      [7, undefined],
      [4, undefined],
    ])
  })

  it('has told of all requests when a stop is done', async () => {
    const log: Entry[] = []
    const server = new Server({ port: 0, accessLog, stopTimeout: 20, logger: collectingLogger(log) })
    const arrived = gate()
    server.get('/', ({ signal }) => {
      arrived.open()
      return once(signal, 'abort')
    })
    await server.start()
    const { socket } = await openRaw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await arrived.opened
    await server.stop()
    socket.destroy()
    expect(log.map(({ message }) => message)).to.include('GET / aborted')
  })
})

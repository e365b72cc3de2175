import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { fromConnect } from 'tribind'
import { openRaw, type Protocol, until } from './both-ways.ts'
import { END_HEADERS, END_STREAM, fields, openRawSession, types } from './http2-raw.ts'
import { cert } from './key-pair.ts'
import { type Counted, over, overEach } from './statistics-world.ts'
import { upgradeHead } from './websocket-client.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

/** Waits until nothing is under way, and then for what could be counted a second time. */
async function settled({ stats, leave }: Counted): Promise<void> {
  await until(() => stats().currentRequests === 0, 'no request is under way')
  leave()
  await until(() => stats().currentConns === 0, 'no connection is open')
  await sleep(10)
}

async function expectErrors(counted: Counted, count: number): Promise<void> {
  await until(() => counted.stats().totalErrs >= count, `there are ${count} errors`)
  await settled(counted)
  expect(counted.stats().totalErrs).to.equal(count)
}

/** A request whose client leaves when it is told to, in the way it is told. */
interface Leaver {
  leave(): void
}

async function ask(protocol: Protocol, port: number, { path = '/', length = 0 } = {}): Promise<Leaver> {
  const method = length > 0 ? 'POST' : 'GET'
  const tcp = net.connect(port, '127.0.0.1').on('error', () => {})
  await once(tcp, 'connect')
  if (protocol === 'http2') {
    const createConnection = () =>
      tls.connect({ socket: tcp, ca: cert, ALPNProtocols: ['h2'], servername: 'localhost' })
    const session = http2.connect('https://localhost', { createConnection }).on('error', () => {})
    const head = { ':path': path, ':method': method, ...(length > 0 && { 'content-length': length }) }
    const stream = session.request(head, { endStream: length === 0 }).on('error', () => {})
    stream.resume()
    if (length > 0) stream.write('x')
    await once(session, 'connect')
    return { leave: () => session.destroy() }
  }
  const socket =
    protocol === 'socket' ? tcp : tls.connect({ socket: tcp, ca: cert, servername: 'localhost' }).on('error', () => {})
  if (socket !== tcp) await once(socket, 'secureConnect')
  socket.resume()
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${length > 0 ? 'x' : ''}`)
  return { leave: () => socket.destroy() }
}

describe('statistics of errors: answered 5xx', () => {
  const fails: readonly [name: string, register: Parameters<typeof overEach>[1]][] = [
    ['a handler that throws', (server) => server.get('/', () => Promise.reject(new Error('no')))],
    ['a status that is set', (server) => server.get('/', ({ response }) => void (response.status = 503))],
    ['response.raw', (server) => server.get('/', ({ response }) => void response.raw.writeHead(502).end('no'))],
    [
      'a response that was handed over',
      (server) => server.get('/', ({ response }) => void response.hijack().response.writeHead(500).end('no')),
    ],
    [
      'Connect middleware',
      (server) => server.use(fromConnect((_request, response) => void ((response.statusCode = 504), response.end()))),
    ],
    ['middleware that refuses', (server) => server.use(({ response }) => response.writeStatus(503))],
  ]
  for (const [name, register] of fails)
    overEach(`counts each once: ${name}`, register, async (counted) => {
      for (let i = 0; i < 3; i++) expect((await counted.send('/')).status).to.be.at.least(500)
      expect(counted.stats().totalRequests).to.equal(3)
      await expectErrors(counted, 3)
    })

  over(
    'socket',
    'counts pipelined ones',
    (server) => server.get('/', ({ response }) => void (response.status = 503)),
    async (counted) => {
      const { socket } = await openRaw(counted.port, get('/') + get('/') + get('/'))
      await until(() => counted.stats().totalErrs === 3, 'all are counted')
      socket.destroy()
      await expectErrors(counted, 3)
    },
  )

  over(
    'socket',
    'counts a handshake of a WebSocket that fails',
    (server) => {
      server.use(() => {
        throw new Error('no')
      })
      server.bindWebSocket('/chat', () => {})
    },
    async (counted) => {
      const { closed, received } = await openRaw(counted.port, upgradeHead('/chat'))
      await closed
      expect(received()).to.include('HTTP/1.1 500')
      await expectErrors(counted, 1)
    },
  )

  overEach(
    "doesn't count other statuses",
    (server) => {
      server.get('/teapot', ({ response }) => void (response.status = 418))
      server.get('/moved', ({ response }) => response.redirectTo('/'))
    },
    async (counted) => {
      const answers = await Promise.all(
        ['/none', '/teapot', '/moved', 'POST /teapot'].map((line) => counted.send(line)),
      )
      expect(answers.map(({ status }) => status)).to.deep.equal([404, 418, 302, 404])
      await expectErrors(counted, 0)
    },
  )
})

describe('statistics of errors: cut short', () => {
  overEach(
    'counts a body whose source fails after the head',
    (server) =>
      server.get('/', async function* () {
        yield 'begun'
        await sleep(5)
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
      }),
    async (counted) => {
      await counted.send('/').catch(() => {})
      await expectErrors(counted, 1)
    },
  )

  overEach(
    'counts a response that is destroyed by its handler, and counts a failure it has answered only once',
    (server) =>
      server.get('/', async ({ response }) => {
        const { response: raw } = response.hijack()
        raw.writeHead(500).write('begun')
        await sleep(5)
        raw.destroy()
      }),
    async (counted) => {
      await counted.send('/').catch(() => {})
      await expectErrors(counted, 1)
    },
  )

  overEach(
    'counts a request that a stop cuts after its timeout',
    (server) => {
      server.get('/', async ({ response }) => {
        const { response: raw } = response.hijack()
        raw.writeHead(200).write('begun')
      })
    },
    async (counted) => {
      const asking = counted.send('/').catch(() => {})
      await until(() => counted.stats().currentRequests === 1, 'it is under way')
      await counted.server.stop()
      await asking
      await expectErrors(counted, 1)
    },
    { stopTimeout: 20 },
  )

  overEach(
    'counts a response that its client leaves standing until the server gives up',
    (server) => server.get('/', () => Buffer.alloc(16 * 1024 * 1024)),
    async (counted) => {
      const { protocol, port } = counted
      if (protocol === 'http2') {
        const session = http2.connect(`https://127.0.0.1:${port}`, { ca: cert }).on('error', () => {})
        const stream = session.request({ ':path': '/' }).on('error', () => {})
        await once(stream, 'close')
        session.destroy()
      } else {
        const client = protocol === 'socket' ? net.connect(port, '127.0.0.1') : tls.connect({ port, ca: cert })
        client.on('error', () => {}).pause()
        client.write(get('/'))
        await until(() => counted.stats().totalRequests === 1, 'it has arrived')
        await until(() => counted.stats().currentConns === 0, 'the server has given up')
        client.destroy()
      }
      await expectErrors(counted, 1)
    },
    { timeout: 100, connectionsCheckingInterval: 20 },
  )
})

describe('statistics of errors: requests that cannot be read', () => {
  const unreadable: readonly [name: string, text: string, status: number][] = [
    ['400', 'NONSENSE\r\n\r\n', 400],
    ['400 for a bad body', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['400 behind a request that is being answered', `${get('/late')}NONSENSE\r\n\r\n`, 400],
    ['408', 'GET / HTTP/1.1\r\nHost', 408],
    ['408 for a body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx', 408],
    ['431', `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ]
  for (const [name, text, status] of unreadable)
    over(
      'socket',
      `counts one that is answered ${name}`,
      (server) => {
        server.get('/late', () => sleep(10))
        server.post('/', (request) => request.text())
      },
      async (counted) => {
        const { closed, received } = await openRaw(counted.port, text)
        await closed
        expect(received()).to.include(`HTTP/1.1 ${status} `)
        await expectErrors(counted, 1)
      },
      { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 },
    )

  over(
    'http2',
    'counts a head that is too large',
    (server) => server.get('/', () => 'hello'),
    async (counted) => {
      const { status } = await counted.send({ url: '/', headers: { 'x-long': 'x'.repeat(20_000) } })
      expect(status).to.equal(431)
      await expectErrors(counted, 1)
    },
  )

  over(
    'http2',
    'counts a body that is too late',
    (server) => server.post('/', (request) => request.text()),
    async (counted) => {
      const { leave } = await ask('http2', counted.port, { length: 2 })
      await until(() => counted.stats().totalErrs === 1, 'it is counted')
      leave()
      await expectErrors(counted, 1)
    },
    { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 20 },
  )

  over(
    'http2',
    'counts a body that is longer than its length',
    (server) => server.post('/', (request) => request.text()),
    async (counted) => {
      const session = await openRawSession(counted.port)
      session.send(types.headers, END_HEADERS, 1, fields('/', 'POST', [['content-length', '1']]))
      session.send(types.data, END_STREAM, 1, Buffer.from('xx'))
      await until(() => counted.stats().totalErrs === 1, 'it is counted')
      session.socket.destroy()
      await expectErrors(counted, 1)
    },
  )
})

describe('statistics of errors: TLS handshakes', () => {
  for (const protocol of ['https', 'http2'] as const) {
    over(
      protocol,
      'counts one that fails',
      () => {},
      async (counted) => {
        const { closed } = await openRaw(counted.port, 'GET / HTTP/1.1\r\n\r\n')
        await closed
        await expectErrors(counted, 1)
        const untrusting = tls.connect(counted.port, '127.0.0.1', { ca: [] }).on('error', () => {})
        await new Promise((resolve) => untrusting.once('close', resolve))
        await expectErrors(counted, 2)
        expect(counted.stats()).to.include({ totalConns: 2, totalRequests: 0 })
      },
    )

    over(
      protocol,
      "doesn't count a client that connects and leaves",
      () => {},
      async (counted) => {
        for (const end of ['end', 'resetAndDestroy'] as const) {
          const socket = net.connect(counted.port, '127.0.0.1')
          await once(socket, 'connect')
          await until(() => counted.stats().currentConns === 1, 'it is accepted')
          socket[end]()
          await until(() => counted.stats().currentConns === 0, 'it has left')
        }
        await expectErrors(counted, 0)
      },
    )
  }
})

describe('statistics of errors: clients that leave', () => {
  const wait = (counted: Counted) => until(() => counted.stats().currentRequests === 1, 'it is under way')

  overEach(
    "don't count before the response",
    (server) =>
      server.get('/', ({ signal }) => once(signal, 'abort').then(() => Promise.reject(new Error('too late')))),
    async (counted) => {
      const { leave } = await ask(counted.protocol, counted.port)
      await wait(counted)
      leave()
      await expectErrors(counted, 0)
    },
  )

  overEach(
    "don't count in the midst of it",
    (server) =>
      server.get('/', async function* () {
        for (;;) {
          yield 'x'.repeat(10_000)
          await sleep(1)
        }
      }),
    async (counted) => {
      const { leave } = await ask(counted.protocol, counted.port)
      await until(() => counted.stats().outputBytes > 50_000, 'some of the response has gone')
      leave()
      await expectErrors(counted, 0)
    },
  )

  overEach(
    "don't count in the midst of their request",
    (server) => server.post('/', (request) => request.text()),
    async (counted) => {
      const { leave } = await ask(counted.protocol, counted.port, { length: 2 })
      await wait(counted)
      leave()
      await expectErrors(counted, 0)
    },
  )

  over(
    'http2',
    "don't count where they reset a stream",
    (server) => server.get('/', ({ signal }) => once(signal, 'abort')),
    async (counted) => {
      for (const code of [0, 2, 8]) {
        const session = await openRawSession(counted.port)
        session.send(types.headers, END_HEADERS | END_STREAM, 1, fields('/'))
        await wait(counted)
        session.send(types.reset, 0, 1, Buffer.from([0, 0, 0, code]))
        await until(() => counted.stats().currentRequests === 0, 'the stream is closed')
        session.socket.destroy()
      }
      await expectErrors(counted, 0)
    },
  )

  over(
    'socket',
    "don't count in the midst of a head, nor by a reset",
    (server) => server.get('/', ({ signal }) => once(signal, 'abort')),
    async (counted) => {
      const half = await openRaw(counted.port, 'GET / HTT')
      await until(() => counted.stats().inputBytes > 0, 'some of it is there')
      half.socket.end()
      await half.closed
      const { socket } = await openRaw(counted.port, get('/'))
      await wait(counted)
      socket.resetAndDestroy()
      await expectErrors(counted, 0)
    },
  )
})

import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { openRaw, until } from './both-ways.ts'
import { END_HEADERS, END_STREAM, fields, openRawSession, types } from './http2-raw.ts'
import { ask, type Counted, expectErrors, get, over, overEach } from './statistics-world.ts'

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
      const { reset } = await ask(counted.protocol, counted.port)
      await wait(counted)
      reset()
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

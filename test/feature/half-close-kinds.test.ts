import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { fromConnect, Server } from 'tribind'
import { collectingLogger, gate, inTime, openRaw, overHttp1, until } from './both-ways.ts'
import { contentOf, exchange, get, statusesIn } from './half-closing-client.ts'
import { connect, upgradeHead } from './websocket-client.ts'

function registerSlow(server: Server) {
  server.get('/slow', async () => {
    await sleep(30)
    return 'slow'
  })
}

describe('a client that half-closes', () => {
  overHttp1('may speak HTTP/1.0', registerSlow, async (_send, _world, { port }) => {
    for (const fields of ['', 'Connection: keep-alive\r\n']) {
      const answer = await exchange(port, `GET /slow HTTP/1.0\r\n${fields}\r\n`)
      expect(contentOf(answer)).to.equal('slow')
    }
  })

  overHttp1(
    'is answered by what was made for node:http',
    (server) => {
      const answerLate = (response: ServerResponse) => setTimeout(() => response.end('late'), 30)
      server.bindMiddleware(
        '/connect',
        fromConnect((_req, res) => answerLate(res)),
      )
      server.get('/hijack', ({ response }) => void answerLate(response.hijack().response))
      server.get('/plain', async ({ response }) => {
        await sleep(30)
        response.raw.removeHeader('Connection')
        response.raw.end('late')
      })
    },
    async (_send, _world, { port }) => {
      for (const path of ['/connect', '/hijack', '/plain'])
        expect(contentOf(await exchange(port, get(path))), path).to.include('late')
    },
    { keepAliveTimeout: 60_000, halfClosedTimeout: 200 },
  )

  overHttp1(
    'is answered CONNECT',
    (server) =>
      server.bindHandler('CONNECT:/:target', async ({ response }) => {
        await sleep(30)
        response.writeStatus(403)
      }),
    async (_send, _world, { port }) => {
      expect(statusesIn(await exchange(port, 'CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n'))).to.deep.equal([403])
    },
  )

  overHttp1(
    'ends its event stream where that is silent',
    (server) => {
      const ends: string[] = []
      server.get('/events', async ({ response }) => {
        const events = response.sse()
        void events.send('first')
        await events.closed
        ends.push('closed')
      })
      return ends
    },
    async (_send, ends, { port }) => {
      expect(await exchange(port, get('/events'))).to.include('data: first')
      await until(() => ends.length === 1, 'the stream is closed')
    },
    { halfClosedTimeout: 50 },
  )

  overHttp1(
    'ends its WebSocket at once',
    (server) => {
      const codes: number[] = []
      server.bindWebSocket('/', (socket) => void socket.on('close', (code) => codes.push(code)))
      return codes
    },
    async (_send, codes, { port }) => {
      const { socket } = await connect(port, '/')
      const { _socket: connection } = socket as unknown as { _socket: net.Socket }
      connection.end()
      await until(() => codes.length === 1, 'it is closed')
      expect(codes).to.deep.equal([1006])
    },
    { halfClosedTimeout: 0 },
  )

  overHttp1(
    'gets no WebSocket',
    (server) => {
      let count = 0
      server.use(async (_request, next) => {
        await sleep(30)
        await next()
      })
      server.bindWebSocket('/', () => void count++)
      return () => count
    },
    async (_send, count, { port }) => {
      expect(await exchange(port, upgradeHead('/'))).to.equal('')
      expect(count()).to.equal(0)
    },
  )

  overHttp1(
    'waits as long as timeout where halfClosedTimeout is 0',
    (server) => server.get('/', ({ signal }) => once(signal, 'abort')),
    async (_send, _world, { port }) => {
      const begun = performance.now()
      expect(await exchange(port, get('/'))).to.equal('')
      expect(performance.now() - begun).to.be.at.least(190)
    },
    { halfClosedTimeout: 0, timeout: 200 },
  )

  overHttp1(
    'is answered by a server that stops',
    (server) => {
      const arrived = gate()
      const answered = gate()
      server.get('/', async () => {
        arrived.open()
        await answered.opened
        return 'last'
      })
      return { arrived, answered }
    },
    async (_send, { arrived, answered }, { server, port }) => {
      const answer = exchange(port, get('/'))
      await arrived.opened
      await sleep(20)
      const stopped = server.stop()
      // The sweep for idle connections takes place meanwhile.
      await sleep(100)
      answered.open()
      expect(contentOf(await answer)).to.equal('last')
      await inTime(stopped, 'the server has stopped')
    },
  )

  it('does not hold up a stop for longer than stopTimeout', async () => {
    const server = new Server({ port: 0, halfClosedTimeout: 0, stopTimeout: 50, logger: collectingLogger() })
    const arrived = gate()
    server.get('/', ({ signal }) => {
      arrived.open()
      return once(signal, 'abort')
    })
    await server.start()
    const answer = exchange(server.port, get('/'))
    await arrived.opened
    await inTime(server.stop(), 'the server has stopped')
    expect(await answer).to.equal('')
  })
})

describe('a client that leaves', () => {
  overHttp1(
    'while middleware of its handshake runs aborts the signal and leaves nothing behind',
    (server) => {
      const entered = gate()
      const seen: string[] = []
      server.use(async ({ signal }, next) => {
        entered.open()
        if (!signal.aborted) await once(signal, 'abort')
        seen.push('aborted')
        await next()
      })
      server.bindWebSocket('/', () => void seen.push('opened'))
      server.bindHookHandler('/*', 'AfterClose', () => void seen.push('closed'))
      return { entered, seen }
    },
    async (_send, { entered, seen }, { server, port }) => {
      const { socket } = await openRaw(port, upgradeHead('/'))
      await entered.opened
      socket.destroy()
      await until(() => seen.length === 2, 'the request is over')
      expect(seen).to.deep.equal(['aborted', 'closed'])
      await inTime(server.stop(), 'nothing holds up a stop')
    },
    { halfClosedTimeout: 50 },
  )
})

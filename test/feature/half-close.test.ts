import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { expect } from 'chai'
import { fromConnect, Server } from 'tribind'
import { collectingLogger, gate, inTime, openRaw, type Options, overHttp1, until } from './both-ways.ts'
import { protocolOptions } from './clients.ts'
import { cert } from './key-pair.ts'
import { recordEvents } from './record-events.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { connect, upgradeHead } from './websocket-client.ts'

/** Sends a text, closes this side only, and returns what comes until the other side is closed. */
async function exchange(port: number, text: string | Buffer, isSecure = false): Promise<string> {
  const socket = open(port, isSecure)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.end(text)
  await inTime(once(socket, 'end'), 'the server closes its side')
  socket.destroy()
  return Buffer.concat(chunks).toString('latin1')
}

function open(port: number, isSecure: boolean): net.Socket {
  const options = { port, host: '127.0.0.1', allowHalfOpen: true }
  return isSecure ? tls.connect({ ...options, ca: cert, servername: 'localhost' }) : net.connect(options)
}

const get = (path: string, fields = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
const post = (path: string, fields: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n${fields}\r\n\r\n${body}`
const contentOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4)
const statusesIn = (answers: string) => [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

/** Longer than a test may take. */
const keepAliveTimeout = 60_000

function register(server: Server) {
  const aborted: string[] = []
  server.get('/slow/:n', async ({ signal, params }) => {
    signal.addEventListener('abort', () => aborted.push(params['n'] ?? ''))
    await sleep(30)
    return `slow ${params['n']}\n`
  })
  server.post('/echo', async (request) => {
    await sleep(30)
    return `echo ${await request.text()}`
  })
  return aborted
}

const ways = {
  TCP: {},
  TLS: protocolOptions.https,
  'TLS beside HTTP/2': protocolOptions.http2,
}

for (const [way, secure] of Object.entries(ways)) {
  const isSecure = way !== 'TCP'
  const options: Options = { ...secure, keepAliveTimeout }
  const big = 'x'.repeat(8_000_000)
  const folder = temporaryFolder({ big })

  describe(`a client that half-closes after its requests: ${way}`, () => {
    overHttp1(
      'is answered, and then the connection ends',
      register,
      async (_send, aborted, { port }) => {
        const answer = await exchange(port, get('/slow/1'), isSecure)
        expect(statusesIn(answer)).to.deep.equal([200])
        expect(contentOf(answer)).to.equal('slow 1\n')
        expect(aborted).to.deep.equal([])
      },
      options,
    )

    overHttp1(
      'is answered all that it has pipelined',
      register,
      async (_send, aborted, { port }) => {
        const requests = [get('/slow/1'), get('/slow/2'), get('/none'), get('/slow/3')].join('')
        const answers = await exchange(port, requests, isSecure)
        expect(statusesIn(answers)).to.deep.equal([200, 200, 404, 200])
        expect(answers.match(/slow \d/g)).to.deep.equal(['slow 1', 'slow 2', 'slow 3'])
        expect(aborted).to.deep.equal([])
      },
      options,
    )

    overHttp1(
      'has its body read',
      register,
      async (_send, _aborted, { port }) => {
        const sized = await exchange(port, post('/echo', 'Content-Length: 4', 'body'), isSecure)
        const chunked = await exchange(
          port,
          post('/echo', 'Transfer-Encoding: chunked', '4\r\nbody\r\n0\r\n\r\n'),
          isSecure,
        )
        expect([sized, chunked].map(contentOf)).to.deep.equal(['echo body', 'echo body'])
      },
      options,
    )

    overHttp1(
      'is answered 400 where the body is cut short',
      (server) => {
        const statuses: unknown[] = []
        server.post('/', async (request) => {
          statuses.push(await request.text().catch((error: { status?: number }) => error.status))
        })
        return statuses
      },
      async (_send, statuses, { port }) => {
        const bodies = [post('/', 'Content-Length: 9', 'body'), post('/', 'Transfer-Encoding: chunked', '9\r\nbody')]
        for (const text of bodies) expect(statusesIn(await exchange(port, text, isSecure))).to.deep.equal([400])
        await until(() => statuses.length === 2, 'the handlers have failed')
        expect(statuses).to.deep.equal([400, 400])
      },
      options,
    )

    overHttp1(
      'has what was begun to its end, as long as it flows',
      (server) => {
        server.get('/stream', async function* () {
          for (let i = 0; i < 10; i++) {
            yield `part ${i}\n`
            await sleep(40)
          }
        })
        server.get('/file', async ({ response }) => {
          await sleep(10)
          await response.serveFile(`${folder}/big`)
        })
      },
      async (_send, _world, { port }) => {
        const streamed = await exchange(port, get('/stream'), isSecure)
        expect(streamed.match(/part \d/g)).to.have.lengthOf(10)
        expect(streamed.endsWith('\r\n0\r\n\r\n')).to.equal(true)
        expect(contentOf(await exchange(port, get('/file'), isSecure))).to.have.lengthOf(big.length)
      },
      { ...options, halfClosedTimeout: 200 },
    )

    overHttp1(
      'counts as gone when nothing was sent to it for halfClosedTimeout',
      (server) => {
        const { opened, open } = gate()
        const aborted: string[] = []
        server.get('/:n', async ({ signal, params }) => {
          signal.addEventListener('abort', () => aborted.push(params['n'] ?? ''))
          await opened
        })
        return { open, aborted, ran: recordEvents(server) }
      },
      async (_send, { open, aborted, ran }, { port }) => {
        expect(await exchange(port, get('/1') + get('/2'), isSecure)).to.equal('')
        await until(() => aborted.length === 2, 'the signals are aborted')
        open()
        await until(() => ran.filter((event) => event === 'AfterClose').length === 2, 'the close events have run')
      },
      { ...options, halfClosedTimeout: 50 },
    )

    overHttp1(
      'is not waited for where everything was answered before',
      register,
      async (_send, _aborted, { port }) => {
        const socket = open(port, isSecure)
        socket.write(get('/slow/1'))
        await once(socket, 'data')
        socket.end()
        await inTime(once(socket, 'end'), 'the connection ends')
        socket.destroy()
      },
      { ...options, halfClosedTimeout: 0 },
    )
  })
}

describe('a client that half-closes', () => {
  overHttp1('may speak HTTP/1.0', register, async (_send, _aborted, { port }) => {
    for (const fields of ['', 'Connection: keep-alive\r\n']) {
      const answer = await exchange(port, `GET /slow/1 HTTP/1.0\r\n${fields}\r\n`)
      expect(contentOf(answer)).to.equal('slow 1\n')
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
    { keepAliveTimeout, halfClosedTimeout: 200 },
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

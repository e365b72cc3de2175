import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { fromConnect } from 'tribind'
import { openRaw, until } from './both-ways.ts'
import { cert } from './key-pair.ts'
import { expectErrors, get, over, overEach } from './statistics-world.ts'
import { upgradeHead } from './websocket-client.ts'

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

  over(
    'socket',
    'counts it for a client that has ended its side, too',
    (server) =>
      server.get('/', async function* () {
        yield 'begun'
        await sleep(20)
        throw new Error('no')
      }),
    async (counted) => {
      const { socket, closed } = await openRaw(counted.port, get('/'))
      socket.end()
      await closed
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

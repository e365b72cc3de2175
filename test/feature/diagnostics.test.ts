import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { type Channel, channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Request, RequestDiagnostics } from 'tribind'
import { askKeepingAlive } from './keep-alive.ts'
import { bothWays, gate, inTime, openRaw, overHttp1, turns } from './both-ways.ts'
import { events, listenToRequests, type Told } from './listen-to-requests.ts'
import { connect, upgradeHead } from './websocket-client.ts'

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`

describe('diagnostics of requests', () => {
  let told: Told

  beforeEach(() => (told = listenToRequests()))
  afterEach(() => told.deafen())

  bothWays(
    'tell the way of a request, once each, with one object for all',
    (server) => server.get('/user/:id', ({ params }) => params.id),
    async (send) => {
      await send('/user/7?x=1')
      expect(await told.over()).to.deep.equal([
        'start /user/7?x=1',
        'route /user/7?x=1 /user/:id',
        'served /user/7?x=1',
        'close /user/7?x=1 200 finished',
      ])
      expect(new Set(told.messages).size).to.equal(1)
      const [{ request, response, entryPoint, version, error, isAnswer } = {} as RequestDiagnostics] = told.messages
      expect(request.method).to.equal('GET')
      expect(response).to.equal(request.response)
      expect({ error, isAnswer }).to.deep.equal({ error: undefined, isAnswer: false })
      expect({ entryPoint, version }).to.deep.equal({ entryPoint: 'default', version: 1 })
    },
  )

  bothWays(
    'stand around the hooks',
    (server) => {
      const seen = { order: [] as string[] }
      for (const event of ['BeforeServe', 'AfterServe', 'AfterOutput', 'BeforeClose', 'AfterClose'] as const)
        server.bindHookHandler('/*', event, () => void told.lines.push(event))
      server.use(async (request, next) => {
        const { body } = request
        body.destroy = () => {
          told.lines.push('released')
          return body
        }
        await next()
        told.lines.push('middleware')
      })
      server.get('/', async () => {
        await turns(1)
        return 'hello'
      })
      return seen
    },
    async (send) => {
      await send('/')
      expect(await told.over()).to.deep.equal([
        'start /',
        'route / /',
        'BeforeServe',
        'middleware',
        'served /',
        'AfterServe',
        'AfterOutput',
        'BeforeClose',
        'released',
        'AfterClose',
        'close / 200 finished',
      ])
    },
  )

  for (const status of [200, 204]) {
    for (const isRead of [true, false]) {
      bothWays(
        `tell that an answer is finished, with status ${status} and a body ${isRead ? 'read' : 'unread'}`,
        (server) =>
          server.post('/', async ({ response, body }) => {
            if (isRead) await buffer(body)
            response.status = status
            return status === 200 ? 'hello' : undefined
          }),
        async (send) => {
          await send({ method: 'POST', url: '/', body: 'some text' })
          expect((await told.over()).at(-1)).to.equal(`close / ${status} finished`)
        },
      )
    }
  }

  const requests: Record<string, [text: string, ...expected: string[]]> = {
    'a 404': [get('/none'), 'start /none', 'served /none', 'close /none 404 finished'],
    'a path that is 400': [get('/%ff'), 'start /%ff', 'served /%ff', 'close /%ff 400 finished'],
    'a host that is 400': [get('/', 'Host: b\r\n'), 'start /', 'served /', 'close / 400 finished'],
    'too many fields, 431': [
      get('/', Array.from({ length: 20 }, (_, i) => `X-${i}: 1\r\n`).join('')),
      'start /',
      'served /',
      'close / 431 finished',
    ],
    HEAD: [get('/').replace('GET', 'HEAD'), 'start /', 'route / /', 'served /', 'close / 200 finished'],
    'a WebSocket that is refused': [
      upgradeHead('/ws', { 'Sec-WebSocket-Version': '12' }),
      'start /ws',
      'route /ws /ws',
      'error /ws The version of WebSocket is 13 is the answer',
      'served /ws',
      'close /ws 426 finished',
    ],
    'a WebSocket that nobody bound': [upgradeHead('/none'), 'start /none', 'served /none', 'close /none 404 finished'],
  }
  for (const [name, [text, ...expected]] of Object.entries(requests)) {
    overHttp1(
      `tell of ${name}`,
      (server) => {
        server.get('/', () => 'hello')
        server.bindWebSocket('/ws', () => {})
      },
      async (_send, _world, { port }) => {
        const { socket } = await openRaw(port, text)
        expect(await told.over()).to.deep.equal(expected)
        socket.destroy()
      },
      { maxHeadersCount: 10 },
    )
  }

  overHttp1(
    'tell of a WebSocket, from its handshake to its end, and of what fails in it',
    (server) => {
      server.bindWebSocket(
        '/:name',
        (socket) =>
          void socket.on('message', () => {
            throw new Error('in a listener')
          }),
      )
    },
    async (_send, _world, { port }) => {
      const { socket, closed } = await connect(port, '/ws')
      await turns()
      expect(told.lines).to.deep.equal(['start /ws', 'route /ws /:name', 'served /ws'])
      socket.send('x')
      await closed
      expect((await told.over()).slice(3)).to.deep.equal([
        'error /ws in a listener is not the answer',
        'close /ws 101 finished',
      ])
    },
  )

  overHttp1(
    'tell that a client has left within a body that was handed over whole',
    (server) => server.get('/vast', () => Buffer.alloc(50_000_000)),
    async (_send, _world, { port }) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.write(get('/vast'))
      await once(socket, 'data')
      socket.destroy()
      expect((await told.over()).at(-1)).to.equal('close /vast 200 left')
    },
  )

  overHttp1(
    'tell of the end of a request whose client has left',
    (server) => {
      const arrived = gate()
      server.get('/slow', async ({ signal }) => {
        arrived.open()
        await once(signal, 'abort')
      })
      return arrived
    },
    async (_send, arrived, { port }) => {
      const { socket } = await openRaw(port, get('/slow'))
      await arrived.opened
      socket.destroy()
      expect((await told.over()).at(-1)).to.match(/^close \/slow \d+ left$/)
      expect(told.lines).to.have.length(4)
    },
  )

  overHttp1(
    'tell of all requests of a kept connection, each with an object of its own',
    (server) => server.get('/*path', ({ params }) => params.path),
    async (_send, _world, { port }) => {
      await askKeepingAlive(
        port,
        ['/a', '/b', '/c'].map((url) => ({ url })),
      )
      await told.over(3)
      expect(told.lines).to.deep.equal(
        ['/a', '/b', '/c'].flatMap((url) => [
          `start ${url}`,
          `route ${url} /*path`,
          `served ${url}`,
          `close ${url} 200 finished`,
        ]),
      )
      expect(new Set(told.messages).size).to.equal(3)
    },
  )

  for (const isCut of [false, true]) {
    overHttp1(
      `tell of the pipelined requests of a connection ${isCut ? 'that breaks' : 'that ends well'}`,
      (server) => {
        const all = { arrived: gate(), goOn: gate(), last: gate() }
        server.get('/:n', async ({ params }) => {
          if (params.n === '3') all.arrived.open()
          await all.goOn.opened
          return params.n
        })
        return all
      },
      async (_send, { arrived, goOn }, { port }) => {
        const { socket } = await openRaw(port, get('/1') + get('/2') + get('/3', 'Connection: close\r\n'))
        await arrived.opened
        expect(told.lines.filter((line) => line.startsWith('start'))).to.deep.equal([
          'start /1',
          'start /2',
          'start /3',
        ])
        if (isCut) socket.destroy()
        else goOn.open()
        await told.over(3)
        goOn.open()
        await turns()
        for (const n of [1, 2, 3]) {
          const ofOne = told.lines.filter((line) => line.split(' ')[1] === `/${n}`)
          expect(ofOne.map((line) => line.split(' ')[0])).to.have.members(['start', 'route', 'served', 'close'])
          expect(ofOne.at(isCut ? 2 : 3)).to.match(isCut ? /left$/ : /finished$/)
        }
      },
    )
  }

  bothWays(
    'stop when nobody listens any more, also under way',
    (server) => {
      server.get('/', () => 'x')
      server.get('/under-way', () => told.deafen())
    },
    async (send) => {
      await send('/under-way')
      await turns()
      expect(told.lines).to.deep.equal(['start /under-way', 'route /under-way /under-way'])
      await send('/')
      await turns()
      expect(told.lines).to.have.length(2)
    },
  )

  bothWays(
    'run a request in the stores that are bound to its start',
    (server) => {
      const spans = new AsyncLocalStorage<string>()
      server.get('/', async () => {
        await turns(1)
        return spans.getStore()
      })
      return spans
    },
    async (send, spans) => {
      const start = channel('tribind.request.start') as Channel & {
        bindStore(store: unknown, transform: (message: { request: Request }) => string): void
        unbindStore(store: unknown): void
      }
      start.bindStore(spans, ({ request }) => `span of ${request.url}`)
      try {
        expect((await send('/')).text).to.equal('span of /')
      } finally {
        start.unbindStore(spans)
      }
      expect((await send('/')).text).to.equal('')
    },
  )

  it('answer the request also where a subscriber throws; what it throws is an uncaught exception', async () => {
    const program = `
      import { subscribe } from 'node:diagnostics_channel'
      import { Server } from 'tribind'
      for (const event of ['start', 'route', 'served', 'error', 'close'])
        subscribe('tribind.request.' + event, () => { throw new Error(event) })
      process.on('uncaughtException', (error) => console.log(error.message))
      const server = new Server({ logger: { debug() {}, info() {}, warn() {}, error() {} } })
      server.get('/', () => { throw new Error() })
      console.log((await server.inject()).status)`
    const run = ['--import=tsx', '--conditions=source', '--input-type=module', '--eval', program]
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const { stdout } = await inTime(promisify(execFile)(process.execPath, run, { cwd }), 'it has ended', 15_000)
    expect(stdout.trim().split('\n').toSorted()).to.deep.equal(['500', ...events].toSorted())
  })
})

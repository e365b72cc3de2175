import { execFile } from 'node:child_process'
import { Readable, Transform } from 'node:stream'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { currentRequest, type Request, Server } from 'tribind'
import { askKeepingAlive } from './keep-alive.ts'
import { bothWays, gate, inTime, openRaw, overHttp1, rawExchange, until } from './both-ways.ts'
import { connect } from './websocket-client.ts'

const options = { useAsyncLocalStorage: true }
const tick = () => new Promise((resolve) => setImmediate(resolve))
const here = () => currentRequest()?.path

const post = (path: string, text: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`

describe('currentRequest', () => {
  bothWays(
    'gives the request in everything that runs for it',
    (server) => {
      const seen = new Map<string, Request | undefined>()
      const note = (where: string) => seen.set(where, currentRequest())
      const requests = new Set<Request>()
      server.use(async (request, next) => {
        requests.add(request)
        note('middleware')
        await next()
        note('after next')
      })
      for (const event of [
        'BeforeServe',
        'AfterServe',
        'BeforePatch',
        'AfterOutput',
        'BeforeClose',
        'AfterClose',
      ] as const)
        server.bindHookHandler('/*', event, async () => {
          note(event)
          await tick()
          note(`${event}, later`)
        })
      server.bindStatusHandler(418, () => void note('status handler'))
      class Pot {
        init = () => void note('init')
        shut = () => void note('shut')
        async brew(request: Request) {
          note('method')
          await tick()
          note('after await')
          await new Promise<void>((resolve) => setTimeout(() => resolve(void note('timer')), 1))
          process.nextTick(() => note('nextTick'))
          request.response.writeStatus(418)
        }
      }
      server.bindController('/pot', Pot, 'brew')
      return { seen, requests }
    },
    async (send, { seen, requests }) => {
      expect((await send('/pot/brew')).status).to.equal(418)
      await until(() => seen.size === 21, 'all has run')
      expect(new Set(seen.values())).to.deep.equal(requests)
      expect(requests.size).to.equal(1)
    },
    options,
  )

  bothWays(
    'is undefined outside of any request',
    (server) => server.get('/', () => tick()),
    async (send) => {
      const answer = send('/')
      expect(currentRequest()).to.equal(undefined)
      await answer
      expect(currentRequest()).to.equal(undefined)
    },
    options,
  )

  it('is undefined where no server of the process has the option, and warns once how it is turned on', async () => {
    const program = `
      import { currentRequest, Server } from 'tribind'
      const server = new Server({ useAsyncLocalStorage: false })
      server.get('/', () => String(currentRequest()))
      process.on('warning', ({ message }) => console.log(message))
      console.log(currentRequest(), (await server.inject()).text())`
    const run = ['--import=tsx', '--conditions=source', '--input-type=module', '--eval', program]
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, run, { cwd })
    expect(stdout).to.match(/^currentRequest.*\{ useAsyncLocalStorage: true \}\)\)\nundefined undefined\n$/)
  })

  it('is undefined in the handlers of a server without the option, also where one with it asks', async () => {
    const inner = new Server()
    inner.get('/', () => String(here()))
    const server = new Server(options)
    server.get('/outer', async () => [(await inner.inject()).text(), here()])
    expect((await server.inject({ url: '/outer' })).json()).to.deep.equal(['undefined', '/outer'])
  })

  bothWays(
    'follows generators, streams and bodies',
    (server) => {
      server.get('/generator', async function* () {
        for (let i = 0; i < 3; i++) {
          yield `${here()};`
          await tick()
        }
      })
      server.get('/readable', () => {
        let left = 3
        return new Readable({
          read() {
            const text = left-- > 0 ? `${here()};` : null
            setImmediate(() => this.push(text))
          },
        })
      })
      server.all('/body', ({ body }) => {
        const shout = (_chunk: unknown, _coding: unknown, done: (error: null, data: string) => void) =>
          done(null, `${here()};`)
        return body.pipe(new Transform({ transform: shout }))
      })
    },
    async (send) => {
      expect((await send('/generator')).text).to.equal('/generator;'.repeat(3))
      expect((await send('/readable')).text).to.equal('/readable;'.repeat(3))
      expect((await send({ method: 'POST', url: '/body', body: 'x' })).text).to.equal('/body;')
    },
    options,
  )

  overHttp1(
    'keeps requests on one connection apart, one after the other',
    (server) => server.all('/*path', async ({ params }) => `${await tick().then(here)} ${params.path}`),
    async (_send, _world, { port }) => {
      const paths = ['/a', '/b', '/c', '/d']
      const answers = await askKeepingAlive(
        port,
        paths.map((url) => ({ url, method: 'POST', body: url })),
      )
      expect(answers.map(({ body }) => body.toString())).to.deep.equal(paths.map((path) => `${path} ${path.slice(1)}`))
      expect(answers.slice(1).every(({ isSameConnection }) => isSameConnection)).to.equal(true)
    },
    options,
  )

  overHttp1(
    'keeps pipelined requests apart whose handlers overlap and whose answers are larger than what a socket takes',
    (server) => {
      const last = gate()
      const wrong: string[] = []
      const check = (request: Request) => {
        if (currentRequest() !== request) wrong.push(`${request.path} saw ${here()}`)
      }
      server.all('/*', async (request) => {
        check(request)
        request.response.raw.on('close', () => check(request))
        request.raw.on('end', () => check(request))
        request.signal.addEventListener('abort', () => check(request))
        if (request.path === '/5') last.open()
        await last.opened
        check(request)
        await request.text()
        check(request)
        const source = Readable.from(
          (function* () {
            for (let i = 0; i < 30; i++) {
              check(request)
              yield Buffer.alloc(100_000, request.path.slice(1))
            }
          })(),
        )
        return source
      })
      server.bindHookHandler('/*', 'AfterClose', check)
      return wrong
    },
    async (_send, wrong, { port }) => {
      const paths = ['/1', '/2', '/3', '/4', '/5']
      const text = `${paths.map((path) => post(path, 'some text')).join('')}${get('/6', 'Connection: close\r\n')}`
      const answer = await inTime(rawExchange(port, text), 'all is answered', 10_000)
      for (const path of [...paths, '/6']) expect(answer.split(path.slice(1).repeat(1000)).length).to.be.above(1000)
      expect(wrong).to.deep.equal([])
    },
    options,
  )

  overHttp1(
    'follows what happens when the client leaves',
    (server) => {
      const seen: unknown[] = []
      const arrived = gate()
      server.get('/gone', async ({ signal }) => {
        arrived.open()
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(void seen.push(here()))))
        seen.push(here())
      })
      server.bindHookHandler('/*', 'AfterClose', () => seen.push(here()))
      return { seen, arrived }
    },
    async (_send, { seen, arrived }, { port }) => {
      const { socket } = await openRaw(port, get('/gone'))
      await arrived.opened
      socket.destroy()
      await until(() => seen.length === 3, 'all have seen it')
      expect(seen).to.deep.equal(['/gone', '/gone', '/gone'])
    },
    options,
  )

  overHttp1(
    'follows WebSockets',
    (server) => {
      const closed: unknown[] = []
      server.bindWebSocket('/room/:n', async (socket) => {
        socket.on('message', () => socket.send(`${here()}`))
        socket.on('close', () => closed.push(here()))
        await tick()
        socket.send(`${here()}`)
      })
      return closed
    },
    async (_send, closed, { port }) => {
      const clients = await Promise.all([1, 2, 3].map((n) => connect(port, `/room/${n}`)))
      for (const { socket } of clients) socket.send('where?')
      for (const { messages } of clients) await until(() => messages.length === 2, 'it has answered')
      expect(clients.map(({ messages }) => messages)).to.deep.equal([1, 2, 3].map((n) => [`/room/${n}`, `/room/${n}`]))
      for (const { socket } of clients) socket.close()
      await until(() => closed.length === 3, 'all are closed')
      expect(closed.toSorted()).to.deep.equal(['/room/1', '/room/2', '/room/3'])
    },
    options,
  )
})

import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type ConnectMiddleware, fromConnect, HttpError } from 'tribind'
import { bothWays, inTime, overSocket, until } from './both-ways.ts'
import { recordEvents } from './record-events.ts'

describe('fromConnect: errors', () => {
  bothWays(
    'given to next, thrown and rejected are one: 500, or the status that the error names',
    (server) => {
      const errors: Record<string, unknown> = {
        plain: new Error('secret'),
        text: 'secret',
        teapot: Object.assign(new Error('secret'), { status: 418 }),
        exposed: Object.assign(new Error('for you'), { statusCode: 409, expose: true }),
        odd: Object.assign(new Error('secret'), { status: 200 }),
        ours: new HttpError(402, 'ours'),
      }
      for (const [name, error] of Object.entries(errors)) {
        const ways: Record<string, ConnectMiddleware> = {
          next: (_req, res, next) => {
            res.setHeader('X-Kept', '1')
            res.setHeader('Cache-Control', 'public')
            next(error)
          },
          later: (_req, _res, next) => void setImmediate(next, error),
          thrown: (_req, res) => {
            res.setHeader('X-Kept', '1')
            throw error
          },
          rejected: async () => {
            await sleep(1)
            throw error
          },
        }
        for (const [way, middleware] of Object.entries(ways))
          server.bindMiddleware(`/${name}/${way}`, fromConnect(middleware))
      }
      server.all('/*', () => 'never')
    },
    async (send, _world, { log }) => {
      const expected = {
        plain: [500, 'Internal Server Error'],
        text: [500, 'Internal Server Error'],
        teapot: [418, "I'm a Teapot"],
        exposed: [409, 'for you'],
        odd: [500, 'Internal Server Error'],
        ours: [402, 'ours'],
      }
      for (const [name, answer] of Object.entries(expected)) {
        for (const way of ['next', 'later', 'thrown', 'rejected']) {
          const { status, text, header } = await send(`/${name}/${way}`)
          expect([status, text], `${name} ${way}`).to.deep.equal(answer)
          if (way === 'next' || way === 'thrown') expect(header('x-kept')).to.equal('1')
          expect(header('cache-control')).to.equal(undefined)
        }
      }
      expect(log).to.have.length(24)
      const teapot = log.find(({ message }) => message.includes('/teapot/'))
      expect(teapot).to.have.nested.property('fields.error.cause.message', 'secret')
    },
  )

  bothWays(
    'a middleware around handles them, one that awaits next those from inside',
    (server) => {
      server.bindMiddleware('/outer', async (_request, next) => {
        await next()
          .catch((error: Error) => `caught ${error.message}`)
          .then(() => {})
        return 'handled'
      })
      server.bindMiddleware(
        '/outer',
        fromConnect((_req, _res, next) => next(new Error('x'))),
      )
      server.bindMiddleware(
        '/inner',
        fromConnect(async (_req, res, next) => {
          try {
            await (next() as unknown as Promise<void>)
          } catch {
            res.end('caught')
          }
        }),
      )
      server.get('/inner', () => {
        throw new Error('x')
      })
      server.get('/outer', () => 'never')
    },
    async (send, _world, { log }) => {
      expect((await send('/outer')).text).to.equal('handled')
      expect((await send('/inner')).text).to.equal('caught')
      expect(log).to.deep.equal([])
    },
  )

  overSocket(
    'one that fails after it began to answer cuts the connection',
    (server) => {
      server.bindMiddleware(
        '/cut',
        fromConnect((_req, res, next) => {
          res.writeHead(200, { 'Content-Length': 10 })
          res.write('half')
          setTimeout(next, 5, new Error('x'))
        }),
      )
      server.get('/next', () => 'next')
    },
    async (send) => {
      const failed = await inTime(
        send('/cut').then(
          () => undefined,
          (error: NodeJS.ErrnoException) => error.code,
        ),
        'it is cut',
      )
      expect(failed).to.be.oneOf(['ECONNRESET', 'ERR_HTTP2_STREAM_ERROR'])
      expect((await send('/next')).text).to.equal('next')
    },
  )

  bothWays(
    'exitAll inside is none',
    (server) => {
      const ran = recordEvents(server)
      server.use(fromConnect((_req, res, next) => (res.setHeader('X-Connect', '1'), next())))
      server.use(fromConnect(async (_req, _res, next) => next()))
      server.get('/', (request) => {
        request.response.write('exited')
        request.exitAll()
      })
      return ran
    },
    async (send, ran, { log }) => {
      const { text, header } = await send('/')
      expect([text, header('x-connect')]).to.deep.equal(['exited', '1'])
      await until(() => ran.length >= 2, 'the close events have run')
      expect(ran).to.deep.equal(['BeforeClose', 'AfterClose'])
      expect(log).to.deep.equal([])
    },
  )
})

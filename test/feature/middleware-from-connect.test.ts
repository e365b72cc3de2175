import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { ConfigError, type ConnectMiddleware, fromConnect } from 'tribind'
import { bothWays, callUntyped, openRaw, overHttp1, thrownBy, turns, until } from './both-ways.ts'
import { askKeepingAlive } from './keep-alive.ts'
import { recordEvents } from './record-events.ts'

type Done = (error?: unknown) => void

describe('fromConnect: on the way in', () => {
  bothWays(
    'what is inside runs in order, and status, fields and cookies go both ways',
    (server) => {
      const seen: unknown[] = []
      server.use(async (request, next) => {
        request.response.setHeader('X-Before', 'ours')
        request.response.status = 201
        request.cookie.set('a', '1')
        await next()
        seen.push('out')
      })
      server.use(
        fromConnect((req, res, next) => {
          seen.push(res.getHeader('x-before'), res.getHeader('Set-Cookie'), res.statusCode)
          seen.push((req as IncomingMessage & { originalUrl?: string }).originalUrl)
          res.setHeader('X-Connect', 'theirs')
          res.setHeader('X-Lines', ['1', '2'])
          res.removeHeader('X-Before')
          next()
        }),
      )
      server.get('/', (request) => {
        seen.push(request.response.header('X-Connect'), request.response.status)
        request.response.status = 202
        request.cookie.set('b', '2')
        return 'text'
      })
      return seen
    },
    async (send, seen, { isSecure }) => {
      const { status, header, headerAll, text } = await send('/?q=1')
      expect(status).to.equal(202)
      expect(text).to.equal('text')
      expect(header('x-before')).to.equal(undefined)
      expect(header('x-connect')).to.equal('theirs')
      expect(header('x-lines')).to.equal('1, 2')
      expect(header('content-length')).to.equal('4')
      expect(headerAll('set-cookie').map((line) => line.slice(0, 3))).to.deep.equal(['a=1', 'b=2'])
      const cookie = `a=1; Path=/; HttpOnly; ${isSecure ? 'Secure; ' : ''}SameSite=Lax`
      expect(seen).to.deep.equal(['ours', cookie, 201, '/?q=1', 'theirs', 201, 'out'])
    },
  )

  bothWays(
    'fields set on the raw response late are joined, none of several lines lost',
    (server) => {
      server.get('/', (request) => {
        const { raw } = request.response
        raw.setHeader('Set-Cookie', 'raw=1')
        raw.setHeader('Vary', 'Accept')
        raw.setHeader('Content-Type', 'text/x-raw')
        raw.setHeader('X-Raw', '1')
        request.response.setHeader('X-Raw', '2')
        request.response.setHeader('Vary', 'Origin')
        request.response.setHeader('X-Lines', ['1', '2'])
        request.cookie.set('a', '1')
        request.cookie.set('b', '2')
        return 'text'
      })
    },
    async (send) => {
      const { header, headerAll } = await send('/')
      expect(headerAll('set-cookie').map((line) => line.slice(0, 3))).to.deep.equal(['raw', 'a=1', 'b=2'])
      expect(header('vary')).to.equal('Accept, Origin')
      expect(header('content-type')).to.equal('text/x-raw')
      expect(header('x-raw')).to.equal('2')
      expect(header('x-lines')).to.equal('1, 2')
    },
  )

  bothWays(
    'next later, next from a promise, next twice, next with the words of a router',
    (server) => {
      const variants: Record<string, ConnectMiddleware> = {
        later: (_req: IncomingMessage, _res: ServerResponse, next: Done) => void setTimeout(next, 2),
        promise: async (_req: IncomingMessage, _res: ServerResponse, next: Done) => {
          await sleep(2)
          next()
          await sleep(2)
        },
        awaited: async (_req, _res, next) => {
          await (next() as unknown as Promise<void>)
          return 'not written'
        },
        returned: (_req, _res, next) => next(),
        twice: (_req, _res, next) => (next(), next()),
        word: (_req, _res, next) => next('route'),
      }
      for (const [name, middleware] of Object.entries(variants)) {
        server.bindMiddleware(`/${name}`, fromConnect(middleware))
        server.get(`/${name}`, async () => {
          await sleep(1)
          return `after ${name}`
        })
      }
      return Object.keys(variants)
    },
    async (send, names) => {
      for (const name of names) expect((await send(`/${name}`)).text).to.equal(`after ${name}`)
    },
  )

  bothWays(
    'what is inside runs in the asynchronous context that it makes',
    (server) => {
      const storage = new AsyncLocalStorage<string>()
      server.use(fromConnect((_req, _res, next) => storage.run('inside', next)))
      server.get('/', async () => {
        await sleep(1)
        return storage.getStore()
      })
    },
    async (send) => {
      expect((await send('/')).text).to.equal('inside')
    },
  )

  it('is listed under its name, and refuses what it does not support', async () => {
    for (const bad of [undefined, 'text', {}, (_e: unknown, _q: unknown, _s: unknown, _n: unknown) => {}]) {
      const error = thrownBy(() => callUntyped({ fromConnect }, 'fromConnect', bad))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include('fromConnect')
    }
    expect(
      fromConnect(function named(_req, _res, next) {
        next()
      }).name,
    ).to.equal('named')
  })
})

describe('fromConnect: a middleware that ends the response', () => {
  bothWays(
    'nothing inside runs, and no further hook but those of the close, once each',
    (server) => {
      const ran = recordEvents(server)
      server.use(async (request, next) => {
        request.response.setHeader('X-Outer', '1')
        request.response.write('dropped')
        try {
          await next()
        } finally {
          ran.push('finally')
          request.response.setHeader('X-Late', '1')
        }
      })
      server.bindMiddleware(
        '/sync',
        fromConnect((_req, res) => res.writeHead(203, { 'X-Inner': '1' }).end('theirs')),
      )
      server.bindMiddleware(
        '/async',
        fromConnect(async (_req, res) => {
          await sleep(1)
          res.statusCode = 203
          res.setHeader('X-Inner', '1')
          res.write('the')
          await sleep(1)
          res.end('irs')
        }),
      )
      server.use(() => void ran.push('inner'))
      server.bindStatusHandler(203, () => ran.push('status'))
      server.all('/:name', () => ran.push('service'))
      return ran
    },
    async (send, ran) => {
      for (const url of ['/sync', '/async']) {
        const { status, text, header } = await send(url)
        expect([status, text, header('x-inner'), header('x-outer'), header('x-late')]).to.deep.equal([
          203,
          'theirs',
          '1',
          '1',
          undefined,
        ])
        await until(() => ran.length >= 3, 'the close events have run')
        await turns()
        expect(ran.splice(0).sort()).to.deep.equal(['AfterClose', 'BeforeClose', 'finally'])
      }
    },
  )

  overHttp1(
    'the connection serves the next request',
    (server) => {
      server.bindMiddleware(
        '/end',
        fromConnect((_req, res) => res.end('ended')),
      )
      server.get('/next', () => 'next')
    },
    async (_send, _world, { port }) => {
      const answers = await askKeepingAlive(port, [
        { url: '/end' },
        { method: 'POST', url: '/end', body: 'unread' },
        { url: '/next' },
      ])
      expect(answers.map(({ status, body }) => `${status} ${body.toString()}`)).to.deep.equal([
        '200 ended',
        '200 ended',
        '200 next',
      ])
      expect(answers[2]?.isSameConnection).to.equal(true)
    },
  )

  overHttp1(
    'one that does nothing waits, and its client may leave',
    (server) => {
      const ran = recordEvents(server)
      server.bindMiddleware(
        '/never',
        fromConnect(() => {}),
      )
      server.get('/next', () => 'next')
      return ran
    },
    async (send, ran, { port, log }) => {
      const { socket, received } = await openRaw(port, 'GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
      await sleep(30)
      expect(received()).to.equal('')
      socket.destroy()
      await until(() => ran.includes('AfterClose'), 'the close events have run')
      await turns()
      expect(ran).to.deep.equal(['BeforeClose', 'AfterClose'])
      expect(log).to.deep.equal([])
      expect((await send('/next')).text).to.equal('next')
    },
  )
})

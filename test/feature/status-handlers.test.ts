import { expect } from 'chai'
import { HttpError } from 'tribind'
import { bothWays } from './both-ways.ts'

describe('status handlers', () => {
  bothWays(
    'one for each status, by map',
    (server) => {
      server.bindStatusHandlerByMap({
        404: (request) => request.response.writeOver('404 page'),
        502: (request) => request.response.writeOver('502 page'),
      })
      server.bindHandler('/502', (request) => request.response.writeStatus(502))
      server.bindHandler('/503', (request) => request.response.writeStatus(503))
      server.bindHandler('/ok', () => 'ok')
    },
    async (send) => {
      for (const [path, status, text] of [
        ['/none', 404, '404 page'],
        ['/502', 502, '502 page'],
        ['/503', 503, 'Service Unavailable'],
        ['/ok', 200, 'ok'],
      ] as const) {
        const answer = await send(path)
        expect(answer.status, path).to.equal(status)
        expect(answer.text).to.equal(text)
        expect(answer.header('content-length')).to.equal(String(text.length))
      }
    },
  )

  bothWays(
    'several for one status run in order, sync and async',
    (server) => {
      server.bindStatusHandler(502, async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        request.response.writeOver('1')
      })
      server.bindStatusHandler(502, (request) => {
        request.response.write('2')
      })
      server.bindHandler('/502', (request) => request.response.writeStatus(502))
    },
    async (send) => {
      expect((await send('/502')).text).to.equal('12')
    },
  )

  bothWays(
    'what a 404 handler writes is all that goes out',
    (server) => {
      server.bindHandler('/', () => 'hello')
      server.bindStatusHandler(404, (request) => {
        request.response.write('404 page')
      })
    },
    async (send) => {
      const answer = await send('/ThisDoesNotExist')
      expect(answer.status).to.equal(404)
      expect(answer.text).to.equal('404 page')
      expect((await send('/')).text).to.equal('hello')
    },
  )

  bothWays(
    'come after AfterServe, before BeforePatch, and can still set headers',
    (server) => {
      const seen: string[] = []
      for (const event of ['AfterServe', 'BeforePatch'] as const) {
        server.bindHookHandler('/*', event, () => {
          seen.push(event)
        })
      }
      server.bindStatusHandler(404, (request) => {
        seen.push(`status ${request.response.status} ${request.path}`)
        request.response.setHeader('x-status', 'seen')
        request.cookie.set('seen', '1')
      })
      return seen
    },
    async (send, seen) => {
      const answer = await send('/none/%78')
      expect(seen).to.deep.equal(['AfterServe', 'status 404 /none/x', 'BeforePatch'])
      expect(answer.header('x-status')).to.equal('seen')
      expect(answer.headerAll('set-cookie')).to.have.length(1)
    },
  )

  bothWays(
    'are for any status, also a good one',
    (server) => {
      server.bindStatusHandler(201, (request) => request.response.write(' created'))
      server.bindStatusHandler(200, (request) => request.response.write(' fine'))
      server.bindHandler('/201', (request) => {
        request.response.status = 201
        return 'it'
      })
      server.bindHandler('/200', () => 'it')
    },
    async (send) => {
      expect((await send('/201')).text).to.equal('it created')
      expect((await send('/200')).text).to.equal('it fine')
    },
  )

  bothWays(
    'run for what was thrown',
    (server) => {
      server.bindStatusHandlerByMap({
        409: (request) => request.response.writeOver('409 page'),
        500: (request) => request.response.writeOver('500 page'),
      })
      server.bindHandler('/conflict', () => {
        throw new HttpError(409, 'conflict')
      })
      server.bindHandler('/error', async () => {
        await Promise.resolve()
        throw new Error('secret')
      })
      server.bindMiddleware('/middleware', () => {
        throw new Error('secret')
      })
      server.bindHookHandlerByMap('/hook', {
        BeforeServe: () => {
          throw new Error('secret')
        },
      })
    },
    async (send) => {
      expect((await send('/conflict')).text).to.equal('409 page')
      for (const path of ['/error', '/middleware', '/hook']) {
        const answer = await send(path)
        expect(answer.status, path).to.equal(500)
        expect(answer.text, path).to.equal('500 page')
      }
    },
  )

  bothWays(
    'one that throws gives 500 and no endless round',
    (server) => {
      let runs = 0
      server.bindStatusHandler(404, () => {
        throw new Error('secret')
      })
      server.bindStatusHandler(500, () => {
        if (++runs > 5) return
        throw new Error('secret')
      })
      return () => runs
    },
    async (send, runs) => {
      const answer = await send('/none')
      expect(answer.status).to.equal(500)
      expect(answer.text).to.equal('Internal Server Error')
      expect(runs()).to.be.lessThan(3)
    },
  )

  bothWays(
    'get() and parameters are there',
    (server) => {
      server.bindHandler('/user/:id', (request) => request.response.writeStatus(410))
      server.bindStatusHandler(410, (request) => request.response.writeOver(`no ${String(request.get('id'))}`))
    },
    async (send) => {
      expect((await send('/user/7')).text).to.equal('no 7')
    },
  )
})

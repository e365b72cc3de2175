import { expect } from 'chai'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'

type Next = () => Promise<void>

const preflight = (method: string, url: string) => ({
  method: 'OPTIONS',
  url,
  headers: { origin: 'https://app.example', 'access-control-request-method': method },
})

/** Notes its name and goes on. */
const passing = (ran: string[], name: string) => (_request: Request, next: Next) => {
  ran.push(name)
  return next()
}

describe('hooks and middleware of preflights', () => {
  bothWays(
    'are those for OPTIONS, for the named method and for ALL, once each and in their order',
    (server) => {
      const ran: string[] = []
      const note = (name: string) => () => void ran.push(name)
      server.bindMiddleware('PUT,OPTIONS,GET:/api/*', passing(ran, 'several'))
      server.bindMiddleware('GET:/api/*', passing(ran, 'GET'))
      server.bindMiddleware('OPTIONS:/*', passing(ran, 'OPTIONS'))
      server.group('/api', (api) => {
        api.use(passing(ran, 'group'))
        api.put('/books/:id', note('endpoint'))
      })
      server.use(passing(ran, 'all'))
      server.bindMiddleware('PUT:/other/*', passing(ran, 'elsewhere'))
      for (const event of ['BeforeServe', 'AfterServe', 'AfterOutput'] as const) {
        server.bindHookHandler('/*', event, note(`${event} /*`))
        server.bindHookHandler('OPTIONS:/api/*', event, note(`${event} OPTIONS`))
        server.bindHookHandler('PUT:/api/books/*', event, note(`${event} PUT`))
        server.bindHookHandler('PUT,OPTIONS:/api/books/:x', event, note(`${event} both`))
        server.bindHookHandler('GET:/*', event, note(`${event} GET`))
      }
      server.bindStatusHandler(404, note('404'))
      return ran
    },
    async (send, ran) => {
      expect((await send(preflight('PUT', '/api/books/1'))).status).to.equal(404)
      const hooks = (event: string) => ['both', 'PUT', 'OPTIONS', '/*'].map((name) => `${event} ${name}`)
      expect(ran).to.deep.equal([
        ...hooks('BeforeServe'),
        'several',
        'OPTIONS',
        'group',
        'all',
        ...hooks('AfterServe'),
        '404',
        ...hooks('AfterOutput'),
      ])
      ran.length = 0
      await send({ method: 'OPTIONS', url: '/api/books/1' })
      const ofOptions = (event: string) => ['both', 'OPTIONS', '/*'].map((name) => `${event} ${name}`)
      expect(ran).to.deep.equal([
        ...ofOptions('BeforeServe'),
        'several',
        'OPTIONS',
        'all',
        ...ofOptions('AfterServe'),
        '404',
        ...ofOptions('AfterOutput'),
      ])
    },
  )

  bothWays(
    'see the route and parameters that the named method leads to; a pattern with parameters reads its own',
    (server) => {
      const seen: unknown[] = []
      const see = (request: Request, next: Next) => {
        const { method, route, params } = request
        seen.push([method, route, { ...params }, request.get('id'), request.getRouter('id')])
        return next()
      }
      server.use(see)
      server.bindMiddleware('/:area/*', see)
      server.group('/api', (api) => {
        api.use(see)
        api.put('/books/:id', () => 'put')
        api.bindHandler('GET:/books/:name', () => 'get')
      })
      return seen
    },
    async (send, seen) => {
      await send(preflight('PUT', '/api/books/a%20b'))
      const put = ['OPTIONS', '/api/books/:id', { id: 'a b' }, 'a b', 'a b']
      const own = ['OPTIONS', '/api/books/:id', { area: 'api' }, undefined, 'a b']
      expect(seen.splice(0)).to.deep.equal([put, own, put])
      await send(preflight('HEAD', '/api/books/7'))
      expect(seen[0]).to.deep.equal(['OPTIONS', '/api/books/:name', { name: '7' }, undefined, undefined])
    },
  )
})

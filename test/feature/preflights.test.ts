import { expect } from 'chai'
import corsOfConnect from 'cors'
import { cors, fromConnect, type Request } from 'tribind'
import { type Answer, bothWays, type Send } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Next = () => Promise<void>

const page = 'https://app.example'
const withCors = () => cors({ origin: page })

const preflight = (method: string, url: string, headers: Record<string, string> = {}) => ({
  method: 'OPTIONS',
  url,
  headers: { origin: page, 'access-control-request-method': method, ...headers },
})

const statusAndOrigin = ({ status, header }: Answer) => [status, header('access-control-allow-origin')]
const allowed = [204, page]

/** Notes its name and goes on. */
const passing = (ran: string[], name: string) => (_request: Request, next: Next) => {
  ran.push(name)
  return next()
}

async function expectAllowed(send: Send, asks: [method: string, url: string, headers?: Record<string, string>][]) {
  for (const [method, url, headers] of asks)
    expect(statusAndOrigin(await send(preflight(method, url, headers))), `${method} ${url}`).to.deep.equal(allowed)
}

for (const methodNotAllowed of [false, true]) {
  const otherwise = methodNotAllowed ? 405 : 404

  describe(`preflights, where a wrong method is ${otherwise}`, () => {
    bothWays(
      'are answered by the cors() of the group that the named method leads to, and no endpoint runs',
      (server) => {
        const ran: string[] = []
        server.group('/api', (api) => {
          api.use(withCors())
          api.put('/books/:id', () => ran.push('put'))
          api.delete('/books/:id', () => ran.push('delete'))
          api.bindHandler('POST,QUERY:/books', () => ran.push('post'))
          api.get('/books', () => ran.push('get'))
          api.bindController(
            'PATCH:/shelf',
            class {
              init() {
                ran.push('init')
              }
              index() {
                ran.push('index')
              }
              shut() {
                ran.push('shut')
              }
            },
          )
          api.group('/inner', (inner) => inner.put('/x', () => ran.push('inner')))
        })
        return ran
      },
      async (send, ran) => {
        const json = { 'access-control-request-headers': 'content-type' }
        await expectAllowed(send, [
          ['PUT', '/api/books/1'],
          ['DELETE', '//api/books/%31/'],
          ['POST', '/api/books?x=1', json],
          ['QUERY', '/api/books'],
          ['GET', '/api/books'],
          ['HEAD', '/api/books'],
          ['PATCH', '/api/shelf'],
          ['PUT', '/api/inner/x'],
        ])
        const { header } = await send(preflight('POST', '/api/books', json))
        expect(header('access-control-allow-methods')).to.equal('GET, HEAD, PUT, PATCH, POST, DELETE')
        expect(header('access-control-allow-headers')).to.equal('content-type')
        expect(header('vary')).to.equal('Origin, Access-Control-Request-Headers')
        expect(ran).to.deep.equal([])
      },
      { methodNotAllowed },
    )

    bothWays(
      'are answered as ever where the named method leads nowhere, or nothing on the way answers',
      (server) => {
        const ran: string[] = []
        server.group('/api', (api) => {
          api.use(passing(ran, 'passing'))
          api.put('/books', () => ran.push('put'))
          api.get('/books', () => ran.push('get'))
        })
        return ran
      },
      async (send, ran, { log }) => {
        const allow = methodNotAllowed ? 'GET, PUT, HEAD' : undefined
        const nowhere = ['DELETE', 'put', 'BREW', 'ALL', 'OPTIONS', 'HEAD as GET', 'PUT, GET', '__proto__', '']
        for (const method of [...nowhere, 'PUT', 'GET', 'HEAD']) {
          const { status, header, text } = await send(preflight(method, '/api/books'))
          expect([status, header('allow')], method).to.deep.equal([otherwise, allow])
          expect(text).to.equal(methodNotAllowed ? 'Method Not Allowed' : 'Not Found')
          expect(ran.splice(0), method).to.deep.equal(nowhere.includes(method) ? [] : ['passing'])
        }
        expect((await send(preflight('PUT', '/api/nothing'))).status).to.equal(404)
        expect((await send({ method: 'OPTIONS', url: '/api/books', headers: { origin: page } })).status).to.equal(
          otherwise,
        )
        expect(ran).to.deep.equal([])
        expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([])
      },
      { methodNotAllowed },
    )

    bothWays(
      'see the routes of a domain before those of none',
      (server) => {
        server.group('/api@a.example, *.b.example', (api) => {
          api.use(withCors())
          api.put('/x', () => 'put')
        })
        server.put('/y', () => 'put')
      },
      async (send) => {
        for (const host of ['a.example', 'A.example:80', 'x.b.example'])
          expect(statusAndOrigin(await send({ ...preflight('PUT', '/api/x'), host })), host).to.deep.equal(allowed)
        expect(statusAndOrigin(await send({ ...preflight('PUT', '/api/x'), host: 'c.example' }))).to.deep.equal([
          404,
          undefined,
        ])
        expect((await send({ ...preflight('PUT', '/y'), host: 'a.example' })).status).to.equal(otherwise)
      },
      { methodNotAllowed },
    )
  })
}

describe('preflights', () => {
  bothWays(
    'are answered by the package cors, adapted',
    (server) => {
      server.group('/api', (api) => {
        api.use(fromConnect(corsOfConnect({ origin: page, credentials: true })))
        api.put('/books/:id', () => 'put')
      })
    },
    async (send) => {
      const answer = await send(preflight('PUT', '/api/books/1'))
      expect(statusAndOrigin(answer)).to.deep.equal(allowed)
      expect(answer.header('access-control-allow-credentials')).to.equal('true')
      expect(answer.header('vary')).to.include('Origin')
    },
  )

  bothWays(
    'respect strictDomains',
    (server) => {
      server.group('/', (group) => {
        group.use(withCors())
        group.put('/x', () => 'put')
      })
      server.get('/y@a.example', () => 'get')
    },
    async (send) => {
      expect((await send({ ...preflight('PUT', '/x'), host: 'a.example' })).status).to.equal(404)
      expect((await send({ ...preflight('PUT', '/x'), host: 'b.example' })).status).to.equal(204)
    },
    { strictDomains: true },
  )

  bothWays(
    'pass as they did where a route serves OPTIONS or ALL',
    (server) => {
      server.group('/api', (api) => {
        api.use(withCors())
        api.put('/own', () => 'put')
        api.put('/all', () => 'put')
      })
      server.bindHandler('OPTIONS:/api/own', () => 'own')
      server.all('/api/all', () => 'all')
    },
    async (send) => {
      for (const name of ['own', 'all']) {
        const answer = await send(preflight('PUT', `/api/${name}`))
        expect([answer.text, ...statusAndOrigin(answer)]).to.deep.equal([name, 200, undefined])
      }
    },
  )

  bothWays(
    'are answered by whatever middleware or hook answers them',
    (server) => {
      server.group('/api', (api) => {
        api.use(({ headers }) => (headers.authorization === undefined ? 'refused' : undefined))
        api.put('/returns', () => 'put')
      })
      server.put('/hook', () => 'put')
      server.bindHookHandler('PUT:/hook', 'AfterServe', ({ response }) => {
        response.status = 202
      })
      server.group('/exits', (group) => {
        group.use((request) => {
          request.response.writeStatus(418)
          request.exitAll()
        })
        group.put('/', () => 'put')
      })
    },
    async (send, _world, { log }) => {
      const answer = await send(preflight('PUT', '/api/returns'))
      expect([answer.status, answer.text]).to.deep.equal([200, 'refused'])
      expect((await send(preflight('PUT', '/api/returns', { authorization: 'x' }))).status).to.equal(404)
      expect((await send(preflight('PUT', '/hook'))).status).to.equal(202)
      expect((await send(preflight('PUT', '/exits'))).status).to.equal(418)
      expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([])
    },
  )

  const folder = temporaryFolder({ 'file.txt': 'text' })

  bothWays(
    'pass the middleware of a static folder and of a WebSocket',
    (server) => {
      server.group('/site', (site) => {
        site.use(withCors())
        site.serveStatic('/', folder)
        site.bindWebSocket('/ws@ws.example', () => {})
        site.put('/form', () => 'put')
      })
    },
    async (send) => {
      await expectAllowed(send, [
        ['GET', '/site/file.txt'],
        ['HEAD', '/site/nothing'],
        ['PUT', '/site/form'],
      ])
      expect((await send(preflight('PUT', '/site/file.txt'))).status).to.equal(404)
      expect(statusAndOrigin(await send({ ...preflight('GET', '/site/ws'), host: 'ws.example' }))).to.deep.equal(
        allowed,
      )
    },
  )

  bothWays(
    'that nothing may see are refused as ever',
    (server) => {
      const ran: string[] = []
      server.group('/', (group) => {
        group.use(passing(ran, 'group'))
        group.put('/*rest', () => ran.push('put'))
      })
      return ran
    },
    async (send, ran) => {
      for (const url of ['/%zz', '/a/%2e%2e/b', '/%00'])
        expect((await send(preflight('PUT', url))).status).to.equal(400)
      expect(ran).to.deep.equal([])
    },
  )
})

import { expect } from 'chai'
import http from 'node:http'
import { bothWays, overHttp1, rawExchange } from './both-ways.ts'

describe('methods', () => {
  bothWays(
    'each method reaches its own route',
    (server) => {
      for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
        server.bindHandler(`${method}:/x`, (request) => `${method} ${request.method}`)
      }
    },
    async (send) => {
      for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
        expect((await send(`${method} /x`)).text).to.equal(`${method} ${method}`)
      }
    },
  )

  if (http.METHODS.includes('QUERY')) {
    bothWays(
      'QUERY is a method',
      (server) => {
        server.bindHandler('query:/x', () => 'query')
        server.bindHandler('GET:/x', () => 'get')
      },
      async (send) => {
        expect((await send('QUERY /x')).text).to.equal('query')
        expect((await send('/x')).text).to.equal('get')
      },
    )
  }

  bothWays(
    'the shorthand verbs',
    (server) => {
      server.get('/x', () => 'get')
      server.post('/x', () => 'post')
      server.put('/x', () => 'put')
      server.patch('/x', () => 'patch')
      server.delete('/x', () => 'delete')
      server.all('/y/:id', (request) => `${request.method} ${request.params.id}`)
    },
    async (send) => {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        expect((await send(`${method} /x`)).text).to.equal(method.toLowerCase())
        expect((await send(`${method} /y/1`)).text).to.equal(`${method} 1`)
      }
      expect((await send('OPTIONS /x')).status).to.equal(404)
      expect((await send('OPTIONS /y/1')).text).to.equal('OPTIONS 1')
    },
  )

  bothWays(
    'a path that matches only under other methods is 404',
    (server) => {
      server.bindHandler('GET:/get', () => 'get')
      server.bindHandler('POST:/post', () => 'post')
    },
    async (send) => {
      for (const line of ['POST /get', 'GET /post', 'OPTIONS /get']) {
        const answer = await send(line)
        expect(answer.status, line).to.equal(404)
        expect(answer.text).to.equal('Not Found')
        expect(answer.header('allow')).to.equal(undefined)
      }
    },
  )

  bothWays(
    '405 with Allow under methodNotAllowed',
    (server) => {
      server.bindHandler('GET:/x', () => 'get')
      server.bindHandler('PUT, PATCH:/x', () => 'put')
      server.bindHandler('DELETE:/:id', () => 'delete')
      server.bindHandler('POST:/x@a.example', () => 'post')
      server.bindHandler('POST:/y/z', () => 'post')
    },
    async (send) => {
      const answer = await send({ method: 'POST', url: '/x', host: 'b.example' })
      expect(answer.status).to.equal(405)
      const allowed = (answer.header('allow') ?? '').split(',').map((method) => method.trim())
      expect(allowed).to.include.members(['GET', 'PUT', 'PATCH', 'DELETE'])
      expect(allowed).to.not.include('POST')
      expect(allowed).to.not.include('ALL')
      expect((await send({ method: 'POST', url: '/x', host: 'a.example' })).text).to.equal('post')
      expect((await send('/y/z')).header('allow')).to.include('POST')
      for (const line of ['/y/z/0', 'POST /y', '/']) {
        expect((await send(line)).status, line).to.equal(line === 'POST /y' ? 405 : 404)
      }
    },
    { methodNotAllowed: true },
  )

  bothWays(
    'what hooks and middleware answer is not 405',
    (server) => {
      server.bindHandler('GET:/x', () => 'get')
      server.use((request, next) => (request.method === 'OPTIONS' ? 'preflight' : next()))
    },
    async (send) => {
      const answer = await send('OPTIONS /x')
      expect(answer.status).to.equal(200)
      expect(answer.text).to.equal('preflight')
      expect((await send('POST /x')).status).to.equal(405)
    },
    { methodNotAllowed: true },
  )
})

describe('methods: HEAD', () => {
  const note = (seen: string[]) => ({
    hook: (name: string) => () => {
      seen.push(name)
    },
  })

  bothWays(
    'is answered by the GET route, without the body, with the hooks and middleware of GET',
    (server) => {
      const seen: string[] = []
      const { hook } = note(seen)
      server.bindHandler('GET:/x/:id', (request) => {
        seen.push(`${request.method} ${request.params.id}`)
        request.response.setHeader('x-seen', 'yes')
        return 'twelve bytes'
      })
      server.bindHookHandler('GET:/x/*', 'BeforeServe', hook('get hook'))
      server.bindHookHandler('POST:/x/*', 'BeforeServe', hook('post hook'))
      server.bindMiddleware('GET:/x/*', (_request, next) => {
        seen.push('get middleware')
        return next()
      })
      return seen
    },
    async (send, seen) => {
      const answer = await send('HEAD /x/1')
      expect(answer.status).to.equal(200)
      expect(answer.body).to.have.length(0)
      expect(answer.header('x-seen')).to.equal('yes')
      expect(answer.header('content-type')).to.equal('text/plain; charset=utf-8')
      expect(seen).to.deep.equal(['get hook', 'get middleware', 'HEAD 1'])
    },
  )

  bothWays(
    'prefers a HEAD route and an ALL route, and then the hooks of GET stay out',
    (server) => {
      const seen: string[] = []
      const by = (name: string) => () => {
        seen.push(name)
      }
      server.bindHandler('GET:/x', by('get'))
      server.bindHandler('HEAD:/x', by('head'))
      server.bindHandler('GET:/y', by('get'))
      server.bindHandler('ALL:/:any', by('all'))
      server.bindHookHandler('GET:/*', 'BeforeServe', by('get hook'))
      server.bindHookHandler('/*', 'BeforeServe', by('hook'))
      return seen
    },
    async (send, seen) => {
      await send('HEAD /x')
      await send('HEAD /y')
      expect(seen).to.deep.equal(['hook', 'head', 'hook', 'all'])
    },
  )

  bothWays(
    'of nothing is 404 without a body',
    () => {},
    async (send) => {
      const answer = await send('HEAD /nothing')
      expect(answer.status).to.equal(404)
      expect(answer.body).to.have.length(0)
    },
  )

  overHttp1(
    'sends no byte after the head, whatever was written',
    (server) => {
      server.bindHandler('GET:/text', () => 'body')
      server.bindHandler('GET:/json', () => ({ body: 'body' }))
      server.bindHandler('GET:/error', () => {
        throw new Error('oops')
      })
      server.bindHandler('GET:/stream', async function* () {
        yield 'body'
      })
    },
    async (_send, _world, { port }) => {
      for (const path of ['/text', '/json', '/error', '/stream', '/none']) {
        const answer = await rawExchange(port, `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
        expect(answer, path).to.match(/^HTTP\/1\.1 \d{3} [^]*\r\n\r\n$/)
        expect(answer.indexOf('\r\n\r\n'), path).to.equal(answer.length - 4)
      }
    },
  )
})

import { expect } from 'chai'
import type { Request, Server } from 'tribind'
import { bothWays, until } from './both-ways.ts'

const events = [
  'BeforeServe',
  'AfterServe',
  'BeforePatch',
  'AfterPatch',
  'BeforeOutput',
  'AfterOutput',
  'BeforeClose',
  'AfterClose',
] as const

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 2))

describe('hooks: the eight events', () => {
  for (const kind of ['sync', 'async'] as const) {
    bothWays(
      `come in order, with middleware, service and status handler between them, ${kind}`,
      (server) => {
        const seen: string[] = []
        const note = (name: string): (() => void | Promise<void>) =>
          kind === 'sync'
            ? () => {
                seen.push(name)
              }
            : async () => {
                await pause()
                seen.push(name)
                await pause()
              }
        server.bindHookHandlerByMap('/x/*', Object.fromEntries(events.map((event) => [event, note(event)])))
        server.use(async (_request, next) => {
          await note('middleware in')()
          await next()
          await note('middleware out')()
        })
        server.bindStatusHandler(201, note('status'))
        server.bindObject('/x', {
          init: note('init'),
          show: async (request: Request) => {
            request.response.status = 201
            await note('method')()
            return 'shown'
          },
          shut: note('shut'),
        })
        return seen
      },
      async (send, seen) => {
        const answer = await send('/x/show')
        expect(answer.status).to.equal(201)
        expect(answer.text).to.equal('shown')
        await until(() => seen.includes('AfterClose'), 'AfterClose')
        expect(seen).to.deep.equal([
          'BeforeServe',
          'middleware in',
          'init',
          'method',
          'shut',
          'middleware out',
          'AfterServe',
          'status',
          ...events.slice(2),
        ])
      },
    )
  }

  bothWays(
    'the body can be changed up to BeforeOutput, and Content-Length is right',
    (server) => {
      for (const event of events) {
        server.bindHookHandler('/*', event, (request) => {
          request.response.write(` ${event}é`)
        })
      }
      server.bindHandler('/x', () => 'handler')
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.text).to.equal(' BeforeServeéhandler AfterServeé BeforePatché AfterPatché BeforeOutputé')
      expect(answer.header('content-length')).to.equal(String(answer.body.length))
    },
  )

  bothWays(
    'setBuffer in BeforeOutput replaces what goes out',
    (server) => {
      server.bindHookHandler('/{object}/list/{page}.java', 'BeforeOutput', (request) => {
        request.response.setBuffer(`${String(request.get('object'))}&${String(request.get('page'))}`)
      })
      server.bindHandler('/{object}/list/{page}.java', () => 'a longer text than what replaces it')
    },
    async (send) => {
      const answer = await send('/john/list/1.java')
      expect(answer.text).to.equal('john&1')
      expect(answer.header('content-length')).to.equal('6')
    },
  )

  bothWays(
    'headers can be set up to BeforePatch',
    (server) => {
      server.bindHookHandlerByMap('/*', {
        BeforeServe: (request) => request.response.setHeader('x-first', '1'),
        BeforePatch: (request) => request.response.setHeader('x-last', '2'),
      })
    },
    async (send) => {
      const answer = await send('/none')
      expect(answer.status).to.equal(404)
      expect([answer.header('x-first'), answer.header('x-last')]).to.deep.equal(['1', '2'])
    },
  )

  bothWays(
    'what a hook returns is not written',
    (server) => {
      for (const event of events) server.bindHookHandler('/*', event, (() => 'returned') as () => void)
      server.bindHandler('/x', () => 'handler')
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('handler')
      expect((await send('/none')).text).to.equal('Not Found')
    },
  )
})

describe('hooks: which, and in what order', () => {
  const writing = (server: Server, pattern: string, text: string) =>
    server.bindHookHandler(pattern, 'BeforeServe', async (request) => {
      await Promise.resolve()
      request.response.write(text)
    })

  bothWays(
    'the most specific pattern first',
    (server) => {
      server.bindHandler('/priority/show', () => 'show')
      writing(server, '/priority/:name', '1')
      writing(server, '/priority/*any', '2')
      writing(server, '/priority/show', '3')
    },
    async (send) => {
      expect((await send('/')).text).to.equal('Not Found')
      expect((await send('/priority/show')).text).to.equal('312show')
      expect((await send('/priority/any/any')).text).to.equal('2')
      expect((await send('/priority/name')).text).to.equal('12')
    },
  )

  bothWays(
    'by every rule of routes: host, static, segments, text, parameters, kind, method',
    (server) => {
      const patterns = [
        '/*',
        '/*a/*b',
        '/:a/:b',
        '/{a}/:b',
        'GET:/{a}/:b',
        '/:a/edit',
        '/users/:id',
        '/users/edit',
        '/*@*.example.com',
        '/*@a.example.com',
      ]
      for (const pattern of patterns) writing(server, pattern, `${pattern}\n`)
    },
    async (send) => {
      const answer = await send({ url: '/users/edit', host: 'a.example.com' })
      expect(answer.text.trim().split('\n')).to.deep.equal([
        '/*@a.example.com',
        '/*@*.example.com',
        '/users/edit',
        '/users/:id',
        '/:a/edit',
        'GET:/{a}/:b',
        '/{a}/:b',
        '/:a/:b',
        '/*a/*b',
        '/*',
      ])
    },
  )

  bothWays(
    'of one pattern in order of registration',
    (server) => {
      server.bindHandler('/multi/hook', () => 'show')
      for (const text of ['1', '2', '3']) writing(server, '/multi/hook', text)
    },
    async (send) => {
      expect((await send('/multi/hook')).text).to.equal('123show')
    },
  )

  bothWays(
    'of the method and the domain of their pattern',
    (server) => {
      server.bindHandler('/x', () => 'x')
      writing(server, 'POST:/x', 'post ')
      writing(server, 'GET,PUT:/x', 'get or put ')
      writing(server, '/x@a.example', 'a ')
    },
    async (send) => {
      expect((await send('GET /x')).text).to.equal('get or put x')
      expect((await send('POST /x')).text).to.equal('post x')
      expect((await send('DELETE /x')).text).to.equal('x')
      expect((await send({ method: 'DELETE', url: '/x', host: 'a.example' })).text).to.equal('a x')
    },
  )

  bothWays(
    'also for a request that no route serves',
    (server) => {
      const seen: string[] = []
      for (const event of events) {
        server.bindHookHandler('/*', event, () => {
          seen.push(event)
        })
      }
      return seen
    },
    async (send, seen) => {
      const answer = await send('/none')
      expect(answer.status).to.equal(404)
      expect(answer.text).to.equal('Not Found')
      await until(() => seen.includes('AfterClose'), 'AfterClose')
      expect(seen).to.deep.equal([...events])
    },
  )

  bothWays(
    "ghttp's numbers: what hooks write around a route and around none",
    (server) => {
      server.bindHookHandlerByMap('/*', {
        BeforeServe: (request) => request.response.write('1'),
        AfterServe: (request) => request.response.write('2'),
        BeforeOutput: (request) => request.response.write('3'),
        AfterOutput: (request) => request.response.write('4'),
      })
      server.bindHandler('/test/test', (request) => request.response.write('test'))
    },
    async (send) => {
      expect((await send('/')).text).to.equal('123')
      expect((await send('/test/test')).text).to.equal('1test23')
    },
  )
})

describe('hooks: parameters', () => {
  bothWays(
    'are their own in the hook, the route has its own again',
    (server) => {
      const seen: Record<string, object> = {}
      server.bindHookHandlerByMap('/:kind/{name}-{n}', {
        BeforeServe: async (request) => {
          await Promise.resolve()
          seen.own = { ...request.params }
        },
        AfterServe: (request) => {
          seen.ownAfter = { ...request.params }
        },
      })
      server.bindHookHandlerByMap('/*', {
        BeforeServe: (request) => {
          seen.without = { ...request.params }
        },
        AfterClose: (request) => {
          seen.closed = { ...request.params }
        },
      })
      server.bindHandler('/user/:id', (request) => {
        seen.route = { ...request.params }
      })
      return seen
    },
    async (send, seen) => {
      await send('/user/a-1')
      await until(() => 'closed' in seen, 'AfterClose')
      const own = { kind: 'user', name: 'a', n: '1' }
      const route = { id: 'a-1' }
      expect(seen).to.deep.equal({ own, ownAfter: own, without: route, route, closed: route })
    },
  )

  bothWays(
    'setParam in a hook reaches the handler',
    (server) => {
      let uid = 1000
      server.bindHookHandler('/:name/info', 'BeforeServe', (request) => {
        request.setParam('uid', uid++)
      })
      server.bindHandler('/:name/info', (request) => String(request.get('uid')))
    },
    async (send) => {
      expect((await send('/john')).text).to.equal('Not Found')
      expect((await send('/john/info')).text).to.equal('1000')
      expect((await send('/john/info')).text).to.equal('1001')
    },
  )
})

import { expect } from 'chai'
import { bothWays } from './both-ways.ts'

describe('handlers', () => {
  bothWays(
    "the manual's three fruits",
    (server) => {
      const fruits = { apple: 10, pen: 10 }
      server.bindHandler('/apple', (request) => request.response.write(`apple ${fruits.apple}`))
      server.bindHandler('/pen', (request) => request.response.write(`pen ${fruits.pen}`))
      server.bindHandler('/apple-pen', (request) => {
        fruits.apple--
        fruits.pen--
        request.response.write(`${fruits.apple} ${fruits.pen}`)
      })
    },
    async (send) => {
      expect((await send('/apple')).text).to.equal('apple 10')
      expect((await send('/apple-pen')).text).to.equal('9 9')
      expect((await send('/pen')).text).to.equal('pen 9')
    },
  )

  bothWays(
    'sync and async alike',
    (server) => {
      server.bindHandler('/sync', (request) => {
        request.response.write('sync')
      })
      server.bindHandler('/async', async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        request.response.write('async')
      })
    },
    async (send) => {
      expect((await send('/sync')).text).to.equal('sync')
      expect((await send('/async')).text).to.equal('async')
    },
  )

  bothWays(
    'a handler that writes nothing gives 200 and nothing',
    (server) => {
      server.bindHandler('/x', () => {})
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(200)
      expect(answer.text).to.equal('')
      expect((await send('/y')).status).to.equal(404)
      expect((await send('/y')).text).to.equal('Not Found')
    },
  )

  bothWays(
    'one handler under several patterns is told which one serves',
    (server) => {
      for (const pattern of ['/a/:x', '/b/{x}.html', '/c/*x']) server.bindHandler(pattern, (request) => request.route)
    },
    async (send) => {
      expect((await send('/a/1')).text).to.equal('/a/:x')
      expect((await send('/b/1.html')).text).to.equal('/b/{x}.html')
      expect((await send('/c/1/2')).text).to.equal('/c/*x')
    },
  )

  bothWays(
    'exit() ends the handler, not the rest',
    (server) => {
      server.bindHookHandler('/*', 'AfterServe', (request) => request.response.write('2'))
      server.bindHandler('/sync', (request) => {
        request.response.write('start')
        request.exit()
        request.response.write('end')
      })
      server.bindHandler('/async', async (request) => {
        request.response.write('start')
        await Promise.resolve()
        request.exit()
        request.response.write('end')
      })
    },
    async (send, _world, { log }) => {
      for (const path of ['/sync', '/async']) {
        const answer = await send(path)
        expect(answer.status).to.equal(200)
        expect(answer.text).to.equal('start2')
      }
      expect(log.filter((entry) => entry.level === 'error')).to.deep.equal([])
    },
  )
})

describe('handlers: the request', () => {
  bothWays(
    'tells what came',
    (server) => {
      server.bindHandler('/user/:id', (request) => ({
        method: request.method,
        url: request.url,
        path: request.path,
        host: request.host,
        params: request.params,
        route: request.route,
        header: request.header('X-Thing'),
        lower: request.headers['x-thing'],
        missing: request.header('x-missing') ?? 'missing',
      }))
    },
    async (send) => {
      const url = '/user/%37//?a=1'
      const answer = await send({ method: 'PUT', url, host: 'Example.COM:8199', headers: { 'X-THING': 'some' } })
      expect(answer.json()).to.deep.equal({
        method: 'PUT',
        url,
        path: '/user/7',
        host: 'example.com',
        params: { id: '7' },
        route: '/user/:id',
        header: 'some',
        lower: 'some',
        missing: 'missing',
      })
    },
  )

  bothWays(
    'query: decoded, an array where a name comes twice',
    (server) => {
      server.bindHandler('/x', (request) => request.query)
    },
    async (send) => {
      expect((await send('/x?a=1&b=%C3%A9+x&c=1&c=2&c=3&d=&e')).json()).to.deep.equal({
        a: '1',
        b: 'é x',
        c: ['1', '2', '3'],
        d: '',
        e: '',
      })
      expect((await send('/x')).json()).to.deep.equal({})
      expect((await send('/x?')).json()).to.deep.equal({})
    },
  )

  bothWays(
    'query: names of the prototype are but names',
    (server) => {
      server.bindHandler('/x', (request) => ({
        constructor: request.get('constructor') ?? 'none',
        toString: request.get('toString') ?? 'none',
        polluted: Reflect.get({}, 'evil') ?? 'none',
      }))
    },
    async (send) => {
      expect((await send('/x?__proto__[evil]=1&__proto__.evil=1&__proto__=1')).json()).to.deep.equal({
        constructor: 'none',
        toString: 'none',
        polluted: 'none',
      })
      expect((await send('/x?constructor=1&toString=2')).json()).to.deep.include({ constructor: '1', toString: '2' })
    },
  )

  bothWays(
    'get: custom before params before query, the last of several, else the fallback',
    (server) => {
      server.bindHandler('/x/:a/:b', (request) => {
        request.setParam('a', 'custom')
        return {
          a: request.get('a'),
          b: request.get('b'),
          c: request.get('c'),
          d: request.get('d', 'fallback'),
          none: request.get('none') ?? 'nothing',
        }
      })
    },
    async (send) => {
      expect((await send('/x/1/2?a=q&b=q&c=first&c=last')).json()).to.deep.equal({
        a: 'custom',
        b: '2',
        c: 'last',
        d: 'fallback',
        none: 'nothing',
      })
    },
  )

  bothWays(
    'setParam and context carry values from hook to middleware to handler',
    (server) => {
      server.bindHookHandler('/*', 'BeforeServe', (request) => {
        request.setParam('user', { id: 7 })
        request.context.set('trail', ['hook'])
      })
      server.use((request, next) => {
        ;(request.context.get('trail') as string[]).push('middleware')
        return next()
      })
      server.bindHandler('/x', (request) => ({
        user: request.get('user'),
        trail: request.context.get('trail'),
        has: [request.context.has('trail'), request.context.has('other')],
      }))
    },
    async (send) => {
      const expected = { user: { id: 7 }, trail: ['hook', 'middleware'], has: [true, false] }
      expect((await send('/x')).json()).to.deep.equal(expected)
      expect((await send('/x')).json()).to.deep.equal(expected)
    },
  )

  bothWays(
    'every request has an id of its own, and a signal that is quiet',
    (server) => {
      server.bindHandler('/x', (request) => {
        if (request.signal.aborted) throw new Error('aborted')
        return request.id
      })
    },
    async (send) => {
      const ids = await Promise.all(Array.from({ length: 20 }, async () => (await send('/x')).text))
      expect(new Set(ids).size).to.equal(20)
      expect(ids).to.not.include('')
    },
  )
})

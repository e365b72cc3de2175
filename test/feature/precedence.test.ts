import { expect } from 'chai'
import { Server } from 'tribind'
import { bothWays, collectingLogger } from './both-ways.ts'
import type { Ask } from './both-ways.ts'

interface Contest {
  rule: string
  winner: string
  loser: string
  ask: Ask
}

const a = 'a.example.com'

const contests: Contest[] = [
  { rule: '1: exact host before wildcard', winner: `/*@${a}`, loser: '/*@*.example.com', ask: { url: '/x', host: a } },
  { rule: '1: exact host before no domain', winner: `/*@${a}`, loser: '/*', ask: { url: '/x', host: a } },
  { rule: '1: wildcard before no domain', winner: '/*@*.example.com', loser: '/*', ask: { url: '/x', host: a } },
  {
    rule: '1: the longer wildcard',
    winner: '/*@*.b.example.com',
    loser: '/*@*.example.com',
    ask: { url: '/x', host: 'a.b.example.com' },
  },
  { rule: '1 over 2: any route of the host', winner: `/*any@${a}`, loser: '/x/y', ask: { url: '/x/y', host: a } },
  { rule: '1 over 3', winner: `/*any@${a}`, loser: '/:a/:b', ask: { url: '/x/y', host: a } },
  { rule: '1 over 4', winner: `/:a/:b@*.example.com`, loser: '/xyz/:b', ask: { url: '/xyz/y', host: a } },
  { rule: '1 over 7', winner: `ALL:/x@${a}`, loser: 'GET:/x', ask: { url: '/x', host: a } },

  { rule: '2: without parameters', winner: '/user/list', loser: '/user/:id', ask: { url: '/user/list' } },
  {
    rule: '2: without parameters, field',
    winner: '/user/list.html',
    loser: '/user/{x}.html',
    ask: { url: '/user/list.html' },
  },
  { rule: '2 over 3', winner: '/a', loser: '/a/*any', ask: { url: '/a' } },
  { rule: '2 over 7', winner: 'ALL:/user/list', loser: 'GET:/user/:id', ask: { url: '/user/list' } },

  { rule: '3: more segments', winner: '/:name/*any', loser: '/:name', ask: { url: '/john' } },
  { rule: '3: more segments, stars', winner: '/:a/*any', loser: '/*any', ask: { url: '/a/b/c' } },
  { rule: '3 over 4', winner: '/:a/:b/*c', loser: '/product/*any', ask: { url: '/product/1' } },
  { rule: '3 over 5', winner: '/:a/:b/*c', loser: '/*any', ask: { url: '/1/2/3' } },
  { rule: '3 over 7', winner: 'ALL:/:a/*b', loser: 'GET:/*b', ask: { url: '/1/2' } },

  { rule: '4: more plain characters', winner: '/users/:id', loser: '/:x/edit', ask: { url: '/users/edit' } },
  {
    rule: '4: more plain characters around a field',
    winner: '/admin-goods-{page}',
    loser: '/admin-{page}',
    ask: { url: '/admin-goods-2' },
  },
  { rule: '4 over 5', winner: '/{p}-{q}--{r}', loser: '/{p}-{q}', ask: { url: '/a-b--c' } },
  { rule: '4 over 6', winner: '/abc/*x', loser: '/{y}bc/{z}', ask: { url: '/abc/1' } },
  { rule: '4 over 7', winner: 'ALL:/users/:id', loser: 'GET:/:x/edit', ask: { url: '/users/edit' } },

  { rule: '5: fewer parameters', winner: '/aa/:x', loser: '/:p/{q}aa', ask: { url: '/aa/zaa' } },
  { rule: '5 over 6: before the kind of parameter', winner: '/aa/*x', loser: '/{p}a/{q}a', ask: { url: '/aa/za' } },
  { rule: '5 over 7', winner: 'ALL:/aa/:x', loser: 'GET:/:p/{q}aa', ask: { url: '/aa/zaa' } },

  { rule: '6: {x} before :x', winner: '/{x}', loser: '/:x', ask: { url: '/foo' } },
  { rule: '6: :x before *x', winner: '/:x', loser: '/*x', ask: { url: '/foo' } },
  { rule: '6: {x} before *x', winner: '/{x}', loser: '/*x', ask: { url: '/foo' } },
  { rule: '6: two {} before one', winner: '/{a}/{b}', loser: '/{a}/:b', ask: { url: '/1/2' } },
  { rule: '6: {} counts before :', winner: '/{a}/*b', loser: '/:a/:b', ask: { url: '/1/2' } },
  { rule: '6 over 7', winner: 'ALL:/{x}', loser: 'GET:/:x', ask: { url: '/foo' } },

  { rule: '7: its own method', winner: 'GET:/x/:id', loser: 'ALL:/x/:id', ask: { url: '/x/1' } },
  { rule: '7: its own method, without parameters', winner: 'POST:/x', loser: '/x', ask: { method: 'POST', url: '/x' } },
]

describe('precedence: which of two routes serves', () => {
  for (const { rule, winner, loser, ask } of contests) {
    for (const order of ['winner first', 'loser first']) {
      bothWays(
        `rule ${rule}: ${winner} before ${loser}, ${order}`,
        (server) => {
          for (const pattern of order === 'winner first' ? [winner, loser] : [loser, winner]) {
            server.bindHandler(pattern, () => pattern)
          }
        },
        async (send) => {
          expect((await send(ask)).text).to.equal(winner)
        },
      )
    }
  }

  for (const [first, second] of [
    ['/a/:x', '/:y/b'],
    ['/:y/b', '/a/:x'],
    ['/:a/*b', '/*c/:d'],
    ['/*c/:d', '/:a/*b'],
  ] as const) {
    bothWays(
      `rule 8: ${first} before ${second}, because it came first`,
      (server) => {
        server.bindHandler(first, () => first)
        server.bindHandler(second, () => second)
      },
      async (send) => {
        expect((await send('/a/b')).text).to.equal(first)
      },
    )
  }
})

describe('precedence: many routes', () => {
  bothWays(
    'every route serves what no better one takes',
    (server) => {
      for (const pattern of [
        '/*any',
        '/:a',
        '/{a}.html',
        '/admin',
        '/admin-{page}',
        '/admin-goods-{page}',
        '/:a/:b',
        '/:a/edit',
      ]) {
        server.bindHandler(pattern, () => pattern)
      }
    },
    async (send) => {
      const expected = {
        '/': '/*any',
        '/x': '/:a',
        '/x.html': '/{a}.html',
        '/admin': '/admin',
        '/admin-1': '/admin-{page}',
        '/admin-goods-2': '/admin-goods-{page}',
        '/x/y': '/:a/:b',
        '/x/edit': '/:a/edit',
        '/x/y/z': '/*any',
      }
      for (const [path, pattern] of Object.entries(expected)) expect((await send(path)).text, path).to.equal(pattern)
    },
  )

  bothWays(
    'a better branch that leads nowhere is left again',
    (server) => {
      server.bindHandler('/a/b/c', () => 'static')
      server.bindHandler('/a/:x/d', () => 'param')
      server.bindHandler('/*any', () => 'star')
    },
    async (send) => {
      expect((await send('/a/b/c')).text).to.equal('static')
      expect((await send('/a/b/d')).text).to.equal('param')
      expect((await send('/a/b/e')).text).to.equal('star')
    },
  )

  bothWays(
    'a better route of another method is passed over',
    (server) => {
      server.bindHandler('POST:/user/list', () => 'post')
      server.bindHandler('/user/:id', () => 'any')
    },
    async (send) => {
      expect((await send('/user/list')).text).to.equal('any')
      expect((await send('POST /user/list')).text).to.equal('post')
    },
  )

  it('routes() lists in matching order', () => {
    for (const { rule, winner, loser } of contests) {
      const server = new Server({ logger: collectingLogger() })
      server.bindHandler(loser, () => 'loser')
      const [before] = server.routes()
      server.bindHandler(winner, () => 'winner')
      const listed = server.routes()
      expect(listed, rule).to.have.length(2)
      expect(listed[1], rule).to.deep.include({ method: before?.method, route: before?.route, domain: before?.domain })
    }
  })

  it('routes() tells method, route, domain, type, name and priority', () => {
    const server = new Server({ logger: collectingLogger() })
    server.bindHandler('POST:/user/:id@a.example', function save() {})
    server.bindObject('/things', { show: () => 'show' })
    const routes = server.routes()
    expect(routes.map(({ method, route }) => `${method} ${route}`)).to.have.members([
      'POST /user/:id',
      'ALL /things/show',
    ])
    expect(routes[0]).to.deep.include({ method: 'POST', route: '/user/:id', domain: 'a.example' })
    for (const route of routes)
      expect(route).to.include.all.keys('method', 'route', 'domain', 'type', 'name', 'priority')
  })
})

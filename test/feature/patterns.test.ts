import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays } from './both-ways.ts'

type Params = Record<string, string>

/** Binds the route alone; each path must be captured as given, or be 404 for `null`. */
function matching(route: string, cases: Record<string, Params | null>) {
  bothWays(
    `${route} matches what it should`,
    (server) => {
      server.bindHandler(route, (request) => ({ params: request.params }))
    },
    async (send) => {
      for (const [path, params] of Object.entries(cases)) {
        const answer = await send(path)
        expect(answer.status, path).to.equal(params ? 200 : 404)
        if (params) expect(answer.json(), path).to.deep.equal({ params })
      }
    },
  )
}

describe('patterns: what a route matches', () => {
  matching('/', { '/': {}, '//': {}, '/a': null })
  matching('/user/List', {
    '/user/List': {},
    '/user/List/': {},
    '/user/list': null,
    '/user': null,
    '/user/List/x': null,
  })
  matching('/user/', { '/user': {}, '/user/': {}, '/user//': {} })
  matching('/user/:id', { '/user/7': { id: '7' }, '/user/': null, '/user': null, '/user/7/8': null })
  matching('/:a/:b', { '/x/y': { a: 'x', b: 'y' }, '/x': null })
  matching('/user/:', { '/user/7': {}, '/user': null, '/user/7/8': null })
  matching('/:user-id/:a_b.c', { '/1/2': { 'user-id': '1', 'a_b.c': '2' } })
  matching('/file/*path', {
    '/file/a': { path: 'a' },
    '/file/a/b/c.txt': { path: 'a/b/c.txt' },
    '/file//a//b/': { path: 'a/b' },
    '/files/a': null,
  })
  matching('/file/*', { '/file/a': {}, '/file/a/b': {}, '/file': {}, '/file/': {}, '/': null })
  matching('/*', { '/': {}, '/a': {}, '/a/b/c': {} })
  matching('/a/*rest/z', {
    '/a/b/z': { rest: 'b' },
    '/a/b/c/z': { rest: 'b/c' },
    '/a/b/c': null,
    '/a/z/z': { rest: 'z' },
  })
  matching('/a/*/z', { '/a/z': {}, '/a/b/z': {}, '/a/b/c/z': {}, '/a': null, '/a/b': null })
  matching('/*/a/*/b', {
    '/a/b': {},
    '/1/a/2/b': {},
    '/a/a/b/b': {},
    '/1/2/a/b': {},
    '/a': null,
    '/b/a': null,
    '/a/1': null,
  })
  matching('/100%', { '/100%25': {}, '/100': null })
  matching('/a%20b', { '/a%2520b': {}, '/a%20b': null })
  matching('/*any/:last', { '/x/y/z': { any: 'x/y', last: 'z' } })

  matching('/user/list/{page}.html', {
    '/user/list/2.html': { page: '2' },
    '/user/list/2.5.html': { page: '2.5' },
    '/user/list/.html': null,
    '/user/list/2xhtml': null,
    '/user/list/2.html/x': null,
    '/user/list/2.htm': null,
  })
  matching('/{class}-{course}/:name', {
    '/john-math/score': { class: 'john', course: 'math', name: 'score' },
    '/a-b-c/x': { class: 'a-b', course: 'c', name: 'x' },
    '/-math/x': null,
    '/john-/x': null,
  })
  matching('/{name}.{type}', {
    '/a.tar.gz': { name: 'a.tar', type: 'gz' },
    '/a.b': { name: 'a', type: 'b' },
    '/a.': null,
    '/.b': null,
    '/ab': null,
    '/..b': { name: '.', type: 'b' },
  })
  matching('/{word}', { '/hello.world-x': { word: 'hello.world-x' }, '/': null, '/a/b': null })
  matching('/order-{id}-done', { '/order-12-done': { id: '12' }, '/order--done': null, '/order-12': null })
  matching('/{table}/list/{page}.html', { '/user/list/3.html': { table: 'user', page: '3' } })

  matching('/a+b(c)[d]^$|e', { '/a+b(c)[d]^$|e': {}, '/aab(c)[d]^$|e': null, '/a+bc': null })
  matching('/x.y', { '/x.y': {}, '/xzy': null })
  matching('/time/12:30', { '/time/12:30': {}, '/time/12': null })
  matching('/a*b', { '/a*b': {}, '/ab': null, '/a/x/b': null })
})

describe('patterns: the parts', () => {
  const answering = (pattern: string) => (server: Server) => {
    server.bindHandler(pattern, () => 'here')
  }

  bothWays('a pattern without a method serves every method', answering('/x'), async (send) => {
    for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      expect((await send(`${method} /x`)).text, method).to.equal('here')
    }
    expect((await send('HEAD /x')).status).to.equal(200)
  })

  bothWays('ALL is every method, in any case', answering('all:/x'), async (send) => {
    for (const method of ['GET', 'DELETE', 'OPTIONS']) expect((await send(`${method} /x`)).status, method).to.equal(200)
  })

  bothWays('a method in any case', answering('pOsT:/x'), async (send) => {
    expect((await send('POST /x')).text).to.equal('here')
    expect((await send('GET /x')).status).to.equal(404)
  })

  bothWays(
    'several methods and several domains, with blanks around',
    answering(' get , POST : /a/b @ One.example , two.EXAMPLE '),
    async (send) => {
      for (const host of ['one.example', 'ONE.example', 'two.example', 'two.example:8199']) {
        for (const method of ['GET', 'POST']) {
          expect((await send({ method, url: '/a/b', host })).status, `${method} ${host}`).to.equal(200)
        }
        expect((await send({ method: 'PUT', url: '/a/b', host })).status).to.equal(404)
      }
      expect((await send({ url: '/a/b', host: 'three.example' })).status).to.equal(404)
    },
  )

  bothWays('a method before a route that holds a colon', answering('GET:/a:b/:id'), async (send) => {
    expect((await send('/a:b/1')).status).to.equal(200)
    expect((await send('POST /a:b/1')).status).to.equal(404)
  })

  bothWays(
    'a star that captures nothing still matches',
    (server) => {
      server.bindHandler('/file/*path', (request) => `[${request.params.path ?? ''}]`)
      server.bindHandler('/a/*rest/z', (request) => `[${request.params.rest ?? ''}]`)
    },
    async (send) => {
      expect((await send('/file')).text).to.equal('[]')
      expect((await send('/file/')).text).to.equal('[]')
      expect((await send('/a/z')).text).to.equal('[]')
    },
  )

  bothWays(
    "ghttp's manual: one request, the most telling of many routes",
    (server) => {
      server.bindHandler('/:name', () => '/:name')
      server.bindHandler('/:name/update', (request) => request.get('name'))
      server.bindHandler('/:name/:action', (request) => request.get('action'))
      server.bindHandler('/:name/*any', (request) => request.get('any') ?? '')
      server.bindHandler('/user/list/{field}.html', (request) => request.get('field'))
    },
    async (send) => {
      expect((await send('/john')).text).to.equal('')
      expect((await send('/john/update')).text).to.equal('john')
      expect((await send('/john/edit')).text).to.equal('edit')
      expect((await send('/user/list/100.html')).text).to.equal('100')
      expect((await send('/john/edit/more')).text).to.equal('edit/more')
    },
  )

  bothWays(
    'fields in one segment, beside each other',
    (server) => {
      server.bindHandler('/{hash}', (request) => request.get('hash'))
      server.bindHandler('/{hash}.{type}', (request) => request.get('type'))
      server.bindHandler('/{hash}.{type}.map', (request) => request.get('type'))
    },
    async (send) => {
      expect((await send('/data')).text).to.equal('data')
      expect((await send('/data.json')).text).to.equal('json')
      expect((await send('/data.json.map')).text).to.equal('json')
    },
  )
})

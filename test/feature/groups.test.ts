import { expect } from 'chai'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'

type Next = () => Promise<unknown>

const around = (before: string, after: string) => async (request: Request, next: Next) => {
  request.response.write(before)
  await next()
  request.response.write(after)
}

describe('groups', () => {
  bothWays(
    'prefix what is bound in them, in the callback and by what is returned',
    (server) => {
      const group = server.group('/api', (inner) => {
        inner.bindHandler('POST:/handler', () => 'post')
        inner.get('/handler', () => 'get')
        inner.all('/', () => 'prefix')
      })
      group.bindObject('/object', { index: () => 'index', show: () => 'show' })
      group.bindObjectMethod('/chosen', { one: () => 'one', two: () => 'two' }, 'two')
      group.bindController(
        '/{.struct}/{.method}',
        class Fruit {
          apple() {
            return 'apple'
          }
        },
      )
      group.bindControllerRest(
        '/rest',
        class {
          put() {
            return 'put'
          }
        },
      )
    },
    async (send) => {
      const texts = {
        'POST /api/handler': 'post',
        'GET /api/handler': 'get',
        'GET //api//handler//': 'get',
        'GET /api': 'prefix',
        'GET /api/': 'prefix',
        'GET /api/object': 'index',
        'GET /api/object/show': 'show',
        'GET /api/chosen/two': 'two',
        'GET /api/chosen/one': 'Not Found',
        'GET /api/fruit/apple': 'apple',
        'PUT /api/rest': 'put',
        'GET /handler': 'Not Found',
        'GET /api/nothing': 'Not Found',
      }
      for (const [line, text] of Object.entries(texts)) expect((await send(line)).text, line).to.equal(text)
    },
  )

  bothWays(
    'may be nested, and carry parameters',
    (server) => {
      server.group('/users/:user', (users) => {
        users.group('/posts', (posts) => {
          posts.get('/{post}.html', (request) => ({ ...request.params }))
        })
        users.get('/', (request) => ({ ...request.params }))
      })
      server
        .group('/')
        .group('/deep')
        .group('/deeper')
        .get('/end', () => 'end')
    },
    async (send) => {
      expect((await send('/users/7/posts/8.html')).json()).to.deep.equal({ user: '7', post: '8' })
      expect((await send('/users/7')).json()).to.deep.equal({ user: '7' })
      expect((await send('/deep/deeper/end')).text).to.equal('end')
    },
  )

  bothWays(
    'may be of a domain',
    (server) => {
      server.domain('a.example, *.b.example').group('/api', (group) => {
        group.get('/x', () => 'x')
        group.group('/y').get('/z', () => 'z')
      })
    },
    async (send) => {
      for (const host of ['a.example', 'x.b.example']) {
        expect((await send({ url: '/api/x', host })).text).to.equal('x')
        expect((await send({ url: '/api/y/z', host })).text).to.equal('z')
      }
      expect((await send({ url: '/api/x', host: 'c.example' })).status).to.equal(404)
    },
  )

  bothWays(
    'their middleware runs only for routes bound in them',
    (server) => {
      server.group('/api', (group) => {
        group.use(around('1', '2'))
        group.get('/test', () => 'test')
        group.group('/order', (order) => {
          order.get('/list', () => 'list')
          order.put('/update', () => 'update')
        })
      })
      server.get('/api/outside', () => 'outside')
      server.get('/api/order/outside', () => 'outside')
    },
    async (send) => {
      const texts = {
        'GET /api/test': '1test2',
        'GET /api/order/list': '1list2',
        'PUT /api/order/update': '1update2',
        'GET /api/order/update': 'Not Found',
        'GET /api': 'Not Found',
        'GET /api/nothing': 'Not Found',
        'GET /api/outside': 'outside',
        'GET /api/order/outside': 'outside',
      }
      for (const [line, text] of Object.entries(texts)) expect((await send(line)).text, line).to.equal(text)
    },
  )

  bothWays(
    'pass their middleware on to the groups in them, not to those beside',
    (server) => {
      server.group('/', (group) => {
        group.use(around('a', 'b'))
        group.all('/scope1', () => '1')
        group.group('/', (inner) => {
          inner.use(around('c', 'd'))
          inner.all('/scope2', () => '2')
        })
        group.group('/', (inner) => {
          inner.use(around('e', 'f'))
          inner.all('/scope3', () => '3')
        })
      })
    },
    async (send) => {
      expect((await send('/scope1')).text).to.equal('a1b')
      expect((await send('/scope2')).text).to.equal('ac2db')
      expect((await send('/scope3')).text).to.equal('ae3fb')
      expect((await send('/')).text).to.equal('Not Found')
    },
  )

  bothWays(
    'their middleware is around objects and controllers, init and shut',
    (server) => {
      server.group('/g', (group) => {
        group.use(around('<', '>'))
        const object = {
          init: (request: Request) => request.response.write('i'),
          show: () => 'show',
          shut: (request: Request) => request.response.write('s'),
        }
        group.bindObject('/object', object)
        group.bindControllerRest(
          '/rest',
          class {
            get() {
              return 'get'
            }
          },
        )
      })
    },
    async (send) => {
      expect((await send('/g/object/show')).text).to.equal('<ishows>')
      expect((await send('/g/rest')).text).to.equal('<get>')
    },
  )

  bothWays(
    'prefix their hooks and their bindMiddleware',
    (server) => {
      server.group('/api', (group) => {
        group.group('/hook', (inner) => {
          inner.bindHookHandler('/*', 'BeforeServe', (request) => {
            request.response.write('any ')
          })
          inner.bindHookHandlerByMap('/:name', {
            BeforeServe: (request) => {
              request.response.write('name ')
            },
          })
        })
        group.bindMiddleware('/mid/*', around('(', ')'))
        group.get('/mid/x', () => 'x')
        group.get('/x', () => 'x')
      })
    },
    async (send) => {
      const texts = {
        '/api/hook': 'any ',
        '/api/hook/name': 'name any ',
        '/api/hook/name/more': 'any ',
        '/hook/name': 'Not Found',
        '/api/mid/x': '(x)',
        '/api/x': 'x',
      }
      for (const [path, text] of Object.entries(texts)) expect((await send(path)).text, path).to.equal(text)
    },
  )

  bothWays(
    'hooks of a group see each method apart',
    (server) => {
      const group = server.group('/api')
      group.get('/handler', () => '1')
      group.bindHookHandler('/handler', 'BeforeServe', (request) => {
        request.response.write('0')
      })
      group.bindHookHandler('GET:/*', 'AfterServe', (request) => {
        request.response.write('2')
      })
    },
    async (send) => {
      expect((await send('/api/handler')).text).to.equal('012')
      expect((await send('POST /api/handler')).text).to.equal('0')
      expect((await send('/api/nothing')).text).to.equal('2')
      expect((await send('POST /api/nothing')).text).to.equal('Not Found')
    },
  )

  bothWays(
    'a guard of a group',
    (server) => {
      server.group('/api.v2', (group) => {
        group.use((request, next) => {
          if (request.get('token') === '123456') return next()
          request.response.writeStatus(403)
          return undefined
        })
        group.post('/user/list', () => 'list')
      })
    },
    async (send) => {
      expect((await send('/')).status).to.equal(404)
      expect((await send('/api.v2')).status).to.equal(404)
      expect((await send('POST /api.v2/user/list')).text).to.equal('Forbidden')
      expect((await send('POST /api.v2/user/list?token=123456')).text).to.equal('list')
    },
  )

  bothWays(
    'with parameters in their prefix show their middleware those of the route',
    (server) => {
      const group = server.group('/shops/:shop')
      group.use((request, next) => {
        request.response.write(JSON.stringify(request.params))
        return next()
      })
      group.get('/books/:book', () => '')
    },
    async (send) => {
      const { text } = await send('/shops/one/books/two')
      expect(JSON.parse(text)).to.deep.equal({ shop: 'one', book: 'two' })
    },
  )
})

import { expectTypeOf } from 'expect-type'
import { createPath, type Next, type ParamsOf, type Request, Server } from 'tribind'

// `request.params` are known from the literal of the pattern. Checked by tsc, never run.

type Names<Pattern extends string> = keyof ParamsOf<Pattern>

// Every kind of parameter.
expectTypeOf<ParamsOf<'/user/:id'>>().toEqualTypeOf<{ id: string }>()
expectTypeOf<ParamsOf<'/file/*path'>>().toEqualTypeOf<{ path: string }>()
expectTypeOf<ParamsOf<'/list/{page}.html'>>().toEqualTypeOf<{ page: string }>()
expectTypeOf<ParamsOf<'/{class}-{course}/:name/*rest'>>().toEqualTypeOf<{
  class: string
  course: string
  name: string
  rest: string
}>()
expectTypeOf<Names<'/:a/*b/x/:c/*d'>>().toEqualTypeOf<'a' | 'b' | 'c' | 'd'>()
expectTypeOf<Names<'/:user-id/{a.b}/*x_1/:größe'>>().toEqualTypeOf<'user-id' | 'a.b' | 'x_1' | 'größe'>()

// None: without a name, in a text, or not there.
expectTypeOf<Names<'/'>>().toEqualTypeOf<never>()
expectTypeOf<Names<'/user/list'>>().toEqualTypeOf<never>()
expectTypeOf<Names<'/:/*'>>().toEqualTypeOf<never>()
expectTypeOf<Names<'/a:b/c*d'>>().toEqualTypeOf<never>()

// Method, domain and blanks around.
expectTypeOf<Names<'GET:/user/:id'>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'get,POST:/user/:id'>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<' GET , POST : /user/:id '>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'/user/:id@a.com'>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'/user/:id @ a.com, *.b.com '>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'GET:/user/{id}@*.a.com'>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'/@me/:id'>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'/@me/:id@a.com'>>().toEqualTypeOf<'id'>()
expectTypeOf<Names<'GET:/a:b/:id/'>>().toEqualTypeOf<'id'>()

// Known only as string: any name.
expectTypeOf<ParamsOf<string>>().toEqualTypeOf<Record<string, string>>()

const server = new Server()

server.bindHandler('GET:/user/:id/{a}.{b}/*rest@a.com', (request) => {
  expectTypeOf(request.params).toEqualTypeOf<{ id: string; a: string; b: string; rest: string }>()
  // @ts-expect-error there is no such parameter
  void request.params.nope
})

server.bindHandler('/user', (request) => {
  // @ts-expect-error there is none at all
  void request.params.id
})

declare const pattern: string
server.bindHandler(pattern, (request) => {
  expectTypeOf(request.params).toEqualTypeOf<Record<string, string>>()
})

// The shorthand verbs.
server.get('/:id', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
server.post('/:id', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
server.put('/{id}', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
server.patch('/*id', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
server.delete('/:id@a.com', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
server.all('/:id', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
// @ts-expect-error there is no such parameter
server.get('/:id', ({ params }) => params.nope)

// Hooks and middleware.
server.bindHookHandler('/user/:id', 'BeforeServe', ({ params }) => {
  expectTypeOf(params).toEqualTypeOf<{ id: string }>()
  // @ts-expect-error there is no such parameter
  void params.nope
})
server.bindHookHandlerByMap('/user/*rest', {
  BeforeServe: ({ params }) => expectTypeOf(params).toEqualTypeOf<{ rest: string }>(),
  AfterClose: async ({ params }) => expectTypeOf(params).toEqualTypeOf<{ rest: string }>(),
})
server.bindMiddleware(
  'GET:/{a}-{b}',
  ({ params }, next) => {
    expectTypeOf(params).toEqualTypeOf<{ a: string; b: string }>()
    expectTypeOf(next).toEqualTypeOf<Next>()
    expectTypeOf(next()).toEqualTypeOf<Promise<void>>()
  },
  async (request, next) => {
    // @ts-expect-error there is no such parameter
    void request.params.c
    await next()
  },
)
server.use(({ params }) => expectTypeOf(params).toEqualTypeOf<Record<string, string>>())
server.bindStatusHandler(404, ({ params }) => expectTypeOf(params).toEqualTypeOf<Record<string, string>>())
server.bindStatusHandlerByMap({ 404: ({ params }) => expectTypeOf(params).toEqualTypeOf<Record<string, string>>() })

// Domains.
const domain = server.domain('a.com, *.b.com')
domain.bindHandler('/:id', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ id: string }>())
// @ts-expect-error there is no such parameter
domain.bindHookHandler('/:id', 'AfterServe', ({ params }) => params.nope)

// Groups have the parameters of their prefix too.
server.group('/:shop@a.com', (shop) => {
  shop.bindHandler('GET:/:id', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ shop: string; id: string }>())
  shop.get('/', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ shop: string }>())
  shop.bindHookHandler('/*', 'BeforeServe', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ shop: string }>())
  shop.bindMiddleware('/{x}.html', ({ params }) => expectTypeOf(params).toEqualTypeOf<{ shop: string; x: string }>())
  // @ts-expect-error there is no such parameter
  shop.get('/:id', ({ params }) => params.nope)
  shop.group('/{year}-{month}', (inner) => {
    inner.post('/:id', ({ params }) => {
      expectTypeOf(params).toEqualTypeOf<{ shop: string; year: string; month: string; id: string }>()
    })
  })
})
server
  .group('/:shop')
  .group('/:shelf')
  .get('/:id', ({ params }) => {
    expectTypeOf(params).toEqualTypeOf<{ shop: string; shelf: string; id: string }>()
  })
domain.group('/:shop').get('/:id', ({ params }) => {
  expectTypeOf(params).toEqualTypeOf<{ shop: string; id: string }>()
})
server.group(pattern).get('/:id', ({ params }) => expectTypeOf(params).toEqualTypeOf<Record<string, string>>())
server.group('/:shop').get(pattern, ({ params }) => expectTypeOf(params).toEqualTypeOf<Record<string, string>>())

// A function that takes any request will do everywhere, and one that takes none, and one that says what it needs.
const anyRequest = (request: Request) => request.params['whatever']
const anyMiddleware = async (request: Request, next: Next) => {
  void request.params
  await next()
}
const withId = (request: Request<{ id: string }>) => request.params.id
server.bindHandler('/user/:id', anyRequest)
server.bindHandler('/user', anyRequest)
server.bindHandler(pattern, anyRequest)
server.bindHandler('/user/:id', () => 'text')
server.bindHandler('/user/:id/:name', withId)
server.get('/{id}', anyRequest)
server.bindHookHandler('/user/:id', 'BeforeServe', anyRequest)
server.bindHookHandlerByMap('/user/:id', { BeforeServe: anyRequest, AfterServe: withId })
server.bindMiddleware('/user/:id', anyMiddleware, anyRequest)
server.use(anyMiddleware, anyRequest)
server.bindStatusHandler(404, anyRequest)
domain.bindHandler('/user/:id', anyRequest)
server.group('/:shop', (group) => {
  group.bindHandler('/user/:id', anyRequest)
  group.bindMiddleware('/user/:id', anyMiddleware)
})
// @ts-expect-error the pattern has no parameter "id"
server.bindHandler('/user/:name', withId)

// What a call gives can be called on.
expectTypeOf(server.get('/', anyRequest)).toEqualTypeOf<Server>()
expectTypeOf(server.use(anyRequest).bindHookHandler('/', 'AfterServe', anyRequest)).toEqualTypeOf<Server>()

// What serves is a function.
// @ts-expect-error a text serves nothing
server.bindHandler('/', 'text')
// @ts-expect-error there is no middleware to bind
server.use()
// @ts-expect-error nor here
server.bindMiddleware('/*')

// The way back: from a pattern and its parameters to a path.
createPath('/user/:id/{a}.html', { id: 7, a: 'x' })
createPath('/user')
createPath(pattern, { whatever: 'x' })
// @ts-expect-error the parameters are missing
createPath('/user/:id')
// @ts-expect-error one is missing
createPath('/user/:id/*rest', { id: '7' })
// @ts-expect-error there is no such parameter
createPath('/user/:id', { id: '7', nope: 'x' })

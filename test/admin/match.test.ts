import { expect } from 'chai'
import { forward } from 'tribind/forward'
import { type AdminWorld, startAdmin } from './admin-world.ts'

interface Other {
  readonly method: string
  readonly route: string
  readonly domain: string
  readonly by: string
  readonly why: string
}

describe('POST /api/match', () => {
  let world: AdminWorld
  before(async () => {
    const entryPoints = { web: '127.0.0.1:0', ops: { address: '127.0.0.1:0', inherits: false } }
    world = await startAdmin(
      (server) => {
        const answer = () => 'ok'
        server.bindHandler('GET:/cart/:id', answer)
        server.bindHandler('/cart/:id', answer)
        server.bindHandler('/cart/*rest', answer)
        server.bindHandler('/cart/:id@*.example.com', answer)
        server.bindHandler('/cart/:id@shop.example.com', answer)
        server.entryPoint('web').bindHandler('GET:/cart/:id', answer)
        server.bindHandler('POST:/orders', answer)
        server.bindHandler('/head', answer)
        server.bindHandler('GET:/head', answer)
        server.bindWebSocket('/chat', () => {})
        server.serveStatic('/files', new URL('.', import.meta.url).pathname)
        server.bindHandler('/files/:name', answer)
        server.bindHookHandler('/cart/*', 'BeforeServe', function first() {})
        server.bindHookHandler('/*', 'AfterOutput', function last() {})
        server.bindMiddleware('/*', function outer(_, next) {
          return next()
        })
        server.bindMiddleware('/cart/*', function inner(_, next) {
          return next()
        })
      },
      { entryPoints, routeOverwrite: true, methodNotAllowed: true },
    )
    await world.server.layer('later').replace((routes) => void routes.bindHandler('/cart/{id}', () => 'layer'))
    await world.server.layer('same').replace((routes) => void routes.bindHandler('/head', () => 'layer'))
  })
  after(() => world.stop())

  const match = async (path: string, rest: object = {}) =>
    (await world.send('POST', '/api/match', { path, ...rest })).json
  const list = (others: readonly Other[]) =>
    others.map(({ method, route, domain, by }) => `${method}:${route}${domain && `@${domain}`} by ${by}`)

  it('says why the others stand behind', async () => {
    const { served, others, version, entryPoint } = await match('/cart/7', { host: 'shop.example.com' })
    expect([version, entryPoint]).to.deep.equal([world.server.version, 'web'])
    expect(served).to.deep.include({ route: '/cart/:id', domain: 'shop.example.com', params: { id: '7' } })
    expect(served.origin).to.match(/match\.test\.ts/)
    expect(list(others)).to.deep.equal([
      'ALL:/cart/:id@*.example.com by domain',
      'ALL:/cart/{id} by domain',
      'GET:/cart/:id by domain',
      'GET:/cart/:id by domain',
      'ALL:/cart/:id by domain',
      'ALL:/cart/*rest by domain',
    ])
    expect(others[0].why).to.equal('is bound to "*.example.com", and "shop.example.com" is closer to the host')
    const plain = await match('/cart/7')
    expect(plain.served).to.include({ route: '/cart/{id}', layer: 'later' })
    expect(list(plain.others)[0]).to.equal('GET:/cart/:id by specificity')
    expect(plain.others[0].why).to.equal('is less specific: it has fewer fields within segments than the other')
  })

  it('tells entry points, methods and layers apart', async () => {
    const own = await match('/head')
    expect([own.served.method, list(own.others)]).to.deep.equal(['GET', ['ALL:/head by method', 'ALL:/head by method']])
    const post = await match('/head', { method: 'post' })
    expect([post.method, post.served.layer, list(post.others)]).to.deep.equal(['POST', 'same', ['ALL:/head by layer']])
    const head = await match('/head', { method: 'HEAD' })
    expect([head.served.method, list(head.others)]).to.deep.equal([
      'ALL',
      ['ALL:/head by layer', 'GET:/head by method'],
    ])
    expect((await match('/cart/7', { entryPoint: 'ops' })).status).to.equal(404)
  })

  it('knows folders and WebSockets', async () => {
    const files = await match('/files/a.txt')
    expect([files.served.route, list(files.others)]).to.deep.equal([
      '/files/:name',
      [`GET:${files.others[0].route} by type`],
    ])
    const chat = await match('/chat')
    expect([chat.served, chat.status, chat.others[0].type]).to.deep.equal([undefined, 426, 'websocket'])
  })

  it('says what nothing serves', async () => {
    expect(await match('/none')).to.deep.include({ status: 404, others: [] })
    expect(await match('/orders')).to.deep.include({ status: 405, allowedMethods: ['POST'] })
    for (const path of ['/%zz', '/a/../b', '/a%00', '/a\\b'])
      expect(await match(path)).to.deep.include({ status: 400, others: [] })
    expect(await match('/cart/7?a=b#c')).to.deep.include({ path: '/cart/7' })
  })

  it('lists what runs around it, in its order', async () => {
    const { hooks, middleware } = await match('/cart/7')
    const names = (all: readonly { name: string }[]) => all.map(({ name }) => name)
    expect([names(hooks), names(middleware)]).to.deep.equal([
      ['first', 'last'],
      ['outer', 'inner'],
    ])
  })

  for (const [body, path] of [
    [{}, 'path'],
    [{ path: 'cart' }, 'path'],
    [{ path: 7 }, 'path'],
    [{ path: '/', method: 'BREW' }, 'method'],
    [{ path: '/', method: 'ALL' }, 'method'],
    [{ path: '/', host: 'a b' }, 'host'],
    [{ path: '/', entryPoint: 1 }, 'entryPoint'],
    [{ path: '/', url: 'x' }, 'url'],
  ] as const)
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const { status, json } = await world.send('POST', '/api/match', body)
      expect([status, json.issues[0].path]).to.deep.equal([422, path])
    })

  it('knows entry points as they are now', async () => {
    const { server } = world
    await server.openEntryPoint('more', '127.0.0.1:0')
    expect((await match('/orders', { method: 'POST', entryPoint: 'more' })).served).to.include({ route: '/orders' })
    await server.replaceEntryPoint('more', { address: '127.0.0.1:0', inherits: false })
    expect((await match('/orders', { method: 'POST', entryPoint: 'more' })).status).to.equal(404)
    const handler = forward('http://127.0.0.1:9')
    await server.replaceEntryPoint('more', { address: '127.0.0.1:0', handler })
    const { served, middleware } = await match('/orders', { entryPoint: 'more' })
    expect([served.route, served.name, middleware[0].name]).to.deep.equal(['/*', 'forward', 'outer'])
    await server.closeEntryPoint('more')
    expect((await world.send('POST', '/api/match', { path: '/', entryPoint: 'more' })).status).to.equal(409)
  })

  it('is 404 for an entry point that is not there', async () => {
    expect((await world.send('POST', '/api/match', { path: '/', entryPoint: 'none' })).status).to.equal(404)
  })
})

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { type DomainRegistrar, DuplicateRouteError, type Layer, Server, StateError } from 'tribind'
import { bothWays, callUntyped, collectingLogger, type Entry, rejected, thrownBy, until } from './both-ways.ts'

const create = (options: ConstructorParameters<typeof Server>[0] = {}) =>
  new Server({ port: 0, logger: collectingLogger(), ...options })

const namesOf = (layers: readonly Layer[]) => layers.map(({ name, version }) => `${name} ${version}`)

describe('layers: what they are', () => {
  it('are `code` for what is bound on the server itself, and others by name', async () => {
    const server = create()
    expect(namesOf(server.layers())).to.deep.equal([])
    server.get('/', () => 'home')
    expect(namesOf(server.layers())).to.deep.equal(['code 1'])
    const shop = server.layer('shop')
    expect([shop.name, shop.version, shop.routes()]).to.deep.equal(['shop', 0, []])
    expect(server.layer('shop')).to.equal(shop)
    await shop.replace((routes) => routes.get('/cart', function cart() {}))
    expect(namesOf(server.layers())).to.deep.equal(['code 1', 'shop 2'])
    expect(shop.routes()).to.deep.equal([
      { method: 'GET', route: '/cart', domain: '', type: 'handler', name: 'cart', layer: 'shop', priority: 2 },
    ])
    expect(server.layer('code').routes()).to.deep.equal([
      { method: 'GET', route: '/', domain: '', type: 'handler', name: 'anonymous', priority: 1 },
    ])
    expect(server.routes()).to.deep.equal([...shop.routes(), ...server.layer('code').routes()])
    await shop.remove()
    expect([shop.version, shop.routes(), namesOf(server.layers())]).to.deep.equal([0, [], ['code 1']])
  })

  it('have a name that is a non-empty string', () => {
    for (const name of ['', 5, undefined])
      expect(thrownBy(() => callUntyped(create(), 'layer', name))).to.include({ failure: 'ERR_TRIBIND_LAYER_NAME' })
  })

  it('may never replace or remove `code`', async () => {
    const server = create()
    server.get('/', () => 'home')
    for (const act of [() => server.layer('code').replace(() => {}), () => server.layer('code').remove()])
      expect(await rejected(act()))
        .to.be.instanceOf(StateError)
        .and.include({ failure: 'ERR_TRIBIND_LAYER_CODE' })
    expect((await server.inject('/')).text()).to.equal('home')
  })

  bothWays(
    'have all calls of a server, domain(), group() and entryPoint()',
    () => {},
    async (send, _world, { server }) => {
      class Pages {
        show() {
          return 'page'
        }
        get() {
          return 'rest'
        }
      }
      await server.layer('all').replace((routes) => {
        routes
          .bindHandler('/handler', () => 'handler')
          .bindController('/controller', Pages)
          .bindControllerMethod('/controller-method', Pages, 'show')
          .bindControllerRest('/controller-rest', Pages)
          .bindObject('/object', new Pages())
          .bindObjectMethod('/object-method', new Pages(), 'show')
          .bindObjectRest('/object-rest', new Pages())
          .bindHookHandler('/hooked', 'BeforeServe', (request) => request.response.write('hook '))
          .bindHookHandlerByMap('/hooked', { AfterServe: (request) => request.response.write(' after') })
          .bindMiddleware('/hooked', async (request, next) => {
            request.response.write('middleware ')
            await next()
          })
          .bindStatusHandler(404, (request) => request.response.setBuffer('lost'))
          .get('/hooked', () => 'handler')
          .post('/post', () => 'post')
        routes.group('/group', (group) => group.get('/x', () => 'in a group'))
        routes.domain('a.example').get('/x', () => 'in a domain')
        const own: DomainRegistrar = routes.entryPoint('default')
        own.get('/own', (request) => request.entryPoint)
      })
      const text = async (url: string, host = 'b.example') => (await send({ url, headers: { host } })).text
      for (const [url, wanted] of Object.entries({
        '/handler': 'handler',
        '/controller/show': 'page',
        '/controller-method/show': 'page',
        '/controller-rest': 'rest',
        '/object/show': 'page',
        '/object-method/show': 'page',
        '/object-rest': 'rest',
        '/hooked': 'hook middleware handler after',
        '/nowhere': 'lost',
        '/group/x': 'in a group',
        '/own': 'default',
      }))
        expect(await text(url), url).to.equal(wanted)
      expect((await send({ url: '/post', method: 'POST' })).text).to.equal('post')
      expect([await text('/x', 'a.example'), await text('/x')]).to.deep.equal(['in a domain', 'lost'])
    },
  )

  it('refuse an entry point that does not exist', async () => {
    const error = await rejected(
      create()
        .layer('x')
        .replace((routes) => routes.entryPoint('nowhere')),
    )
    expect(error).to.include({ failure: 'ERR_TRIBIND_ENTRY_POINT_UNKNOWN' })
  })

  it('may change before the start as well, and what is bound on the server then goes on too', async () => {
    const server = create()
    await server.layer('x').replace((routes) => routes.get('/x', () => 'x'))
    expect(server.version).to.equal(2)
    server.get('/y', () => 'y')
    expect([(await server.inject('/x')).text(), (await server.inject('/y')).text()]).to.deep.equal(['x', 'y'])
    expect(server.version).to.equal(2)
    expect(thrownBy(() => server.get('/x', () => 'again'))).to.be.instanceOf(DuplicateRouteError)
    await server.start()
    expect(server.version).to.equal(2)
    await server.stop()
  })
})

describe('layers: what tells of them', () => {
  it('is server.on, until off, and the channel tribind:switch', async () => {
    const server = create()
    const told: [string, unknown][] = []
    const published: unknown[] = []
    const hear = (message: unknown) => published.push(message)
    subscribe('tribind:switch', hear)
    const listeners = (['switched', 'refused', 'retired'] as const).map((name) => {
      const listener = (event: unknown) => told.push([name, event])
      server.on(name, listener)
      return () => server.off(name, listener)
    })
    const layer = server.layer('x')
    const { added, whenRetired } = await layer.replace((routes) => routes.get('/x', () => 'x'))
    await whenRetired
    const error = await rejected(
      layer.replace(() => {
        throw new Error('no')
      }),
    )
    unsubscribe('tribind:switch', hear)
    const wanted = [
      ['switched', { version: 2, layer: 'x', added, removed: [] }],
      ['retired', { version: 1 }],
      ['refused', { layer: 'x', error }],
    ]
    expect(told).to.deep.equal(wanted)
    expect(published).to.deep.equal(wanted.map(([, event]) => event))
    for (const off of listeners) off()
    await layer.remove()
    expect(told).to.have.length(3)
  })

  it('says nothing of a dry run', async () => {
    const server = create()
    const told: unknown[] = []
    for (const name of ['switched', 'refused', 'retired'] as const) server.on(name, (event) => told.push(event))
    await server.layer('x').replace((routes) => routes.get('/x', () => 'x'), { dryRun: true })
    await rejected(server.layer('x').replace((routes) => routes.get('x', () => 'x'), { dryRun: true }))
    expect(told).to.deep.equal([])
  })

  it('may fail: the switch has taken place, and the log says so', async () => {
    const log: Entry[] = []
    const server = create({ logger: collectingLogger(log) })
    server.on('switched', () => {
      throw new Error('deaf')
    })
    server.on('switched', async () => {
      throw new Error('deaf too')
    })
    expect((await server.layer('x').replace((routes) => routes.get('/x', () => 'x'))).version).to.equal(2)
    await until(() => log.length === 2, 'both failures are logged')
    for (const { level, message } of log)
      expect([level, message]).to.deep.equal(['error', 'A listener of "switched" failed'])
  })

  it('refuses other events, and what is no function', () => {
    const server = create()
    expect(thrownBy(() => callUntyped(server, 'on', 'request', () => {}))).to.include({
      failure: 'ERR_TRIBIND_SWITCH_EVENT',
    })
    expect(thrownBy(() => callUntyped(server, 'off', 'request', () => {}))).to.include({
      failure: 'ERR_TRIBIND_SWITCH_EVENT',
    })
    expect(thrownBy(() => callUntyped(server, 'on', 'switched', 5))).to.include({ code: 'ERR_TRIBIND_CONFIG' })
  })
})

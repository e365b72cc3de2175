import { expect } from 'chai'
import { DuplicateRouteError, type Layer, type Registrar, type Replaced, RouteError, Server, StateError } from 'tribind'
import { bothWays, callUntyped, collectingLogger, rejected, thrownBy } from './both-ways.ts'

const create = (options: ConstructorParameters<typeof Server>[0] = {}) =>
  new Server({ port: 0, logger: collectingLogger(), ...options })

const texts = (replaced: Replaced) => ({
  added: replaced.added.map(({ method, route }) => `${method} ${route}`),
  removed: replaced.removed.map(({ method, route }) => `${method} ${route}`),
})

describe('layers: replace', () => {
  bothWays(
    'puts what build bound in the place of what the layer had, for every request from then on',
    (server) => server.get('/code', () => 'code'),
    async (send, _world, { server }) => {
      const status = async (url: string) => (await send(url)).status
      const layer = server.layer('shop')
      await layer.replace((routes) => routes.get('/a', () => 'a').get('/b', () => 'b'))
      expect([await status('/a'), await status('/b'), await status('/c')]).to.deep.equal([200, 200, 404])
      await layer.replace(async (routes) => {
        routes.get('/b', () => 'b')
        await new Promise((resolve) => setImmediate(resolve))
        routes.get('/c', () => 'c')
        expect(await status('/c')).to.equal(404)
      })
      expect([await status('/a'), await status('/b'), await status('/c')]).to.deep.equal([404, 200, 200])
      await layer.remove()
      expect([await status('/b'), await status('/c'), await status('/code')]).to.deep.equal([404, 404, 200])
    },
  )

  it('resolves to the version, to what was added and removed as in routes(), and to how long it took', async () => {
    const server = create()
    server.get('/code', () => 'code')
    const layer = server.layer('shop')
    const first = await layer.replace((routes) => routes.get('/a/:id', () => 'a').get('/b', function b() {}))
    expect([first.version, server.version, layer.version]).to.deep.equal([2, 2, 2])
    expect(first.buildMs).to.be.a('number').above(0)
    expect(first.added).to.deep.equal(server.routes().filter((route) => route.layer === 'shop'))
    expect(first.removed).to.deep.equal([])
    const before = server.routes()
    const second = await layer.replace((routes) =>
      routes
        .get('/b', function b() {})
        .bindHookHandler('/b', 'BeforeServe', function hook() {})
        .bindWebSocket('/ws', function open() {})
        .use(function guard(_request, next) {
          return next()
        }),
    )
    expect(texts(second)).to.deep.equal({ added: ['GET /ws', 'ALL /b', 'ALL /*'], removed: ['GET /a/:id'] })
    for (const route of second.added) expect(server.routes()).to.deep.include(route)
    for (const route of second.removed) expect(before).to.deep.include(route)
    expect(await layer.remove())
      .to.include({ version: 4 })
      .and.have.property('removed')
      .with.length(4)
    expect(await layer.remove()).to.deep.include({ version: 4, added: [], removed: [] })
  })

  const refusals: Record<string, [build: Parameters<Layer['replace']>[0], text: RegExp]> = {
    'build throws': [
      () => {
        throw new TypeError('no price list')
      },
      /no price list/,
    ],
    'build rejects': [
      async () => {
        await new Promise((resolve) => setImmediate(resolve))
        throw new TypeError('no price list')
      },
      /no price list/,
    ],
    'a pattern is bad': [
      (routes) => routes.get('/{x', () => ''),
      /^pattern "\/\{x" in layer "shop" at .*layer-replace\.test\.ts:\d+: .*"\}"/,
    ],
    'a domain is bad': [
      (routes) => routes.domain('a b'),
      /^domain in layer "shop" at .*layer-replace\.test\.ts:\d+: a domain must be a host name.*, got "a b"$/,
    ],
    'an entry point is misspelt': [
      (routes) => routes.entryPoint('defualt'),
      /^entryPoint in layer "shop" at .*layer-replace\.test\.ts:\d+: there is no entry point "defualt"; there are: default, did you mean "default"\?$/,
    ],
    'keep has no function': [
      (routes) => routes.keep('pool', undefined as never),
      /^keep\("pool"\) in layer "shop" at .*layer-replace\.test\.ts:\d+: create must be a function, got a value of type undefined$/,
    ],
    'keep has no key': [
      (routes) => routes.keep(undefined, () => ({})),
      /^keep in layer "shop" at .*layer-replace\.test\.ts:\d+: the key must not be undefined$/,
    ],
    'onRetire has no function': [
      (routes) => routes.onRetire({} as never),
      /^onRetire in layer "shop" at .*layer-replace\.test\.ts:\d+: the argument must be a function/,
    ],
    'a route stands in code already': [
      (routes) => routes.get('/code', function other() {}),
      /^"GET:\/code" is bound twice: handler other at .*layer-replace\.test\.ts:\d+ in layer "shop", and before that handler code at .*layer-replace\.test\.ts:\d+ in layer "code"$/,
    ],
    'a route stands in another layer already': [
      (routes) => routes.get('/blog/:post', () => ''),
      /in layer "shop", .* on "\/blog\/:id" at .* in layer "blog"$/,
    ],
    'a route is bound twice': [
      (routes) => routes.get('/a', () => '').get('/a', () => ''),
      /in layer "shop", .* in layer "shop"$/,
    ],
    'build is no function': [undefined as never, /^replace of layer "shop": build must be a function/],
  }
  for (const [name, [build, text]] of Object.entries(refusals)) {
    it(`changes nothing where ${name}, and runs what onRetire was given`, async () => {
      const server = create()
      const retired: string[] = []
      server.get('/code', function code() {
        return 'code'
      })
      await server.layer('blog').replace((routes) => routes.get('/blog/:id', () => 'blog'))
      await server.layer('shop').replace((routes) => {
        routes.get('/a', () => 'a')
        routes.onRetire(() => retired.push('first'))
      })
      const before = server.routes()
      const error = await rejected(
        server.layer('shop').replace(
          build &&
            ((routes, signal) => {
              routes.onRetire(() => retired.push('refused'))
              routes.get('/new', () => 'new')
              return build(routes, signal)
            }),
        ),
      )
      expect(error.message).to.match(text)
      expect(retired).to.deep.equal(build === undefined ? [] : ['refused'])
      expect([server.version, server.layer('shop').version]).to.deep.equal([3, 3])
      expect(server.routes()).to.deep.equal(before)
      expect([(await server.inject('/a')).text(), (await server.inject('/new')).status]).to.deep.equal(['a', 404])
    })
  }

  it('refuses a route that was bound on the server itself while build ran, before the start', async () => {
    const server = create()
    const replaced = server.layer('shop').replace(async (routes) => {
      routes.get('/x', () => 'layer')
      await new Promise((resolve) => setImmediate(resolve))
    })
    await new Promise((resolve) => setImmediate(resolve))
    server.get('/x', () => 'code')
    expect(await rejected(replaced)).to.be.instanceOf(DuplicateRouteError)
    expect((await server.inject('/x')).text()).to.equal('code')
  })

  it('lets the layer made last serve under routeOverwrite, whatever was replaced last', async () => {
    const server = create({ routeOverwrite: true })
    server.get('/x', () => 'code')
    const text = async () => (await server.inject('/x')).text()
    await server.layer('a').replace((routes) => routes.get('/x', () => 'a'))
    expect(await text()).to.equal('a')
    await server.layer('b').replace((routes) => routes.get('/x', () => 'b'))
    await server.layer('a').replace((routes) => routes.get('/x', () => 'a again'))
    expect(await text()).to.equal('b')
    await server.layer('b').remove()
    expect(await text()).to.equal('a again')
    await server.layer('a').remove()
    expect(await text()).to.equal('code')
  })

  it('keeps the order of layers, that of their first replacement: for middleware, hooks and equal routes', async () => {
    const server = create()
    const mark = (routes: Registrar, name: string) => {
      routes.use(async (request, next) => {
        request.response.write(`${name} `)
        await next()
      })
      routes.bindHookHandler('/*', 'AfterServe', (request) => request.response.write(` ${name}`))
    }
    mark(server, 'code')
    for (const name of ['a', 'b', 'a']) {
      await server.layer(name).replace((routes) => {
        mark(routes, name)
        // Both match /a/b, and nothing else tells them apart.
        routes.get(name === 'a' ? '/a/:x' : '/:x/b', () => name)
      })
    }
    expect((await server.inject('/a/b')).text()).to.equal('code a b a code a b')
    await server.layer('a').remove()
    await server.layer('a').replace((routes) => mark(routes, 'a'))
    expect((await server.inject('/a/b')).text()).to.equal('code a b b code a b')
  })

  it('leaves binding through the routes of a build that has ended to a StateError', async () => {
    const server = create()
    let kept: Parameters<Parameters<Layer['replace']>[0]>[0] | undefined
    await server.layer('shop').replace((routes) => {
      kept = routes
      routes.get('/a', () => 'a')
    })
    const late = kept as NonNullable<typeof kept>
    const calls = [
      () => late.get('/b', () => 'b'),
      () => late.domain('a.example').get('/b', () => 'b'),
      () => late.group('/g'),
      () => late.use((_request, next) => next()),
      () => late.onRetire(() => {}),
      () => late.keep('x', () => 1),
    ]
    for (const call of calls)
      expect(thrownBy(call)).to.be.instanceOf(StateError).and.include({ failure: 'ERR_TRIBIND_LAYER_BUILT' })
    expect((await server.inject('/b')).status).to.equal(404)
  })

  it('is what the error of a late bind on the server itself names', async () => {
    const server = create()
    await server.start()
    const error = thrownBy(() => server.get('/late', () => 'late'))
    expect(error).to.be.instanceOf(RouteError)
    expect(error.message).to.contain('layer')
    await server.stop()
  })

  it('refuses options that it does not know, and durations that are none', async () => {
    const layer = create().layer('x')
    const replace = (options: object) => rejected(callUntyped(layer, 'replace', () => {}, options) as Promise<unknown>)
    expect((await replace({ ifversion: 1 })).message).to.match(/unknown option "ifversion".*"ifVersion"/)
    expect((await replace({ streams: 'cut' })).message).to.match(/option "streams" must be one of keep, end/)
    expect((await replace({ drainTimeout: '10' })).message).to.match(/option "drainTimeout" must be a time from 0 ms/)
  })

  it('with ifVersion is a StateError where the server has another version', async () => {
    const server = create()
    const layer = server.layer('x')
    await layer.replace((routes) => routes.get('/x', () => 'x'), { ifVersion: 1 })
    let isBuilt = false
    const error = await rejected(
      layer.replace(
        () => {
          isBuilt = true
        },
        { ifVersion: 1 },
      ),
    )
    expect(error).to.be.instanceOf(StateError).and.include({ failure: 'ERR_TRIBIND_LAYER_VERSION' })
    expect(error.message).to.contain('2').and.contain('1')
    expect([isBuilt, server.version]).to.deep.equal([false, 2])
    expect(await rejected(layer.remove({ ifVersion: 1 }))).to.be.instanceOf(StateError)
    await layer.remove({ ifVersion: 2 })
    expect(server.version).to.equal(3)
  })

  it('with dryRun builds all, changes nothing, and runs and closes at once what onRetire and keep were given', async () => {
    const server = create()
    const layer = server.layer('x')
    const closed: string[] = []
    const pool = (name: string) => ({ close: () => closed.push(name) })
    await layer.replace((routes) => {
      routes.get('/x', () => 'x')
      routes.keep('pool', () => pool('first'))
    })
    const dry = await layer.replace(
      (routes) => {
        routes.get('/y', () => 'y')
        routes.keep('pool', () => pool('second'))
        routes.keep('other', () => pool('other'))
        routes.onRetire(() => closed.push('retired'))
      },
      { dryRun: true },
    )
    expect(closed).to.deep.equal(['retired', 'other'])
    expect(dry.version).to.equal(2)
    expect(texts(dry)).to.deep.equal({ added: ['GET /y'], removed: ['GET /x'] })
    await dry.whenRetired
    expect([server.version, (await server.inject('/x')).text(), (await server.inject('/y')).status]).to.deep.equal([
      2,
      'x',
      404,
    ])
    const refused = layer.replace((routes) => routes.get('x', () => ''), { dryRun: true })
    expect(await rejected(refused)).to.be.instanceOf(RouteError)
    expect((await layer.remove({ dryRun: true })).removed).to.have.length(1)
    expect((await server.inject('/x')).text()).to.equal('x')
  })
})

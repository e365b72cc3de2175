import { expect } from 'chai'
import { createWorld, type World } from './aggregate-world.ts'

describe('what is wrong with a configuration', () => {
  let world: World
  beforeEach(() => (world = createWorld()))
  afterEach(() => world.server.stop())

  const check = async (document: object) => (await world.check({ file: document }))['file'] ?? []

  const cases: [string, object, [path: string, message: RegExp][]][] = [
    ['an unknown part', { servces: {} }, [['servces', /did you mean "services"/]]],
    ['a part of another type', { routes: [] }, [['routes', /must be an object of routes by name, got \[\]/]]],
    ['a name with @', { services: { 'a@b': { text: '' } } }, [['services.a@b', /has no "@"/]]],
    ['an empty name', { services: { '': { text: '' } } }, [['services.', /not empty/]]],
    ['a route that is none', { routes: { a: 'b' } }, [['routes.a', /must be an object that is a route, got a text/]]],
    [
      'an unknown and a missing member',
      { routes: { a: { patern: '/a', service: { text: '' } } } },
      [
        ['routes.a.patern', /is not known, did you mean "pattern"/],
        ['routes.a.pattern', /is required/],
      ],
    ],
    [
      'a bad pattern',
      { routes: { a: { pattern: '/a/{b', service: { text: '' } } } },
      [['routes.a.pattern', /must close its "{"/]],
    ],
    ['no kind', { services: { a: {} } }, [['services.a', /exactly one of use, forward, .*, has none/]]],
    [
      'two kinds',
      { services: { a: { text: '', json: 1 } } },
      [['services.a', /exactly one of .*, has "text" and "json"/]],
    ],
    ['an unknown kind', { services: { a: { forwad: {} } } }, [['services.a.forwad', /did you mean "forward"\?/]]],
    [
      'a middleware of tribind as if it were a name',
      { routes: { a: { pattern: '/a', service: { text: '' }, middlewares: ['compress'] } } },
      [['routes.a.middlewares.0', /^there is no middleware "compress": that of tribind is \{ compress: … \}$/]],
    ],
    [
      'an unknown kind of middleware',
      { middlewares: { a: { rateLimits: {} } } },
      [['middlewares.a.rateLimits', /did you mean "rateLimit"/]],
    ],
    [
      'a reference to nothing',
      { routes: { a: { pattern: '/a', service: 'cart', middlewares: ['x'] } }, services: { carts: { text: '' } } },
      [
        ['routes.a.service', /there is no service "cart", did you mean "carts"\?/],
        ['routes.a.middlewares.0', /there is no middleware "x"/],
      ],
    ],
    [
      'values deep down, all of them',
      {
        services: {
          carts: {
            forward: {
              nodes: [{ addr: 'http://a', weight: 0 }, { addr: 'http://b', wait: 1 }, 'nowhere'],
              selector: { strategy: 'any' },
            },
          },
        },
      },
      [
        ['services.carts.forward.nodes.0.weight', /must be an integer from 1/],
        ['services.carts.forward.nodes.1.wait', /is not known/],
        ['services.carts.forward.nodes.2', /must be /],
        ['services.carts.forward.selector.strategy', /must be one of round/],
      ],
    ],
    [
      'a service in the place of a name',
      { routes: { a: { pattern: '/a', service: { text: 1 } } } },
      [['routes.a.service.text', /must be a text, got 1/]],
    ],
    [
      'a share in weighted',
      { services: { a: { weighted: [{ service: 'none', weight: -1 }, 'b'] } } },
      [
        ['services.a.weighted.0.weight', /must be an integer/],
        ['services.a.weighted.1', /must be an object with service/],
        ['services.a.weighted.0.service', /there is no service "none"/],
      ],
    ],
    [
      'a cycle of services',
      {
        services: {
          a: { failover: { service: 'b', fallback: { text: '' } } },
          b: { weighted: [{ service: 'c' }] },
          c: { mirror: { service: { text: '' }, to: 'a' } },
        },
      },
      [['services.c.mirror.to', /must not lead back to itself: a → b → c → a/]],
    ],
    [
      'cycles of middlewares',
      {
        middlewares: {
          self: { chain: ['self'] },
          pages: { errorPages: { status: ['5xx'], service: { text: '' } } },
          one: { chain: ['pages', 'two'] },
          two: { chain: ['one'] },
        },
      },
      [
        ['middlewares.self.chain.0', /self → self/],
        ['middlewares.two.chain.0', /one → two → one/],
      ],
    ],
    [
      'an entry point that is unknown',
      { routes: { a: { pattern: '/a', service: { text: '' }, entryPoints: ['wbe'] } } },
      [['routes.a.entryPoints.0', /^there is no entry point "wbe"/]],
    ],
    [
      'a route that is taken within the document',
      {
        routes: {
          a: { pattern: '/a/:x', service: { text: '' } },
          b: { pattern: '/a/:y', service: { text: '' } },
        },
      },
      [['routes.b.pattern', /bound twice: .*routes\.b .*and before that .*routes\.a/]],
    ],
    [
      'options of middleware',
      {
        middlewares: {
          a: { rateLimit: { average: 0 } },
          b: { basicAuth: { users: { alice: 'secret' } } },
          c: { ipAllow: ['10.0.0.0/33'] },
        },
      },
      [
        ['middlewares.a.rateLimit.average', /must be an integer from 1/],
        ['middlewares.b.basicAuth.users', /^user "alice": .*scrypt/],
        ['middlewares.c.ipAllow', /must be an array/],
      ],
    ],
  ]
  for (const [name, document, expected] of cases)
    it(name, async () => {
      const issues = (await check(document)) as { path: string; message: string }[]
      expect(issues.map(({ path }) => path)).to.have.members(expected.map(([path]) => path))
      for (const [path, message] of expected)
        expect(issues.find((issue) => issue.path === path)?.message, path).to.match(message)
      const applied = await world.apply({ file: document })
      expect([applied.applied, applied.issues.get('file')]).to.deep.equal([false, issues])
      expect(world.server.layer('@file').version).to.equal(0)
    })

  it('never shows the passwords of users', async () => {
    const issues = await check({ middlewares: { b: { basicAuth: { users: { alice: 'hunter2hunter2' } } } } })
    expect(JSON.stringify(issues)).not.to.contain('hunter2')
  })

  it('names a part of another provider that may be meant', async () => {
    const issues = await world.check({
      one: { services: { carts: { text: '' } } },
      two: { routes: { a: { pattern: '/a', service: 'carts' } } },
    })
    expect(issues).to.deep.equal({
      two: [{ path: 'routes.a.service', message: 'there is no service "carts", did you mean "carts@one"?' }],
    })
  })

  it('changes nothing, and makes no version', async () => {
    await world.apply({ file: { routes: { a: { pattern: '/a', service: { text: 'a' } } } } })
    const { version } = world.server
    expect(await check({ routes: { b: { pattern: '/b', service: { text: 'b' } } } })).to.deep.equal([])
    expect([world.server.version, await world.get('/a'), await world.get('/b')]).to.deep.equal([
      version,
      '200 a',
      '404 Not Found',
    ])
  })

  it('warns of a retry without effect, and serves nevertheless', async () => {
    const applied = await world.apply({
      file: {
        routes: {
          fixed: { pattern: '/a', service: { text: 'a' }, middlewares: ['again'] },
          forwarded: { pattern: '/b', service: { forward: { nodes: ['http://127.0.0.1:1'] } }, middlewares: ['again'] },
        },
        middlewares: { again: { retry: { attempts: 1 } } },
      },
    })
    expect(applied.applied).to.equal(true)
    expect([...applied.issues].flatMap(([, issues]) => issues.map(({ path }) => path))).to.deep.equal([
      'routes.fixed.middlewares.0',
    ])
    expect(world.aggregate.parts.routes.map(({ status }) => status)).to.deep.equal(['warning', 'enabled'])
    expect(await world.get('/a')).to.equal('200 a')
  })
})

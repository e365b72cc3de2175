import { expect } from 'chai'
import type { PartStatus } from 'tribind'
import { createWorld, type World } from './aggregate-world.ts'

/** Status and issue paths of parts, by qualified name. */
function brief(parts: readonly PartStatus[]) {
  return Object.fromEntries(
    parts.map(({ name, provider, status, issues }) => [
      `${name}@${provider}`,
      [status, ...issues.map(({ path }) => path)],
    ]),
  )
}

const logger = { debug() {}, info() {}, warn() {}, error() {} }

describe('isolate: what is broken', () => {
  let world: World
  beforeEach(() => (world = createWorld('isolate', { logger })))
  afterEach(() => world.server.stop())

  const wide = { pattern: '/*', service: { text: 'wide' } }

  it('answers 503 in its place, and never by a wider route, while the rest goes live', async () => {
    const applied = await world.apply({
      file: {
        routes: {
          wide,
          missing: { pattern: 'GET,POST:/a@shop.example.com,*.example.org', service: 'nothing' },
          ownError: { pattern: '/b/:id', service: { text: 'b' }, middlewares: 'none' },
          brokenService: { pattern: '/c', service: 'broken' },
          brokenMiddleware: { pattern: '/d', service: { text: 'd' }, middlewares: ['guard'] },
          unknownEntry: { pattern: '/e', service: { text: 'e' }, entryPoints: ['default', 'nowhere'] },
          good: { pattern: '/good', service: 'good' },
        },
        services: { broken: { forward: { nodes: [] } }, good: { text: 'good' } },
        middlewares: { guard: { timeout: 'soon' } },
      },
    })
    expect(applied.applied).to.equal(true)
    const paths = [...(applied.issues.get('file') ?? [])].map(({ path }) => path)
    expect(paths).to.have.members([
      'routes.missing.service',
      'routes.ownError.middlewares',
      'services.broken.forward.nodes',
      'middlewares.guard.timeout',
      'routes.unknownEntry.entryPoints.1',
    ])
    const broken = '503 Service Unavailable'
    for (const host of ['shop.example.com', 'a.example.org']) {
      expect(await world.get('/a', { headers: { host } })).to.equal(broken)
      expect(await world.get('/a', { method: 'POST', headers: { host } })).to.equal(broken)
      expect(await world.get('/a', { method: 'PUT', headers: { host } })).to.equal('200 wide')
    }
    for (const path of ['/b/1', '/c', '/d', '/e']) expect(await world.get(path), path).to.equal(broken)
    expect(await world.get('/good')).to.equal('200 good')
    expect(await world.get('/other')).to.equal('200 wide')
    const { routes, services, middlewares } = world.aggregate.parts
    expect(brief(routes)).to.deep.equal({
      'wide@file': ['enabled'],
      'missing@file': ['disabled', 'routes.missing.service'],
      'ownError@file': ['disabled', 'routes.ownError.middlewares'],
      'brokenService@file': ['disabled', 'routes.brokenService.service'],
      'brokenMiddleware@file': ['disabled', 'routes.brokenMiddleware.middlewares.0'],
      'unknownEntry@file': ['disabled', 'routes.unknownEntry.entryPoints.1'],
      'good@file': ['enabled'],
    })
    expect(brief(services)).to.deep.equal({
      'broken@file': ['disabled', 'services.broken.forward.nodes'],
      'good@file': ['enabled'],
    })
    expect(brief(middlewares)).to.deep.equal({ 'guard@file': ['disabled', 'middlewares.guard.timeout'] })
    expect(services.map(({ usedBy }) => usedBy)).to.deep.equal([['brokenService@file'], ['good@file']])
  })

  it('keeps all below a pattern whose object is not there', async () => {
    await world.apply({ file: { routes: { wide, books: { pattern: '/books', service: { use: 'books' } } } } })
    expect(await world.get('/books')).to.match(/^503/)
    expect(await world.get('/books/show')).to.match(/^503/)
    expect(await world.get('/bookshelf')).to.equal('200 wide')
  })

  it('serves again once it is mended', async () => {
    const document = (service: object) => ({
      routes: { wide, a: { pattern: '/a', service: 'a' } },
      services: { a: service },
    })
    await world.apply({ file: document({ forwrd: {} }) })
    expect(await world.get('/a')).to.match(/^503/)
    await world.apply({ file: document({ text: 'a' }) })
    expect(await world.get('/a')).to.equal('200 a')
  })

  it('has no place where its pattern can not be read', async () => {
    await world.apply({ file: { routes: { wide, bad: { pattern: 'FETCH:/a', service: { text: 'a' } } } } })
    expect(await world.get('/a')).to.equal('200 wide')
    expect(brief(world.aggregate.parts.routes)['bad@file']).to.deep.equal(['disabled', 'routes.bad.pattern'])
  })

  it('leaves a place to code that has it, and answers 503 in the rest of its places', async () => {
    world.server.bindHandler('GET:/a', () => 'code')
    await world.apply({ file: { routes: { wide, a: { pattern: 'GET,POST:/a', service: { text: 'a' } } } } })
    expect(await world.get('/a')).to.equal('200 code')
    expect(await world.get('/a', { method: 'POST' })).to.match(/^503/)
    expect(brief(world.aggregate.parts.routes)['a@file']).to.deep.equal(['disabled', 'routes.a.pattern'])
  })

  it('serves a route at all of its entry points or at none', async () => {
    const two = createWorld('isolate', {
      logger,
      entryPoints: { web: { address: '127.0.0.1:0' }, api: { address: '127.0.0.1:0' } },
    })
    two.server.entryPoint('api').bindHandler('/a', () => 'code')
    await two.apply({ file: { routes: { a: { pattern: '/a', service: { text: 'a' }, entryPoints: ['web', 'api'] } } } })
    expect(await two.get('/a', { entryPoint: 'api' })).to.equal('200 code')
    expect(await two.get('/a', { entryPoint: 'web' })).to.match(/^503/)
    expect(brief(two.aggregate.parts.routes)).to.deep.equal({ 'a@file': ['disabled', 'routes.a.pattern'] })
    await two.server.stop()
  })

  it('leaves a place to the provider that is earlier, whichever came first', async () => {
    const route = (text: string) => ({ routes: { a: { pattern: '/a', service: { text } } } })
    await world.apply({ two: route('two') })
    expect(await world.get('/a')).to.equal('200 two')
    await world.apply({ one: route('one'), two: route('two') })
    expect(await world.get('/a')).to.equal('200 one')
    expect(brief(world.aggregate.parts.routes)).to.deep.equal({
      'a@one': ['enabled'],
      'a@two': ['disabled', 'routes.a.pattern'],
    })
    await world.apply({ two: route('two') })
    expect(await world.get('/a')).to.equal('200 two')
  })

  it('answers 503 for routes whose service another provider has taken away', async () => {
    const two = { routes: { wide, a: { pattern: '/a', service: 'shared@one' } } }
    await world.apply({ one: { services: { shared: { text: 'shared' } } }, two })
    expect(await world.get('/a')).to.equal('200 shared')
    await world.apply({ two })
    expect(await world.get('/a')).to.match(/^503/)
  })
})

import { expect } from 'chai'
import { createWorld, type World } from './aggregate-world.ts'

describe('aggregate: what is served', () => {
  let world: World
  beforeEach(() => (world = createWorld()))
  afterEach(() => world.server.stop())

  it('serves routes, and replaces them by one version each', async () => {
    const before = world.server.version
    const applied = await world.apply({
      file: { routes: { hello: { pattern: '/hello', service: { text: 'Hello' } } } },
    })
    expect(applied).to.deep.equal({ applied: true, version: before + 1, isChanged: true, issues: new Map() })
    expect(await world.get('/hello')).to.equal('200 Hello')
    await world.apply({ file: { routes: { bye: { pattern: '/bye', service: { text: 'Bye' } } } } })
    expect(await world.get('/hello')).to.equal('404 Not Found')
    expect(await world.get('/bye')).to.equal('200 Bye')
    expect(world.server.layers().map(({ name }) => name)).to.deep.equal(
      ['code', '@file'].filter((name) => name !== 'code'),
    )
  })

  it('makes no version of what is equal, whatever the order of its keys', async () => {
    const route = { pattern: '/a', service: { text: 'a' } }
    const first = await world.apply({
      file: { routes: { a: route, b: { pattern: '/b', service: 'b' } }, services: { b: { text: 'b', status: 201 } } },
    })
    const again = await world.apply({
      file: { services: { b: { status: 201, text: 'b' } }, routes: { b: { service: 'b', pattern: '/b' }, a: route } },
    })
    expect(again).to.deep.equal({ ...first, isChanged: false })
  })

  it('switches only the layers that changed, and withdraws', async () => {
    const one = { routes: { a: { pattern: '/a', service: { text: 'a' } } } }
    await world.apply({ one, two: { routes: { b: { pattern: '/b', service: { text: 'b' } } } } })
    const { version } = world.server.layer('@one')
    await world.apply({ one, two: { routes: { b: { pattern: '/b', service: { text: 'c' } } } } })
    expect(world.server.layer('@one').version).to.equal(version)
    expect(await world.get('/b')).to.equal('200 c')
    await world.apply({ one })
    expect(await world.get('/b')).to.equal('404 Not Found')
    expect(world.server.layer('@two').version).to.equal(0)
  })

  it('follows references to other providers', async () => {
    const two = { routes: { b: { pattern: '/b', service: 'shared@one' } } }
    await world.apply({ one: { services: { shared: { text: '1' } } }, two })
    expect(await world.get('/b')).to.equal('200 1')
    await world.apply({ one: { services: { shared: { text: '2' } } }, two })
    expect(await world.get('/b')).to.equal('200 2')
    const refused = await world.apply({ two })
    expect(refused.applied).to.equal(false)
    expect([...refused.issues]).to.deep.equal([
      ['two', [{ path: 'routes.b.service', message: 'there is no service "shared@one"' }]],
    ])
    expect(await world.get('/b')).to.equal('200 2')
  })

  it('names the provider and the route where a place is taken', async () => {
    world.server.bindHandler('/hello', () => 'code')
    const applied = await world.apply({
      file: { routes: { hello: { pattern: '/hello', service: { text: 'Hello' } } } },
    })
    expect(applied.applied).to.equal(false)
    const [issue] = applied.issues.get('file') ?? []
    expect(issue?.path).to.equal('routes.hello.pattern')
    expect(issue?.message).to.match(/bound twice: handler text at provider "file", routes\.hello in layer "@file"/)
    expect(await world.get('/hello')).to.equal('200 code')
  })
})

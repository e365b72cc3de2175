import { expect } from 'chai'
import type { Middleware, Next, Request } from 'tribind'
import { createWorld, type World } from './aggregate-world.ts'

describe('state of services and middlewares across versions', () => {
  let world: World
  /** How many middlewares of the kind `counting` there are, and how many were closed. */
  let created: number
  let closed: number

  beforeEach(() => {
    world = createWorld()
    created = 0
    closed = 0
    world.server.provideMiddleware('counting', ({ as }: { as: string }): Middleware => {
      let count = 0
      created++
      const counting = (request: Request, next: Next) => {
        request.response.setHeader(`X-${as}`, ++count)
        return next()
      }
      return Object.assign(counting, { close: () => void closed++ })
    })
  })
  afterEach(() => world.server.stop())

  const count = async (url: string, as = 'Count') => (await world.server.inject(url)).headers[`x-${as.toLowerCase()}`]
  const route = (pattern: string, ...middlewares: unknown[]) => ({ pattern, service: { text: '' }, middlewares })
  const counting = { counting: { as: 'Count' } }

  it('is kept where neither the part nor what it refers to has changed, and shared by all who refer to it', async () => {
    const document = (more: object) => ({
      routes: { a: route('/a', 'shared'), b: route('/b', { chain: ['shared'] }), ...more },
      middlewares: { shared: counting },
    })
    const other = { routes: { c: route('/c', 'shared@one') } }
    await world.apply({ one: document({}), two: other })
    expect([await count('/a'), await count('/b'), await count('/c')]).to.deep.equal(['1', '2', '3'])
    await world.apply({ one: document({ d: route('/d', 'shared') }), two: other })
    expect([await count('/c'), await count('/d')]).to.deep.equal(['4', '5'])
    expect([created, closed]).to.deep.equal([1, 0])
  })

  it('begins anew where the part changes, and what was is closed', async () => {
    const document = (as: string) => ({ routes: { a: route('/a', 'one') }, middlewares: { one: { counting: { as } } } })
    await world.apply({ file: document('A') })
    expect(await count('/a', 'A')).to.equal('1')
    await world.apply({ file: document('B') })
    expect(await count('/a', 'B')).to.equal('1')
    expect([created, closed]).to.deep.equal([2, 1])
    await world.apply({})
    expect([created, closed]).to.deep.equal([2, 2])
  })

  it('is its own for each name, and for each place without one', async () => {
    await world.apply({
      file: {
        routes: { a: route('/a', 'one'), b: route('/b', 'two'), c: route('/c', counting), d: route('/d', counting) },
        middlewares: { one: counting, two: counting },
      },
    })
    expect(await Promise.all(['/a', '/b', '/c', '/d', '/a'].map((url) => count(url)))).to.deep.equal([
      '1',
      '1',
      '1',
      '1',
      '2',
    ])
  })

  it('is touched neither by a dry run nor by what is refused', async () => {
    const document = { routes: { a: route('/a', 'one') }, middlewares: { one: counting } }
    await world.apply({ file: document })
    await count('/a')
    await world.check({ file: { ...document, middlewares: { one: { counting: { as: 'Other' } }, two: counting } } })
    await world.apply({ file: { ...document, services: { bad: {} } } })
    expect(await count('/a')).to.equal('2')
    // The dry run of the check made two more, and that of what is refused none.
    expect([created, closed]).to.deep.equal([3, 2])
  })

  it('ends with the server', async () => {
    await world.server.start()
    await world.apply({ file: { routes: { a: route('/a', 'one') }, middlewares: { one: counting, unused: counting } } })
    await world.server.stop()
    expect([created, closed]).to.deep.equal([2, 2])
  })

  it('what code provides belongs to code', async () => {
    world.server.provide(
      'handler',
      Object.assign(() => 'handled', { close: () => void closed++ }),
    )
    await world.apply({ file: { routes: { a: { pattern: '/a', service: { use: 'handler' } } } } })
    expect(await world.get('/a')).to.equal('200 handled')
    await world.apply({})
    expect(closed).to.equal(0)
  })

  it('tells what a middleware that code provides has against its options', async () => {
    world.server.provideMiddleware('strict', () => {
      throw new Error('the level must be from 1 to 3')
    })
    const applied = await world.apply({
      file: { routes: { a: route('/a', 'guard') }, middlewares: { guard: { strict: { level: 9 } } } },
    })
    expect([...applied.issues]).to.deep.equal([
      ['file', [{ path: 'middlewares.guard.strict', message: 'the level must be from 1 to 3' }]],
    ])
  })
})

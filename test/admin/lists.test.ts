import { expect } from 'chai'
import { memoryProvider } from 'tribind/providers'
import { type AdminWorld, startAdmin } from './admin-world.ts'

interface Named {
  readonly name: string
}

const namesOf = (rows: readonly Named[]) => rows.map(({ name }) => name)

describe('the lists of the administration', () => {
  let world: AdminWorld
  const file = memoryProvider('file', {
    routes: { cart: { pattern: 'GET:/cart/*path@shop.example.com', service: 'carts', middlewares: ['short'] } },
    services: {
      carts: { forward: { nodes: [{ addr: 'http://127.0.0.1:9', name: 'first' }] } },
      both: { text: 'both' },
      unused: { text: 'unused' },
    },
    middlewares: { short: { stripPrefix: '/cart' } },
  })
  before(async () => {
    world = await startAdmin(
      (server) => {
        class OrderController {
          show() {
            return 'order'
          }
        }
        server.get('/hello', function hello() {
          return 'hello'
        })
        server.bindController('/order', OrderController)
        server.bindWebSocket('/chat', () => {})
        server.serveStatic('/docs', new URL('.', import.meta.url).pathname)
        server.bindHookHandler('/*', 'BeforeServe', function look() {})
        server.bindMiddleware('/hello', function around(_, next) {
          return next()
        })
        server.bindStatusHandler(404, function notFound() {})
        for (let i = 0; i < 130; i++) server.get(`/many/${i}`, () => i)
      },
      {
        entryPoints: { web: { address: '127.0.0.1:0', labels: { zone: 'inner' } }, ops: '127.0.0.1:0' },
        configuration: { providers: [file, memoryProvider('other', { services: { both: { text: 'other' } } })] },
      },
    )
  })
  after(() => world.stop())

  it('have pages of 100, and say how many rows there are', async () => {
    const { json, headers } = await world.ask('/api/routes')
    const interceptors = new Set(['hook', 'middleware', 'status'])
    const endpoints = world.server.routes().filter(({ type }) => !interceptors.has(type))
    expect([json.length, Number(headers['x-total-count'])]).to.deep.equal([100, endpoints.length])
    const second = await world.ask('/api/routes?page=2')
    expect([...json, ...second.json]).to.have.length(Number(headers['x-total-count']))
    expect(await world.get('/api/routes?page=9')).to.deep.equal([])
    expect(await world.get('/api/routes?per_page=7&page=2')).to.deep.equal(json.slice(7, 14))
  })

  for (const bad of [
    'page=0',
    'page=-1',
    'page=1.5',
    'page=x',
    'page=',
    'per_page=0',
    'per_page=1e9',
    'per_page=99999999',
    'type=none',
    'page=1&page=0',
  ])
    it(`answer 400 for ?${bad}`, async () => {
      const { status, json } = await world.ask(`/api/routes?${bad}`)
      expect([status, json.code]).to.deep.equal([400, 'ERR_TRIBIND_ADMIN_QUERY'])
    })

  it('can be searched, and counted by what is found', async () => {
    const { json, headers } = await world.ask('/api/routes?search=MANY/12')
    expect(json.map(({ route }: { route: string }) => route)).to.have.members([
      '/many/12',
      ...Array.from({ length: 10 }, (_, i) => `/many/12${i}`),
    ])
    expect(headers['x-total-count']).to.equal('11')
    expect(namesOf(await world.get('/api/entrypoints?search=inner'))).to.deep.equal(['web'])
  })

  it('can be asked for a status', async () => {
    expect(namesOf(await world.get('/api/entrypoints?status=ready'))).to.deep.equal(['web', 'ops'])
    expect(await world.get('/api/entrypoints?status=failed')).to.deep.equal([])
    expect(await world.get('/api/services?status=disabled')).to.deep.equal([])
  })

  it('of routes have what is bound in code and by providers', async () => {
    const rows = await world.get('/api/routes?per_page=1000')
    const find = (route: string) => rows.find((row: { route: string }) => row.route === route)
    expect(find('/hello')).to.include({
      method: 'GET',
      type: 'handler',
      name: 'hello',
      pattern: 'GET:/hello',
      status: 'enabled',
    })
    expect(find('/hello').origin).to.match(/lists\.test\.ts/)
    expect(find('/order/show')).to.include({ type: 'controller', name: 'OrderController.show' })
    expect(find('/chat')).to.include({ type: 'websocket' })
    expect(find('/docs/*')?.type ?? find('/docs')?.type).to.equal('static')
    const cart = find('/cart/*path')
    expect(cart).to.include({ pattern: 'GET:/cart/*path@shop.example.com', layer: '@file', configured: 'cart@file' })
    expect(rows.some(({ type }: { type: string }) => ['hook', 'middleware', 'status'].includes(type))).to.equal(false)
  })

  it('of routes have hooks, middleware and status handlers where they are asked for', async () => {
    for (const [type, name] of [
      ['hook', 'look'],
      ['middleware', 'around'],
      ['status', 'notFound'],
      ['websocket', undefined],
    ] as const) {
      const rows = await world.get(`/api/routes?type=${type}`)
      expect(rows.every((row: { type: string }) => row.type === type)).to.equal(true)
      if (name !== undefined) expect(namesOf(rows)).to.include(name)
    }
  })

  it('of services have their nodes and definitions', async () => {
    const rows = await world.get('/api/services')
    expect(rows.map(({ name, provider }: { name: string; provider: string }) => `${name}@${provider}`)).to.have.members(
      ['carts@file', 'both@file', 'unused@file', 'both@other'],
    )
    const carts = await world.get('/api/services/carts')
    expect(carts).to.deep.include({ name: 'carts', provider: 'file', status: 'enabled', usedBy: ['cart@file'] })
    expect(carts.nodes[0]).to.include({ name: 'first', addr: 'http://127.0.0.1:9', state: 'up' })
    expect(carts.definition).to.have.nested.property('forward.nodes')
    expect((await world.get('/api/services/both@other')).definition).to.deep.equal({ text: 'other' })
    expect((await world.ask('/api/services/both')).status).to.equal(409)
    expect((await world.ask('/api/services/none')).status).to.equal(404)
    expect((await world.get('/api/middlewares/short@file')).definition).to.deep.equal({ stripPrefix: '/cart' })
  })

  it('of providers say how old they are', async () => {
    const rows = await world.get('/api/providers')
    expect(namesOf(rows)).to.include.members(['file', 'other'])
    expect(rows[0]).to.include({ state: 'ok' }).and.have.property('lastPublishAt').that.is.a('number')
    expect((await world.get('/api/providers/file')).name).to.equal('file')
    expect((await world.ask('/api/providers/none')).status).to.equal(404)
  })

  it('of layers and the overview count what there is', async () => {
    const layers = await world.get('/api/layers')
    expect(namesOf(layers)).to.include.members(['code', '@file'])
    const found = await world.ask('/api/layers?search=@FILE')
    expect([found.headers['x-total-count'], namesOf(found.json)]).to.deep.equal(['1', ['@file']])
    const overview = await world.get('/api/overview')
    expect(overview.entryPoints).to.deep.equal({ total: 2, ready: 2 })
    expect(overview.configuration.services).to.deep.include({ total: 4 })
    const version = await world.get('/api/version')
    expect(version).to.include({ version: world.server.version, node: process.version, tribind: '0.1.0' })
  })

  it('of history have what was served, newest first', async () => {
    await file.set({ services: { carts: { text: 'none' } } })
    const [newest, before] = await world.get('/api/history')
    expect(newest.version).to.be.greaterThan(before.version)
    expect(newest).to.deep.include({ changed: ['file'] })
    expect(newest.configurations.file).to.deep.equal({ services: { carts: { text: 'none' } } })

    const back = await world.send('POST', '/api/rollback', { version: before.version })
    expect([back.status, back.json.version]).to.deep.equal([200, world.server.version])
    expect((await world.get('/api/overview')).configuration.pinned).to.equal(true)
    expect((await world.get('/api/services/carts')).definition).to.have.property('forward')
    const held = await world.send('PUT', '/config/routing', { services: { a: { text: 'a' } } })
    expect(held.status).to.equal(409)

    expect((await world.send('POST', '/api/resume')).json).to.deep.equal({ version: world.server.version })
    expect((await world.get('/api/overview')).configuration.pinned).to.equal(false)
    expect((await world.get('/api/services/carts')).definition).to.deep.equal({ text: 'none' })
  })

  it('of versions and providers change nothing under ?dryRun', async () => {
    const { version } = world.server
    const [newest] = await world.get('/api/history')
    for (const [url, body] of [
      ['/api/rollback', { version: newest.version }],
      ['/api/resume', {}],
      ['/api/reload', {}],
    ] as const) {
      const { status, json } = await world.send('POST', `${url}?dryRun`, body)
      expect([url, status, json]).to.deep.equal([url, 200, { version, dryRun: true }])
    }
    expect((await world.get('/api/overview')).configuration.pinned).to.equal(false)
    expect((await world.send('POST', '/api/rollback?dryRun', { version: 9999 })).status).to.equal(404)
  })

  it('of versions and providers are 404 for those that are not there', async () => {
    expect((await world.send('POST', '/api/rollback', { version: 9999 })).status).to.equal(404)
    for (const version of [undefined, '1', 1.5, null, {}])
      expect((await world.send('POST', '/api/rollback', { version })).status).to.equal(422)
    expect((await world.send('POST', '/api/reload', { provider: 'none' })).status).to.equal(404)
    const reloaded = await world.send('POST', '/api/reload', { provider: 'file' })
    expect([reloaded.status, reloaded.json.providers[0].name]).to.deep.equal([200, 'file'])
    expect((await world.send('POST', '/api/reload')).status).to.equal(200)
  })
})

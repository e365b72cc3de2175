import { expect } from 'chai'
import { Server } from 'tribind'
import { type DynamicConfiguration, memoryProvider } from 'tribind/providers'

describe('a configuration of a server', () => {
  it('is shown part by part, with what refers to each', async () => {
    const document: DynamicConfiguration = {
      routes: {
        cart: { pattern: '/cart/*path', service: 'carts', middlewares: ['both'] },
        hello: { pattern: '/hello', service: { text: 'Hello' }, middlewares: ['limited'] },
        lost: { pattern: '/lost', service: 'crats' },
      },
      services: {
        carts: { failover: { service: 'near', fallback: 'near@other' } },
        near: { text: 'near' },
      },
      middlewares: {
        limited: { rateLimit: { average: 10 } },
        both: { chain: ['limited', { requestId: {} }] },
        unused: { compress: {} },
      },
    }
    const other: DynamicConfiguration = { services: { near: { json: { a: 1 } } } }
    const providers = [memoryProvider('shop', document), memoryProvider('other', other)]
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const server = new Server({
      port: 0,
      address: '127.0.0.1',
      logger,
      configuration: { providers, onInvalid: 'isolate' },
    })
    await server.start()
    try {
      const { routes, services, middlewares } = server.configuration.status()
      const lost = { path: 'routes.lost.service', message: 'there is no service "crats", did you mean "carts"?' }
      const enabled = { provider: 'shop', status: 'enabled', issues: [] }
      expect(routes).to.deep.equal([
        { name: 'cart', ...enabled, usedBy: [] },
        { name: 'hello', ...enabled, usedBy: [] },
        { name: 'lost', ...enabled, status: 'disabled', issues: [lost], usedBy: [] },
      ])
      expect(services).to.deep.equal([
        { name: 'carts', ...enabled, usedBy: ['cart@shop'] },
        { name: 'near', ...enabled, usedBy: ['carts@shop'] },
        { name: 'near', ...enabled, provider: 'other', usedBy: ['carts@shop'] },
      ])
      expect(middlewares).to.deep.equal([
        { name: 'limited', ...enabled, usedBy: ['hello@shop', 'both@shop'] },
        { name: 'both', ...enabled, usedBy: ['cart@shop'] },
        { name: 'unused', ...enabled, usedBy: [] },
      ])
      expect(await server.configuration.check(document, 'shop')).to.deep.equal([lost])
      const shown = server.routes().map(({ route, name, layer }) => `${route} ${name} ${layer}`)
      expect(shown).to.include.members(['/cart/*path failover @shop', '/hello text @shop', '/lost unavailable @shop'])
    } finally {
      await server.stop()
    }
  })

  for (const [onInvalid, layers] of [
    ['refuse', ['@other', '@shop']],
    ['isolate', []],
  ] as const)
    it(`tells the listeners of refused what becomes of a route that is taken or broken, under ${onInvalid}`, async () => {
      const route = (pattern: string, service = 'text') => ({
        routes: { a: { pattern, service } },
        services: { text: { text: 'a' } },
      })
      const shop = memoryProvider('shop', route('/a'))
      const other = memoryProvider('other')
      const logger = { debug() {}, info() {}, warn() {}, error() {} }
      const configuration = { providers: [shop, other], onInvalid, throttle: 0 }
      const server = new Server({ port: 0, address: '127.0.0.1', logger, configuration })
      const refused: string[] = []
      server.on('refused', ({ layer }) => refused.push(layer))
      await server.start()
      try {
        await other.set(route('/a'))
        await shop.set(route('/a', 'none'))
        expect(refused).to.deep.equal(layers)
      } finally {
        await server.stop()
      }
    })
})

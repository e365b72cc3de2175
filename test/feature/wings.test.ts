import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger } from './both-ways.ts'

// Nothing here imports tribind/admin, tribind/forward or tribind/providers.
describe('options that need a part of the package of its own', () => {
  const address = '127.0.0.1:0'

  it('load it at the start, however the program itself was loaded', async () => {
    const logger = collectingLogger()
    const server = new Server({
      address,
      logger,
      admin: { address, token: 'sixteen-or-more-characters' },
      chains: { direct: { hops: [{ nodes: [{ addr: '127.0.0.1:1' }] }] } },
      configuration: {
        providers: [
          {
            name: 'own',
            required: true,
            provide: async (sink) =>
              void (await sink.publish({ routes: { hello: { pattern: '/hello', service: { text: 'Hello' } } } })),
          },
        ],
      },
    })
    await server.start()
    try {
      expect(server.chain('direct').name).to.equal('direct')
      expect(server.configuration.status().providers.map(({ state }) => state)).to.deep.equal(['ok'])
      expect(await (await fetch(`http://127.0.0.1:${server.port}/hello`)).text()).to.equal('Hello')
    } finally {
      await server.stop()
    }
  })
})

import { expect } from 'chai'
import { type ConfigurationProvider, type ConfigurationSink, Server } from 'tribind'
import { memoryProvider } from 'tribind/providers'
import { quietLogger } from './quiet-server.ts'

const hello = (text: string) => ({ routes: { hello: { pattern: '/hello', service: { text } } } })

describe('memoryProvider', () => {
  const servers: Server[] = []

  function createServer(...providers: ConfigurationProvider[]): Server {
    const server = new Server({
      address: '127.0.0.1:0',
      logger: quietLogger,
      configuration: { providers, throttle: 0 },
    })
    servers.push(server)
    return server
  }

  async function get(server: Server, url = '/hello'): Promise<string> {
    const response = await server.inject({ url })
    return `${response.status} ${response.text()}`
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()))
  })

  it('serves what it is created with, what it is set to, and nothing once it has withdrawn', async () => {
    const shop = memoryProvider('shop', hello('one'))
    const server = createServer(shop)
    expect(await get(server), 'before the start').to.match(/^404/)
    await server.start()
    expect(await get(server)).to.equal('200 one')
    expect(await shop.set(hello('two'))).to.deep.equal({ applied: true, version: server.version })
    expect(await get(server)).to.equal('200 two')
    expect(await shop.withdraw()).to.deep.equal({ applied: true, version: server.version })
    expect(await get(server)).to.match(/^404/)
  })

  it('waits for the start with the verdicts, and takes the newest', async () => {
    const shop = memoryProvider('shop', hello('one'))
    const server = createServer(shop)
    const document = hello('two')
    const first = shop.set(document)
    document.routes.hello.service.text = 'changed'
    const second = shop.set(hello('three'))
    expect(await shop.set({}), 'told at once').to.have.property('applied', false)
    expect(await first).to.deep.equal({ applied: false, superseded: true })
    await server.start()
    expect(await second).to.deep.equal({ applied: true, version: server.version })
    expect(await get(server)).to.equal('200 three')
  })

  it('refuses what is invalid, and serves on', async () => {
    const shop = memoryProvider('shop', hello('one'))
    const server = createServer(shop)
    await server.start()
    const verdict = await shop.set({ routes: { hello: { pattern: '/hello', service: 'none' } } })
    expect(verdict).to.have.property('issues').that.is.an('array').with.lengthOf(1)
    expect(await get(server)).to.equal('200 one')
  })

  it('refuses at once what comes after the stop, and publishes it for another server', async () => {
    const shop = memoryProvider('shop', hello('one'))
    const first = createServer(shop)
    await first.start()
    await first.stop()
    expect(JSON.stringify(await shop.set(hello('two')))).to.include('"applied":false')
    const second = createServer(shop)
    await second.start()
    expect(await get(second)).to.equal('200 two')
  })

  it('serves one server at a time', async () => {
    const shop = memoryProvider('shop', hello('one'))
    const first = createServer(shop)
    await first.start()
    const second = createServer(shop)
    const error = await second.start().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG', failure: 'ERR_TRIBIND_PROVIDER_SHARED' })
    expect(await shop.set(hello('two'))).to.have.property('applied', true)
    expect(await get(first)).to.equal('200 two')
  })

  it('is the provider "api" where it has that name', async () => {
    const api = memoryProvider('api', hello('one'))
    const server = createServer(api, memoryProvider('shop'))
    await server.start()
    expect(server.configuration.status().providers.map(({ name }) => name)).to.deep.equal(['api', 'shop'])
    expect(await api.set(hello('two'))).to.have.property('applied', true)
  })

  it('may be another kind of provider, and is not shown where the options have none before it is used', async () => {
    const own = createServer({ name: 'api', provide: (sink: ConfigurationSink) => void sink.publish(hello('own')) })
    await own.start()
    expect(own.configuration.status().providers.map(({ name }) => name)).to.deep.equal(['api'])
    const other = createServer(memoryProvider('shop', hello('shop')))
    await other.start()
    expect(other.configuration.status().providers.map(({ name }) => name)).to.deep.equal(['shop'])
  })
})

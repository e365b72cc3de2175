import { expect } from 'chai'
import { type ConfigurationOptions, type ConfigurationProvider, type ConfigurationSink, Server } from 'tribind'
import { memoryProvider, type MemoryProvider } from 'tribind/providers'
import { quietLogger } from './quiet-server.ts'

const route = (path: string, text: string) => ({ routes: { one: { pattern: path, service: { text } } } })

describe('the dynamic configuration of a server', () => {
  let shop: MemoryProvider
  let books: MemoryProvider
  let server: Server

  async function start(options: Partial<ConfigurationOptions> = {}): Promise<void> {
    server = new Server({
      address: '127.0.0.1:0',
      logger: quietLogger,
      configuration: { providers: [shop, books], throttle: 0, ...options },
    })
    await server.start()
  }

  async function get(url: string): Promise<string> {
    const response = await server.inject({ url })
    return response.status === 200 ? response.text() : String(response.status)
  }

  beforeEach(() => {
    shop = memoryProvider('shop')
    books = memoryProvider('books')
  })

  afterEach(() => server.stop())

  it('has the routes of all providers', async () => {
    await start()
    await shop.set(route('/cart', 'cart'))
    await books.set(route('/books', 'books'))
    expect([await get('/cart'), await get('/books')]).to.deep.equal(['cart', 'books'])
    const { version, providers, routes } = server.configuration.status()
    expect(version).to.equal(server.version)
    expect(providers.map(({ name, state }) => `${name} ${state}`)).to.deep.equal(['shop ok', 'books ok'])
    expect(routes.map(({ name, provider }) => `${name}@${provider}`)).to.deep.equal(['one@shop', 'one@books'])
  })

  it('serves the last good one of a provider that claims a route of another, until that has gone', async () => {
    await start()
    await shop.set(route('/cart', 'of shop'))
    await books.set(route('/books', 'of books'))
    const verdict = await books.set(route('/cart', 'of books'))
    expect(verdict).to.have.property('applied', false)
    expect([await get('/cart'), await get('/books')]).to.deep.equal(['of shop', 'of books'])
    const before = server.version
    await shop.set(route('/shop', 'shop'))
    expect([await get('/cart'), await get('/books'), await get('/shop')]).to.deep.equal(['of books', '404', 'shop'])
    expect(server.version, 'by one switch').to.equal(before + 1)
    expect(server.configuration.history()[0]?.changed).to.deep.equal(['shop', 'books'])
  })

  it('throttles all providers but "api"', async () => {
    const api = memoryProvider('api')
    await start({ providers: [shop, api], throttle: '1h' })
    await shop.set(route('/', 'one'))
    void shop.set(route('/', 'two'))
    await api.set(route('/api', 'one'))
    await api.set(route('/api', 'two'))
    expect([await get('/'), await get('/api')]).to.deep.equal(['one', 'two'])
  })

  describe('where a provider withdraws what another one refers to', () => {
    beforeEach(() => {
      shop = memoryProvider('shop', { services: { cart: { text: 'cart' } } })
      books = memoryProvider('books', { routes: { one: { pattern: '/books', service: 'cart@shop' } } })
    })

    it('refuses that', async () => {
      await start()
      expect(await get('/books')).to.equal('cart')
      const verdict = await shop.withdraw()
      expect(verdict).to.have.property('applied', false)
      expect(JSON.stringify(verdict)).to.include('books')
      expect(await get('/books')).to.equal('cart')
    })

    it('answers 503 there under "isolate", and serves it again', async () => {
      await start({ onInvalid: 'isolate' })
      expect(await shop.withdraw()).to.deep.equal({ applied: true, version: server.version })
      expect(await get('/books')).to.equal('503')
      const { providers, routes } = server.configuration.status()
      expect(providers[1]?.issues[0]?.path).to.match(/^routes\.one/)
      expect(routes[0]).to.have.property('status', 'disabled')
      await shop.set({ services: { cart: { text: 'cart' } } })
      expect(await get('/books')).to.equal('cart')
      expect(server.configuration.status().providers[1]?.issues).to.deep.equal([])
    })
  })

  it('checks a configuration without a change', async () => {
    await start()
    await shop.set(route('/cart', 'cart'))
    const { version } = server
    const issues = await server.configuration.check(route('/cart', 'again'))
    expect(issues).to.have.length(1)
    expect(issues[0]?.path).to.match(/^routes\.one/)
    expect(await server.configuration.check(route('/cart', 'again'), 'shop')).to.deep.equal([])
    expect(server.version).to.equal(version)
    expect(await get('/cart')).to.equal('cart')
  })

  it('rolls back to an older version, and resumes', async () => {
    await start()
    const first = await shop.set(route('/', 'one'))
    await shop.set(route('/', 'two'))
    const { version } = await server.configuration.rollback((first as { version: number }).version)
    expect(version).to.equal(server.version)
    expect(await get('/')).to.equal('one')
    expect(await shop.set(route('/', 'three'))).to.have.property('applied', false)
    expect(await get('/')).to.equal('one')
    await server.configuration.resume()
    expect(await get('/')).to.equal('three')
  })

  it('does not bring back a version whose route another layer has by now', async () => {
    await start()
    const first = await shop.set(route('/cart', 'one'))
    await shop.set(route('/', 'two'))
    await server.layer('mine').replace((routes) => routes.bindHandler('/cart', () => 'mine'))
    const { version } = server
    const error = await server.configuration.rollback((first as { version: number }).version).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG', failure: 'ERR_TRIBIND_CONFIGURATION_ROLLBACK' })
    expect(error).to.have.property('message').that.includes('provider "shop", routes.one')
    expect([await get('/cart'), await get('/')]).to.deep.equal(['mine', 'two'])
    expect(server.version).to.equal(version)
    expect(server.configuration.status().pinned).to.equal(false)
    expect(await shop.set(route('/', 'three'))).to.have.property('applied', true)
  })

  it('applies what is published in a listener of "switched"', async () => {
    await start()
    const published: Promise<unknown>[] = []
    server.on('switched', ({ layer }) => {
      if (layer !== '@shop') return
      published.push(shop.set(route('/', 'nested')), books.set(route('/books', 'nested')))
    })
    await shop.set(route('/', 'first'))
    const [own, other] = await Promise.all(published)
    expect(own).to.have.property('applied', true)
    expect(other).to.have.property('applied', true)
    expect([await get('/'), await get('/books')]).to.deep.equal(['nested', 'nested'])
  })

  it('applies what is published inside of a handler and of the build of a layer', async () => {
    await start()
    let inBuild: Promise<unknown> | undefined
    await server.layer('code2').replace((routes) => {
      inBuild = books.set(route('/books', 'from a build'))
      routes.bindHandler('/publish', async () => JSON.stringify(await shop.set(route('/', 'from a handler'))))
    })
    expect(await inBuild).to.have.property('applied', true)
    expect(await get('/publish')).to.include('"applied":true')
    expect([await get('/'), await get('/books')]).to.deep.equal(['from a handler', 'from a build'])
  })

  it('starts when the required providers are served, and is 404 until then', async () => {
    let sink!: ConfigurationSink
    const slow: ConfigurationProvider = {
      name: 'slow',
      required: true,
      provide(given) {
        sink = given
      },
    }
    let isReady = false
    server = new Server({ address: '127.0.0.1:0', logger: quietLogger, configuration: { providers: [slow] } })
    const starting = server.start().then(() => (isReady = true))
    while (server.addresses.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect((await fetch(`http://${server.addresses[0]}/`)).status).to.equal(404)
    expect(isReady).to.equal(false)
    void sink.publish(route('/', 'there'))
    await starting
    expect(await (await fetch(`http://${server.addresses[0]}/`)).text()).to.equal('there')
  })

  it('does not start without a required provider, and leaves nothing open', async () => {
    const away: ConfigurationProvider = {
      name: 'away',
      required: true,
      provide: (sink) => sink.failed(new Error('no such store')),
    }
    await start().catch(() => {})
    await server.stop()
    server = new Server({
      address: '127.0.0.1:0',
      logger: quietLogger,
      configuration: { providers: [away], readyTimeout: 20 },
    })
    const error = await server.start().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.include({ failure: 'ERR_TRIBIND_CONFIGURATION_NOT_READY' })
    expect(error).to.have.property('message').that.includes('provider "away": no such store')
    expect(server.state).to.equal('stopped')
  })

  it('ends the start where the server is stopped meanwhile', async () => {
    const never: ConfigurationProvider = { name: 'never', required: true, provide: () => new Promise(() => {}) }
    server = new Server({ address: '127.0.0.1:0', logger: quietLogger, configuration: { providers: [never] } })
    const starting = server.start().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    while (server.addresses.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await server.stop()
    expect(await starting).to.include({ code: 'ERR_TRIBIND_STATE' })
  })
})

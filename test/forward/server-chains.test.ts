import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Server } from 'tribind'
import { ChainError, createChain, forward, tcpForward } from 'tribind/forward'
import { rejected } from '../feature/both-ways.ts'
import { converse, type EchoTarget, openEcho } from './echo-target.ts'
import { openProxy, type SmallProxy } from './small-proxy.ts'

describe('the chains and hops of a server', () => {
  let echo: EchoTarget
  let proxy: SmallProxy

  before(async () => {
    echo = await openEcho()
    proxy = await openProxy({ type: 'http' })
  })
  after(() => {
    echo.close()
    proxy.close()
  })

  const target = () => ({ host: '127.0.0.1', port: echo.port })
  const nodes = () => [{ name: 'node-0', addr: proxy.addr }]

  it('are there by their names, as options or as chains', async () => {
    const made = createChain({ hops: [{ nodes: nodes() }] })
    const server = new Server({ chains: { 'chain-0': { hops: [{ nodes: nodes() }] }, made } })
    expect(server.chain('chain-0').name).to.equal('chain-0')
    expect(server.chain('made')).to.equal(made)
    expect(await converse(await server.chain('chain-0').connect(target()))).to.equal('hello and back')
    await server.stop()
  })

  it('may have hops by their names, which they share', async () => {
    const server = new Server({
      hops: { 'hop-0': { nodes: nodes() } },
      chains: {
        a: { hops: ['hop-0'] },
        b: { hops: [{ name: 'hop-0' }] },
        c: createChain({ name: 'c', hops: ['hop-0'] }),
      },
    })
    for (const name of ['a', 'b', 'c'])
      expect(await converse(await server.chain(name).connect(target()))).to.equal('hello and back')
    const [hop] = server.chain('a').status().hops
    expect(hop?.name).to.equal('hop-0')
    expect(hop?.nodes[0]).to.include({ name: 'node-0', totalRequests: 3 })
    await server.stop()
  })

  it('serve handlers through the server of the request', async () => {
    const server = new Server({ chains: { out: { hops: [{ nodes: nodes() }] } } })
    server.bindHandler('/', async ({ server, response }) => {
      response.write(await converse(await server.chain('out').connect(target())))
    })
    expect((await server.inject('/')).text()).to.equal('hello and back')
    await server.stop()
  })

  it('answer 502 where a chain fails a request, and say nothing of it to the client', async () => {
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const server = new Server({ logger, chains: { out: { hops: [{ nodes: [{ addr: '127.0.0.1:1' }] }] } } })
    server.bindHandler(
      '/{name}',
      async ({ server, params }) => void (await server.chain(params['name'] as string).connect(target())),
    )
    for (const path of ['/out', '/nowhere']) {
      const answer = await server.inject(path)
      expect(answer.status).to.equal(502)
      expect(answer.text()).to.equal('Bad Gateway')
    }
    await server.stop()
  })

  it('are closed when the server stops', async () => {
    const server = new Server({ port: 0, chains: { out: { hops: [{ nodes: nodes() }] } } })
    await server.start()
    const chain = server.chain('out')
    await server.stop()
    expect(await rejected(chain.connect(target()))).to.include({ failure: 'ERR_TRIBIND_CHAIN_CLOSED' })
  })

  describe('a name that stands for nothing', () => {
    it('is a ChainError for server.chain', () => {
      expect(() => new Server().chain('out'))
        .to.throw(ChainError, 'the chain "out" stands for nothing: the option "chains" has none')
        .with.property('code', 'ERR_TRIBIND_CHAIN')
      const server = new Server({ chains: { outer: { hops: [{ nodes: nodes() }] } } })
      expect(() => server.chain('outre')).to.throw('the chain "outre" stands for nothing, did you mean "outer"?')
    })

    it('is a ChainError when the server starts', async () => {
      for (const hop of ['hop-1', { name: 'hop-1' }]) {
        const server = new Server({ port: 0, hops: { 'hop-0': { nodes: nodes() } }, chains: { out: { hops: [hop] } } })
        const error = await rejected(server.start())
        expect(error).to.be.instanceOf(ChainError)
        expect(error.message).to.contain('chain "out": the hop "hop-1" stands for nothing')
        expect(error).to.include({ hop: 'hop-1', failure: 'ERR_TRIBIND_CHAIN_UNKNOWN' })
        expect(server.state).to.equal('stopped')
      }
    })

    it('is a ChainError when what needs it comes to serve, and nothing changes', async () => {
      const logger = { debug() {}, info() {}, warn() {}, error() {} }
      const server = new Server({ logger, entryPoints: { web: '127.0.0.1:0', gate: '127.0.0.1:0' } })
      server.get('/', () => 'as before')
      await server.start()
      const handlers = [
        forward({ nodes: ['http://a'], chain: 'nowhere' }),
        tcpForward({ nodes: 'a:1', chain: 'nowhere' }),
      ]
      const { version } = server
      for (const dryRun of [false, true]) {
        const replaced = server
          .layer('api')
          .replace((routes) => routes.bindHandler('/api', handlers[0] as never), { dryRun })
        expect(await rejected(replaced)).to.include({ failure: 'ERR_TRIBIND_CHAIN_UNKNOWN' })
      }
      for (const handler of handlers) {
        const options = { address: '127.0.0.1:0', handler }
        for (const opening of [server.openEntryPoint('more', options), server.replaceEntryPoint('gate', options)])
          expect(await rejected(opening)).to.include({ failure: 'ERR_TRIBIND_CHAIN_UNKNOWN' })
      }
      expect(server.version).to.equal(version)
      expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['web', 'gate'])
      // What couldn't be opened isn't switched either.
      await server.layer('api').replace((routes) => routes.get('/new', () => 'new'))
      const ask = async (path: string) =>
        (await fetch(`http://${server.entryPoint('gate').addresses[0]}${path}`)).text()
      expect([await ask('/'), await ask('/new')]).to.deep.equal(['as before', 'new'])
      await server.stop()
    })

    it('is a ChainError when a server starts whose entry point needs it', async () => {
      const handler = forward({ nodes: ['http://a'], chain: 'nowhere' })
      const server = new Server({ entryPoints: { web: '127.0.0.1:0', gate: { address: '127.0.0.1:0', handler } } })
      expect(await rejected(server.start())).to.include({ failure: 'ERR_TRIBIND_CHAIN_UNKNOWN' })
      expect(server.state).to.equal('stopped')
    })

    it('is a ChainError for a connection before, and for a chain without a server', async () => {
      const server = new Server({ chains: { out: { hops: ['hop-1'] } } })
      expect(await rejected(server.chain('out').connect(target()))).to.be.instanceOf(ChainError)
      expect(await rejected(createChain({ hops: ['hop-1'] }).connect(target()))).to.be.instanceOf(ChainError)
    })
  })

  it('name the option at fault', () => {
    const wrong: [object, string][] = [
      [{ chains: { out: { hops: [] } } }, 'option "chains.out.hops" must have one hop at least'],
      [
        { chains: { out: { hops: [{ nodes: [{ addr: 'x' }] }] } } },
        'option "chains.out.hops[0].nodes[0].addr" must be host:port',
      ],
      [
        { hops: { 'hop-0': { nodes: [{ addr: ':1', interface: '' }] } } },
        'option "hops.hop-0.nodes[0].interface" must be',
      ],
      [{ hops: { 'hop-0': { name: 'other', nodes: [] } } }, 'option "hops.hop-0.name" must be "hop-0"'],
      [{ chains: { out: 'hop-0' } }, 'option "chains.out" must be an object of options, got "hop-0"'],
      [{ chains: [] }, 'option "chains" must be an object of chains by name'],
    ]
    for (const [options, message] of wrong)
      expect(() => new Server(options))
        .to.throw(message)
        .with.property('code', 'ERR_TRIBIND_CONFIG')
  })

  it('load what they need where the application imports nothing but the server', () => {
    const program = `
      import { Server } from 'tribind'
      const server = new Server({ port: 0, logger: { debug() {}, info() {}, warn() {}, error() {} }, chains: { out: { hops: ['hop-0'] } },
        hops: { 'hop-0': { nodes: [{ addr: ':1' }] } } })
      server.bindHandler('/', ({ server, response }) => { response.write(server.chain('out').name) })
      let early
      try { server.chain('out') } catch (error) { early = error.code }
      console.log(early, (await server.inject('/')).text())
      await server.start()
      const { createChain } = await import('tribind/forward')
      console.log(server.chain('out') instanceof createChain({ hops: ['x'] }).constructor)
      await server.stop()
    `
    const root = fileURLToPath(new URL('../../', import.meta.url))
    const words = ['--import=tsx', '--conditions=source', '--input-type=module', '-e', program]
    const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
    expect(stdout + stderr).to.equal('ERR_TRIBIND_CONFIG out\ntrue\n')
  })
})

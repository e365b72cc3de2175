import { expect } from 'chai'
import { Server } from 'tribind'
import { ChainError, createChain, forward, httpProxy, socks5Proxy, tcpForward } from 'tribind/forward'
import { collectingLogger, type Options, rejected } from '../feature/both-ways.ts'
import { converse, type EchoTarget, openEcho } from './echo-target.ts'
import { openProxy, type SmallProxy } from './small-proxy.ts'
import { type AddressTeller, tellAddress } from './tell-address.ts'

describe('the handlers that use chains', () => {
  let teller: AddressTeller
  let echo: EchoTarget
  let proxy: SmallProxy

  before(async () => {
    teller = await tellAddress()
    echo = await openEcho()
    proxy = await openProxy({ type: 'socks5' })
  })
  after(() => {
    teller.close()
    echo.close()
    proxy.close()
  })

  const logger = collectingLogger()
  const hops = () => ({ 'hop-0': { nodes: [{ addr: proxy.addr, connector: { type: 'socks5' } as const }] } })
  const virtual = (from: string) => ({
    hops: [{ nodes: [{ interface: from, connector: { type: 'virtual' } as const }] }],
  })

  it('forward goes through a chain, by its name', async () => {
    const server = new Server({ logger, hops: hops(), chains: { out: { hops: ['hop-0'] } } })
    server.bindHandler('/', forward({ nodes: [`http://127.0.0.1:${teller.port}`], chain: 'out' }))
    const before = proxy.asked.length
    expect((await server.inject('/')).text()).to.match(/^127\.0\.0\.1 /)
    expect(proxy.asked.slice(before).map(({ target }) => target)).to.deep.equal([`127.0.0.1:${teller.port}`])
    await server.stop()
  })

  it('forward goes through a chain that it is given', async () => {
    const chain = createChain(virtual('127.0.0.4'))
    const server = new Server({ logger })
    server.bindHandler('/', forward({ nodes: [`http://127.0.0.1:${teller.port}`], chain }))
    expect((await server.inject('/')).text()).to.match(/^127\.0\.0\.4 /)
    await server.stop()
    await chain.close()
  })

  it('forward answers 502 where no node of the chain is usable, and connects to nothing directly', async () => {
    const chain = createChain({ hops: [{ nodes: [{ addr: '127.0.0.1:1' }] }] })
    const server = new Server({ logger })
    server.bindHandler('/', forward({ nodes: [`http://127.0.0.1:${teller.port}`], chain }))
    expect((await server.inject('/')).status).to.equal(502)
    await server.stop()
    await chain.close()
  })

  const raw = {
    httpProxy: { handler: httpProxy({ chain: 'out' }), connector: 'http' },
    socks5Proxy: { handler: socks5Proxy({ chain: 'out' }), connector: 'socks5' },
  } as const
  for (const [name, { handler, connector }] of Object.entries(raw))
    it(`${name} goes through a chain, by its name`, async () => {
      const server = new Server({
        logger,
        entryPoints: { proxy: { address: '127.0.0.1:0', handler } },
        hops: hops(),
        chains: { out: { hops: ['hop-0'] } },
      })
      await server.start()
      const addr = server.entryPoint('proxy').addresses[0] as string
      const client = createChain({ hops: [{ nodes: [{ addr, connector: { type: connector } }] }] })
      const before = proxy.asked.length
      expect(await converse(await client.connect({ host: '127.0.0.1', port: echo.port }))).to.equal('hello and back')
      expect(proxy.asked.length).to.equal(before + 1)
      await client.close()
      await server.stop()
    })

  it('`auto` is the address at which the client of an entry point came in', async () => {
    for (const [address, seen] of [
      ['127.0.0.1:0', '127.0.0.1'],
      ['127.0.0.8:0', '127.0.0.8'],
    ] as const) {
      const server = new Server({ logger, address, chains: { out: virtual('auto') } })
      server.bindHandler('/', forward({ nodes: [`http://127.0.0.1:${teller.port}`], chain: 'out' }))
      await server.start()
      const answer = await fetch(`http://${server.addresses[0]}/`)
      expect(await answer.text()).to.contain(`${seen} `)
      await server.stop()
    }
  })

  describe('a name that stands for nothing is a ChainError when the server starts', () => {
    const users: [string, Options][] = [
      ['httpProxy', { entryPoints: { a: { address: '127.0.0.1:0', handler: httpProxy({ chain: 'nowhere' }) } } }],
      [
        'tcpForward',
        { entryPoints: { a: { address: '127.0.0.1:0', handler: tcpForward({ nodes: [':1'], chain: 'nowhere' }) } } },
      ],
    ]
    for (const [name, options] of users)
      it(`of ${name}`, async () => {
        const server = new Server({ logger, ...options })
        const error = await rejected(server.start())
        expect(error).to.be.instanceOf(ChainError)
        expect(error.message).to.contain('the chain "nowhere" stands for nothing')
      })

    it('of forward, and 502 for requests before', async () => {
      const server = new Server({ logger, port: 0 })
      server.bindHandler('/', forward({ nodes: ['http://127.0.0.1:1'], chain: 'nowhere' }))
      expect((await server.inject('/')).status).to.equal(502)
      expect(await rejected(server.start())).to.be.instanceOf(ChainError)
    })
  })
})

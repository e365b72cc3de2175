import { expect } from 'chai'
import { fetch } from 'undici'
import { type ChainNodeOptions, type ChainOptions, createChain, type HopOptions } from 'tribind/forward'
import { rejected, turns } from '../feature/both-ways.ts'
import { type EchoTarget, openEcho } from './echo-target.ts'
import { openProxy, type SmallProxy } from './small-proxy.ts'
import { type AddressTeller, askThrough, tellAddress } from './tell-address.ts'

const virtual = (address: string, more: ChainNodeOptions = {}): ChainNodeOptions => ({
  addr: ':0',
  interface: address,
  connector: { type: 'virtual' },
  dialer: { type: 'virtual' },
  ...more,
})

describe('the selection of nodes in a chain', () => {
  let echo: EchoTarget

  before(async () => (echo = await openEcho()))
  after(() => echo.close())

  /** The last digits of the addresses from which so many connections came, one after the other. */
  async function leave(hop: HopOptions, count: number, clients: readonly string[] = ['']): Promise<string> {
    const chain = createChain({ hops: [hop] })
    let seen = ''
    for (let i = 0; i < count; i++) {
      const clientAddress = clients[i % clients.length] as string
      const socket = await chain.connect({ host: '127.0.0.1', port: echo.port }, { clientAddress })
      seen += socket.localAddress?.at(-1)
      socket.destroy()
    }
    return seen
  }

  const three = [virtual('127.0.0.2'), virtual('127.0.0.3'), virtual('127.0.0.4')]

  it('takes turns', async () => {
    expect(await leave({ nodes: three }, 6)).to.equal('234234')
    expect(await leave({ nodes: three, selector: { strategy: 'round' } }, 4)).to.equal('2342')
  })

  it('takes turns by weight', async () => {
    const nodes = [virtual('127.0.0.2', { weight: 3 }), virtual('127.0.0.3')]
    expect(await leave({ nodes }, 8)).to.equal('22322232')
  })

  it('takes the first that is up', async () => {
    expect(await leave({ nodes: three, selector: { strategy: 'fifo' } }, 3)).to.equal('222')
    const nodes = [virtual('192.0.2.77'), ...three]
    expect(await leave({ nodes, selector: { strategy: 'fifo' } }, 3)).to.equal('222')
  })

  it('takes any', async () => {
    expect(new Set(await leave({ nodes: three, selector: { strategy: 'rand' } }, 60))).to.have.length(3)
  })

  it('takes the same for the same client', async () => {
    const clients = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']
    const seen = await leave({ nodes: three, selector: { strategy: 'hash' } }, 12, clients)
    expect(seen.slice(0, 6)).to.equal(seen.slice(6))
    expect(new Set(seen).size).to.be.greaterThan(1)
  })

  it('takes the same for the same host of the target', async () => {
    const seen = await leave({ nodes: three, selector: { strategy: 'hash', key: 'host' } }, 6, ['10.0.0.1', '10.0.0.2'])
    expect(new Set(seen)).to.have.length(1)
  })

  it('takes the one with the fewest connections', async () => {
    const chain = createChain({ hops: [{ nodes: three.slice(0, 2), selector: { strategy: 'least' } }] })
    const connect = () => chain.connect({ host: '127.0.0.1', port: echo.port })
    const [first, second] = [await connect(), await connect()]
    expect([first.localAddress, second.localAddress]).to.deep.equal(['127.0.0.2', '127.0.0.3'])
    second.destroy()
    await new Promise((resolve) => second.once('close', resolve))
    for (let i = 0; i < 3; i++) {
      const socket = await connect()
      expect(socket.localAddress).to.equal('127.0.0.3')
      socket.destroy()
      await new Promise((resolve) => socket.once('close', resolve))
    }
    first.destroy()
  })

  it('takes a backup only where no other is left', async () => {
    const backup = virtual('127.0.0.9', { backup: true })
    expect(await leave({ nodes: [backup, ...three.slice(0, 1)] }, 3)).to.equal('222')
    expect(await leave({ nodes: [backup, virtual('192.0.2.77')] }, 3)).to.equal('999')
  })

  it('tries a node again after its failTimeout, and leaves it out before', async () => {
    const dead = await openProxy({ type: 'http', greet: 'close' })
    for (const [failTimeout, tried] of [
      ['10s', 1],
      [0, 3],
    ] as const) {
      const selector = { strategy: 'fifo', failTimeout } as const
      const chain = createChain({ hops: [{ selector, nodes: [{ addr: dead.addr }, virtual('127.0.0.2')] }] })
      for (let i = 0; i < 3; i++) (await chain.connect({ host: '127.0.0.1', port: echo.port })).destroy()
      expect(chain.status().hops[0]?.nodes[0]?.totalRequests).to.equal(tried)
    }
    dead.close()
  })

  it("fails a node after as many failures as its maxFails, else the selector's", async () => {
    const dead = [virtual('192.0.2.77'), virtual('192.0.2.78', { maxFails: 2 }), virtual('192.0.2.79', { maxFails: 0 })]
    const chain = createChain({ hops: [{ selector: { maxFails: 3 }, retries: 2, nodes: dead }] })
    const states: string[] = []
    for (let i = 0; i < 3; i++) {
      await rejected(chain.connect({ host: '127.0.0.1', port: echo.port }))
      states.push(String(chain.status().hops[0]?.nodes.map(({ state }) => state)))
    }
    expect(states).to.deep.equal(['up,up,up', 'up,failed,up', 'failed,failed,up'])
  })
})

describe('the agent and dispatcher of a chain', () => {
  let teller: AddressTeller
  let proxy: SmallProxy

  before(async () => {
    teller = await tellAddress()
    proxy = await openProxy({ type: 'socks5' })
  })
  after(() => {
    teller.close()
    proxy.close()
  })

  const options: ChainOptions = { hops: [{ nodes: [virtual('127.0.0.2'), virtual('127.0.0.3')] }] }

  it('choose a node for each request', async () => {
    const chain = createChain(options)
    const [agent, dispatcher] = [chain.agent(), chain.dispatcher()]
    const seen: string[] = []
    for (let i = 0; i < 2; i++) seen.push(await askThrough(agent, teller.port))
    for (let i = 0; i < 2; i++) {
      seen.push(await (await fetch(`http://127.0.0.1:${teller.port}/`, { dispatcher })).text())
      await turns()
    }
    expect(seen.map((address) => address.split(' ')[0]?.at(-1))).to.deep.equal(['2', '3', '2', '3'])
    await chain.close()
  })

  it('go through proxies', async () => {
    const chain = createChain({ hops: [{ nodes: [{ addr: proxy.addr, connector: { type: 'socks5' } }] }] })
    await askThrough(chain.agent(), teller.port)
    await (await fetch(`http://127.0.0.1:${teller.port}/`, { dispatcher: chain.dispatcher() })).text()
    expect(proxy.asked).to.have.length(2)
    await chain.close()
  })

  it('keep connections where asked for', async () => {
    const chain = createChain(options)
    const agent = chain.agent({ keepAlive: true })
    expect(await askThrough(agent, teller.port)).to.equal(await askThrough(agent, teller.port))
    await chain.close()
  })

  it('fail with the ChainError, and are closed with the chain', async () => {
    const chain = createChain({ hops: [{ nodes: [{ addr: '127.0.0.1:1' }] }] })
    const [agent, dispatcher] = [chain.agent(), chain.dispatcher()]
    expect(await rejected(askThrough(agent, teller.port))).to.have.property('code', 'ERR_TRIBIND_CHAIN')
    const error = await rejected(fetch(`http://127.0.0.1:${teller.port}/`, { dispatcher }))
    expect(error.cause).to.have.property('code', 'ERR_TRIBIND_CHAIN')
    await chain.close()
    expect(await rejected(askThrough(agent, teller.port))).to.have.property('failure', 'ERR_TRIBIND_CHAIN_CLOSED')
  })
})

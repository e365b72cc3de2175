import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type Chain, type ChainNodeOptions, createChain, type HopOptions } from 'tribind/forward'
import { rejected, until } from '../feature/both-ways.ts'
import { ChainWorld, nodesOf, oneHop, statesOf } from './chain-world.ts'
import { converse } from './echo-target.ts'

describe('the failures of a chain', () => {
  const world = new ChainWorld()
  const connect = (chain: Chain, options = {}) => world.connect(chain, options)
  const failure = (chain: Chain, options = {}) => world.failure(chain, options)
  const granted = Buffer.from('HTTP/1.1 200 OK\r\n\r\n')

  it('a node that can not be connected to has failed, and the next serves', async () => {
    const good = await world.proxy({ type: 'http' })
    const chain = oneHop({ addr: `:${world.closedPort}` }, { addr: good.addr })
    for (let i = 0; i < 2; i++) expect(await converse(await connect(chain))).to.equal('hello and back')
    expect(nodesOf(chain).map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 2])
    expect(nodesOf(chain)[0]).to.include({ state: 'failed', fails: 1 })
    expect(nodesOf(chain)[0]?.lastError).to.contain('ECONNREFUSED')
  })

  it('a proxy that says nothing has its share of the time, and the next serves', async () => {
    const bad = await world.proxy({ type: 'http', instead: 'silence' })
    const good = await world.proxy({ type: 'http' })
    const chain = oneHop({ addr: bad.addr }, { addr: good.addr })
    expect(await converse(await connect(chain, { timeout: 1000 }))).to.equal('hello and back')
    expect(statesOf(chain)).to.deep.equal(['failed 1', 'up 0'])
  })

  it('TLS whose certificate is not trusted is a failure', async () => {
    const { addr } = await world.proxy({ type: 'http', tls: true })
    const chain = oneHop({ addr, dialer: { type: 'tls' } })
    expect((await failure(chain)).message).to.contain('self-signed certificate')
    const lax = oneHop({ addr, dialer: { type: 'tls', rejectUnauthorized: false } })
    expect(await converse(await connect(lax))).to.equal('hello and back')
  })

  it("a proxy that refuses to connect to the next hop's node is the failure of that node", async () => {
    const first = await world.proxy({ type: 'http' })
    const second = await world.proxy({ type: 'socks5' })
    const connector = { type: 'socks5' } as const
    const chain = createChain({
      hops: [
        { nodes: [{ addr: first.addr }] },
        {
          selector: { strategy: 'fifo' },
          nodes: [
            { addr: `:${world.closedPort}`, connector },
            { addr: second.addr, connector },
          ],
        },
      ],
    })
    expect(await converse(await connect(chain))).to.equal('hello and back')
    expect([statesOf(chain, 0), statesOf(chain, 1)]).to.deep.equal([['up 0'], ['failed 1', 'up 0']])
    expect(nodesOf(chain, 1)[0]?.lastError).to.contain('502')
  })

  it('a virtual node fails when no connection can be made from its interface', async () => {
    const virtual = (from: string): ChainNodeOptions => ({
      addr: ':0',
      connector: { type: 'virtual' },
      interface: from,
    })
    const chain = oneHop(virtual('192.0.2.77'), virtual('nowhere0'), virtual('127.0.0.3'))
    const socket = await connect(chain)
    expect(socket.localAddress).to.equal('127.0.0.3')
    socket.destroy()
    expect(statesOf(chain)).to.deep.equal(['failed 1', 'failed 1', 'up 0'])
    expect(nodesOf(chain).map(({ egress }) => egress)).to.deep.equal(['192.0.2.77', 'nowhere0', '127.0.0.3'])
  })

  describe('without a usable node', () => {
    it('it is a ChainError that names hop and nodes, and nothing is connected directly', async () => {
      const before = world.echo.from.length
      const chain = createChain({
        name: 'out',
        hops: [
          {
            name: 'exits',
            nodes: [
              { name: 'a', addr: `:${world.closedPort}` },
              { name: 'b', addr: '127.0.0.1:1' },
            ],
          },
        ],
      })
      const error = await failure(chain)
      expect(error.message).to.match(
        /^chain "out": no node of hop "exits" is usable: a \(:\d+\): .*ECONNREFUSED.*; b \(127\.0\.0\.1:1\): .*ECONNREFUSED/,
      )
      expect(error).to.deep.include({ failure: 'ERR_TRIBIND_CHAIN_HOP', hop: 'exits', nodes: ['a', 'b'] })
      expect(world.echo.from.length).to.equal(before)
    })

    it('it is one for a hop that has none', async () => {
      expect((await failure(oneHop())).message).to.contain('no node of hop "hop-0" is usable: it has none')
    })

    it('it is one of the hop that is at fault, and no other', async () => {
      const second = await world.proxy({ type: 'http' })
      const chain = createChain({
        hops: [
          { name: 'a', nodes: [{ addr: `:${world.closedPort}` }] },
          { name: 'b', nodes: [{ addr: second.addr }] },
        ],
      })
      expect((await failure(chain)).hop).to.equal('a')
      expect(statesOf(chain, 1)).to.deep.equal(['up 0'])
    })

    it('the one that failed first is tried', async () => {
      const chain = oneHop({ addr: `:${world.closedPort}` }, { addr: '127.0.0.1:1' })
      await failure(chain)
      await failure(chain)
      expect(nodesOf(chain).map(({ totalRequests }) => totalRequests)).to.deep.equal([2, 2])
    })
  })

  describe('retries', () => {
    const twoBad = (hop: Partial<HopOptions>) =>
      createChain({
        hops: [
          {
            selector: { strategy: 'fifo' },
            nodes: [{ addr: `:${world.closedPort}` }, { addr: '127.0.0.1:1' }],
            ...hop,
          },
        ],
      })

    it('are as many as there are further nodes', async () => {
      const chain = twoBad({})
      await failure(chain)
      expect(nodesOf(chain).map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 1])
    })

    it('are as many as are set, and no node is tried twice', async () => {
      const none = twoBad({ retries: 0 })
      const error = await failure(none)
      expect(nodesOf(none).map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 0])
      expect(error.message).to.contain('node-1 (127.0.0.1:1): not tried')
      const many = twoBad({ retries: 9 })
      await failure(many)
      expect(nodesOf(many).map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 1])
    })
  })

  describe('in time', () => {
    it('a connection that takes longer than its timeout is a ChainError with status 504', async () => {
      const { addr } = await world.proxy({ type: 'http', instead: 'silence' })
      const error = await failure(oneHop({ addr }), { timeout: 100 })
      expect(error).to.include({ status: 504, hop: 'hop-0' })
      expect(error.message).to.contain('it took longer than')
    })

    it("a signal gives it up with its reason, which is nobody's failure", async () => {
      const { addr, asked } = await world.proxy({ type: 'http', instead: 'silence' })
      const chain = oneHop({ addr }, { addr: '127.0.0.1:1' })
      const leaving = new AbortController()
      const connecting = rejected(connect(chain, { signal: leaving.signal }))
      await until(() => asked.length === 1, 'the proxy was asked')
      leaving.abort(new Error('left'))
      expect((await connecting).message).to.equal('left')
      expect(statesOf(chain)).to.deep.equal(['up 0', 'up 0'])
      expect(nodesOf(chain)[0]).to.include({ activeRequests: 0 })
      expect((await rejected(connect(chain, { signal: leaving.signal }))).message).to.equal('left')
    })

    it('its close gives up what is being connected', async () => {
      const { addr, asked } = await world.proxy({ type: 'http', instead: 'silence' })
      const chain = oneHop({ addr })
      const connecting = failure(chain)
      await until(() => asked.length === 1, 'the proxy was asked')
      await chain.close()
      expect((await connecting).failure).to.equal('ERR_TRIBIND_CHAIN_CLOSED')
    })
  })

  it('no message contains credentials', async () => {
    const { addr } = await world.proxy({ type: 'http', credentials: 'ann:other' })
    const chain = oneHop({ addr, connector: { type: 'http', auth: { username: 'ann', password: 's3cret' } } })
    const error = await failure(chain)
    const shown = JSON.stringify([error.message, error.stack, String(error.cause), chain.status()])
    expect(shown).to.not.contain('s3cret').and.not.contain(Buffer.from('ann:s3cret').toString('base64'))
  })

  it('what comes in one piece with the answer of the proxy is not lost', async () => {
    for (const [type, answer] of [
      ['http', granted],
      ['http', Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'), granted])],
      ['socks4', Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0])],
    ] as const) {
      const { addr } = await world.proxy({ type, instead: Buffer.concat([answer, Buffer.from('at once')]) })
      for (const way of ['data', 'readable', 'iterator'] as const) {
        const socket = await connect(oneHop({ addr, connector: { type } }))
        expect(await firstOf(socket, way)).to.equal('at once')
        socket.destroy()
      }
    }
  })

  it('half-closed ways are kept where asked for', async () => {
    const { addr } = await world.proxy({ type: 'socks5' })
    const chain = oneHop({ addr, connector: { type: 'socks5' } })
    const socket = await connect(chain, { allowHalfOpen: true })
    let received = ''
    const ended = new Promise<void>((resolve) => socket.once('end', resolve))
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
    socket.end('last words')
    await ended
    expect(received).to.equal('hello last words')
    socket.destroy()
  })

  it('counts the connections that are open', async () => {
    const { addr } = await world.proxy({ type: 'http' })
    const chain = oneHop({ addr })
    const sockets = await Promise.all([connect(chain), connect(chain)])
    expect(nodesOf(chain)[0]).to.include({ activeRequests: 2, totalRequests: 2 })
    for (const socket of sockets) socket.destroy()
    await until(() => nodesOf(chain)[0]?.activeRequests === 0, 'both are closed')
  })
})

/** What comes first, read in one of the ways in which streams are read. */
async function firstOf(socket: Socket, way: 'data' | 'readable' | 'iterator'): Promise<string> {
  if (way === 'data') return new Promise((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString())))
  if (way === 'readable')
    return new Promise((resolve) => {
      socket.on('readable', () => {
        const chunk = socket.read() as Buffer | null
        if (chunk !== null) resolve(chunk.toString())
      })
    })
  for await (const chunk of socket as AsyncIterable<Buffer>) return chunk.toString()
  throw new Error('nothing came')
}

import { expect } from 'chai'
import { type ChainNodeOptions, type ChainOptions, createChain } from 'tribind/forward'
import { converse, type EchoTarget, openEcho } from './echo-target.ts'
import { openProxy, type ProxySettings, type SmallProxy } from './small-proxy.ts'
import { cert } from '../feature/key-pair.ts'

describe('the connectors and dialers of a chain', () => {
  let echo: EchoTarget
  const proxies: SmallProxy[] = []

  before(async () => (echo = await openEcho()))
  after(() => {
    echo.close()
    for (const proxy of proxies) proxy.close()
  })

  async function proxy(settings: ProxySettings): Promise<SmallProxy> {
    const opened = await openProxy(settings)
    proxies.push(opened)
    return opened
  }

  const hop = (...nodes: ChainNodeOptions[]) => ({ nodes })
  const through = async (options: ChainOptions, host = '127.0.0.1', port = echo.port) =>
    converse(await createChain(options).connect({ host, port }))

  for (const type of ['http', 'socks5', 'socks4'] as const) {
    const credentials = type === 'socks4' ? 'ann' : 'ann:s3cret'
    const auth = type === 'socks4' ? { username: 'ann' } : { username: 'ann', password: 's3cret' }

    describe(type, () => {
      it('connects to an address', async () => {
        const { addr, asked } = await proxy({ type })
        expect(await through({ hops: [hop({ addr, connector: { type } })] })).to.equal('hello and back')
        expect(asked).to.deep.equal([{ target: `127.0.0.1:${echo.port}`, from: '127.0.0.1', credentials: undefined }])
      })

      it('lets the proxy resolve names', async () => {
        const { addr, asked } = await proxy({ type, names: { 'only.the.proxy': '127.0.0.1' } })
        expect(await through({ hops: [hop({ addr, connector: { type } })] }, 'only.the.proxy')).to.equal(
          'hello and back',
        )
        expect(asked[0]?.target).to.equal(`only.the.proxy:${echo.port}`)
      })

      it('sends credentials', async () => {
        const { addr, asked } = await proxy({ type, credentials })
        expect(await through({ hops: [hop({ addr, connector: { type, auth } })] })).to.equal('hello and back')
        expect(asked[0]?.credentials).to.equal(credentials)
      })

      it('speaks with a proxy over TLS', async () => {
        const { addr, asked } = await proxy({ type, tls: true })
        const node = { addr, connector: { type }, dialer: { type: 'tls' as const, ca: cert, serverName: 'localhost' } }
        expect(await through({ hops: [hop(node)] })).to.equal('hello and back')
        expect(asked).to.have.length(1)
      })

      it('goes through two proxies, the second over TLS within the first', async () => {
        const first = await proxy({ type })
        const second = await proxy({ type, tls: true })
        const dialer = { type: 'tls' as const, ca: cert }
        const answer = await through({
          hops: [
            hop({ addr: first.addr, connector: { type } }),
            hop({ addr: second.addr, connector: { type }, dialer }),
          ],
        })
        expect(answer).to.equal('hello and back')
        expect(first.asked[0]?.target).to.equal(second.addr)
        expect(second.asked[0]?.target).to.equal(`127.0.0.1:${echo.port}`)
      })
    })
  }

  it('writes names as DNS has them', async () => {
    const { addr, asked } = await proxy({ type: 'http', names: { 'xn--bcher-kva.example': '127.0.0.1' } })
    expect(await through({ hops: [hop({ addr })] }, 'bücher.example')).to.equal('hello and back')
    expect(asked[0]?.target).to.equal(`xn--bcher-kva.example:${echo.port}`)
  })

  it('reaches an IPv6 address through http and socks5', async () => {
    const six = await openEcho('::1')
    for (const type of ['http', 'socks5'] as const) {
      const { addr, asked } = await proxy({ type })
      expect(await through({ hops: [hop({ addr, connector: { type } })] }, '::1', six.port)).to.equal('hello and back')
      expect(asked[0]?.target).to.match(type === 'http' ? /^\[::1\]:/ : /^\[0:0:0:0:0:0:0:1\]:/)
    }
    six.close()
  })

  it('sends to a tcp node what is for the target', async () => {
    const other = await openEcho('127.0.0.1', 'other ')
    const node = { addr: `:${other.port}`, connector: { type: 'tcp' as const } }
    expect(await through({ hops: [hop(node)] })).to.equal('other and back')
    other.close()
  })

  it('goes straight to the target by a virtual node, whose address is not looked at', async () => {
    for (const node of [
      { addr: ':0', connector: { type: 'virtual' as const }, dialer: { type: 'virtual' as const } },
      { connector: { type: 'virtual' as const } },
      { dialer: { type: 'virtual' as const } },
    ])
      expect(await through({ hops: [hop({ ...node, interface: '127.0.0.5' })] })).to.equal('hello and back')
    expect(echo.from.slice(-3)).to.deep.equal(['127.0.0.5', '127.0.0.5', '127.0.0.5'])
  })

  it('leaves by the interface of the node, else of the hop, at the first hop alone', async () => {
    const first = await proxy({ type: 'http' })
    const second = await proxy({ type: 'http' })
    const nodes = { first: { addr: first.addr }, second: { addr: second.addr, interface: '127.0.0.9' } }
    await through({ hops: [{ interface: '127.0.0.2', nodes: [nodes.first] }, hop(nodes.second)] })
    await through({
      hops: [{ interface: '127.0.0.2', nodes: [{ ...nodes.first, interface: '127.0.0.3' }] }, hop(nodes.second)],
    })
    expect(first.asked.map(({ from }) => from)).to.deep.equal(['127.0.0.2', '127.0.0.3'])
    expect(second.asked.map(({ from }) => from)).to.deep.equal(['127.0.0.1', '127.0.0.1'])
  })

  it('goes by the address at which the client came in with `auto`', async () => {
    const { addr, asked } = await proxy({ type: 'http' })
    const chain = createChain({ hops: [{ interface: 'auto', nodes: [{ addr }] }] })
    for (const options of [{ localAddress: '127.0.0.6' }, { clientAddress: '127.0.0.7' }])
      await converse(await chain.connect({ host: '127.0.0.1', port: echo.port }, options))
    expect(asked.map(({ from }) => from)).to.deep.equal(['127.0.0.6', '127.0.0.7'])
  })
})

import { expect } from 'chai'
import { type ChainOptions, createChain } from 'tribind/forward'
import { rejected } from '../feature/both-ways.ts'

const node = (options: object) => ({ hops: [{ nodes: [options] }] })
const connector = (options: object) => node({ addr: ':1', connector: options })
const at = 'hops[0].nodes[0]'

describe('the options of a chain', () => {
  it('are those of the contract', () => {
    const chain = createChain({
      name: 'chain-0',
      hops: [
        {
          name: 'hop-0',
          interface: '192.168.0.1',
          selector: { strategy: 'fifo' },
          nodes: [
            {
              name: 'node-0',
              addr: ':8000',
              interface: 'eth0',
              connector: { type: 'http', auth: { username: 'ann', password: 's3cret' } },
              dialer: { type: 'tcp' },
            },
            {
              name: 'node-1',
              addr: 'proxy.example:1080',
              connector: { type: 'socks5' },
              dialer: { type: 'tls' },
            },
          ],
        },
      ],
    })
    const common = {
      state: 'up',
      fails: 0,
      activeRequests: 0,
      totalRequests: 0,
      lastError: undefined,
      lastProbe: undefined,
    }
    expect(chain.status()).to.deep.equal({
      name: 'chain-0',
      hops: [
        {
          name: 'hop-0',
          nodes: [
            { name: 'node-0', addr: ':8000', egress: 'eth0', ...common },
            { name: 'node-1', addr: 'proxy.example:1080', egress: '192.168.0.1', ...common },
          ],
        },
      ],
    })
  })

  it('name hops and nodes by their places', () => {
    const [hop] = createChain({ hops: [{ nodes: [{ addr: ':1' }, { addr: ':2' }] }] }).status().hops
    expect([hop?.name, ...(hop?.nodes.map(({ name }) => name) ?? [])]).to.deep.equal(['hop-0', 'node-0', 'node-1'])
  })

  const wrong: [string, object, string][] = [
    ['no hops', {}, 'option "hops" is required'],
    ['an empty list of hops', { hops: [] }, 'option "hops" must have one hop at least'],
    ['hops that are no list', { hops: 'hop-0' }, 'option "hops" must be an array, got "hop-0"'],
    ['an unknown option', { hops: ['a'], hop: 1 }, 'unknown option "hop", did you mean "hops"?'],
    ['a hop without nodes', { hops: [{ interface: 'lo' }] }, 'option "hops[0].nodes" is required'],
    ['an unknown option of a hop', { hops: [{ nodes: [], retry: 1 }] }, 'unknown option "hops[0].retry"'],
    ['a hop of another type', { hops: [7] }, 'expected an object of options, got 7'],
    ['wrong retries', { hops: [{ nodes: [], retries: -1 }] }, 'option "hops[0].retries" must be an integer from 0'],
    [
      'an unknown strategy',
      { hops: [{ nodes: [], selector: { strategy: 'any' } }] },
      'option "hops[0].selector.strategy" must be one of',
    ],
    [
      'a key of requests',
      { hops: [{ nodes: [], selector: { key: 'path' } }] },
      'option "hops[0].selector.key" must be one of ip, host',
    ],
    ['an empty interface of a hop', { hops: [{ nodes: [], interface: [] }] }, 'option "hops[0].interface" must be'],
    ['an empty interface of a node', node({ addr: ':1', interface: '' }), `option "${at}.interface" must be`],
    ['no address', node({}), `option "${at}.addr" must be host:port, [IPv6]:port or :port, got undefined`],
    ['an address without a port', node({ addr: 'proxy.example' }), `option "${at}.addr" must be host:port`],
    ['a port 0', node({ addr: ':0' }), `option "${at}.addr" must be host:port`],
    ['a URL', node({ addr: 'http://proxy.example:80' }), `option "${at}.addr" must be host:port`],
    ['a weight of 0', node({ addr: ':1', weight: 0 }), `option "${at}.weight" must be an integer from 1`],
    [
      'an unknown connector',
      connector({ type: 'socks' }),
      `option "${at}.connector.type" must be one of http, socks5, socks4, tcp, virtual`,
    ],
    [
      'an unknown dialer',
      node({ addr: ':1', dialer: { type: 'quic' } }),
      `option "${at}.dialer.type" must be one of tcp, tls, virtual`,
    ],
    [
      'credentials of tcp',
      connector({ type: 'tcp', auth: { username: 'a' } }),
      `option "${at}.connector.auth" has no effect`,
    ],
    [
      'a password of SOCKS4',
      connector({ type: 'socks4', auth: { username: 'a', password: 'b' } }),
      'SOCKS4 has a user name alone',
    ],
    [
      'a colon in a name',
      connector({ auth: { username: 'a:b' } }),
      `option "${at}.connector.auth.username" must be without ":"`,
    ],
    ['an empty name', connector({ type: 'socks5', auth: { username: '' } }), 'a text of 1 to 255 bytes'],
    [
      'TLS options without TLS',
      node({ addr: ':1', dialer: { serverName: 'a' } }),
      `option "${at}.dialer.serverName" has no effect`,
    ],
    [
      'a proxy of a virtual dialer',
      node({ connector: { type: 'http' }, dialer: { type: 'virtual' } }),
      `option "${at}.connector" contradicts the dialer "virtual"`,
    ],
    [
      'TLS to a virtual node',
      node({ connector: { type: 'virtual' }, dialer: { type: 'tls' } }),
      `option "${at}.dialer" has no effect`,
    ],
  ]
  for (const [what, options, message] of wrong)
    it(`can't have ${what}`, () => {
      expect(() => createChain(options as ChainOptions))
        .to.throw(message)
        .with.property('code', 'ERR_TRIBIND_CONFIG')
    })

  it('never show a password', () => {
    for (const password of ['s3cret\r\n', 's3cret'.repeat(100)])
      expect(() => createChain(connector({ auth: { username: 'a', password } }) as ChainOptions))
        .to.throw(`option "${at}.connector.auth.password" must be`)
        .with.property('message')
        .that.does.not.contain('s3cret')
  })

  it('connect to nothing but hosts and ports', async () => {
    const chain = createChain({ hops: [{ nodes: [{ addr: ':1' }] }] })
    for (const [host, port] of [
      ['a\r\nX: y', 80],
      ['a b', 80],
      ['', 80],
      ['a/b', 80],
      ['a'.repeat(300), 80],
      ['a', 0],
      ['a', 65_536],
      ['a', '80'],
      [undefined, 80],
    ])
      expect(await rejected(chain.connect({ host, port } as { host: string; port: number }))).to.have.property(
        'code',
        'ERR_TRIBIND_CONFIG',
      )
    const [timeout] = [await rejected(chain.connect({ host: 'a', port: 80 }, { timeout: -1 }))]
    expect(timeout.message).to.match(/^connect: the time must be/)
  })
})

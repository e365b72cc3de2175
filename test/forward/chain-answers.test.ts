import { expect } from 'chai'
import { type Chain, ChainError } from 'tribind/forward'
import { rejected } from '../feature/both-ways.ts'
import { ChainWorld, nodesOf, oneHop, statesOf } from './chain-world.ts'
import { converse } from './echo-target.ts'
import type { ProxySettings } from './small-proxy.ts'

describe('what a proxy of a chain answers', () => {
  const world = new ChainWorld()
  const connect = (chain: Chain) => world.connect(chain)
  const failure = (chain: Chain) => world.failure(chain)

  const faults: [string, ProxySettings, RegExp][] = [
    ['that closes the connection at once', { type: 'http', greet: 'close' }, /ECONNRESET|EPIPE|closed/],
    [
      'that closes the connection within the handshake',
      { type: 'http', instead: 'close' },
      /closed within the handshake/,
    ],
    ['that wants credentials', { type: 'http', credentials: 'a:b' }, /407: it wants other credentials/],
    ['that is none', { type: 'http', instead: Buffer.from('SSH-2.0-x\r\n') }, /is not HTTP\/1/],
    ['whose status is none', { type: 'http', instead: Buffer.from('HTTP/1.1 2x0 OK\r\n\r\n') }, /no status line/],
    ['that speaks HTTP/2', { type: 'http', instead: Buffer.from('HTTP/2 200 OK\r\n\r\n') }, /is not HTTP\/1/],
    [
      'that knows no CONNECT',
      { type: 'http', instead: Buffer.from('HTTP/1.0 405 No\r\n\r\n') },
      /405: it is no proxy for CONNECT/,
    ],
    [
      'whose head has no end',
      { type: 'http', instead: Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}`) },
      /longer than 16384 bytes/,
    ],
    [
      'that sends 100 for ever',
      { type: 'http', instead: Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)) },
      /interim/,
    ],
    ['of SOCKS5 that wants credentials', { type: 'socks5', credentials: 'a:b' }, /none of our ways of authentication/],
    [
      'of SOCKS5 that knows no CONNECT',
      { type: 'socks5', instead: Buffer.from([5, 7, 0, 1, 0, 0, 0, 0, 0, 0]) },
      /reply 7/,
    ],
    ['of SOCKS5 that is none', { type: 'socks5', greet: Buffer.from('HTTP/1.1 400 Bad\r\n\r\n') }, /not SOCKS5/],
    ['of SOCKS4 that wants another user', { type: 'socks4', credentials: 'ann' }, /reply 93/],
    ['of SOCKS4 that is none', { type: 'socks4', instead: Buffer.from([5, 0, 0, 0, 0, 0, 0, 0]) }, /not SOCKS4/],
    ['that speaks TLS', { type: 'http', tls: true }, /not HTTP\/1|closed|ECONNRESET/],
  ]
  for (const [what, settings, reason] of faults)
    it(`a proxy ${what} has failed, and the next node serves`, async () => {
      const bad = await world.proxy(settings)
      const good = await world.proxy({ type: settings.type })
      const connector = { type: settings.type }
      const chain = oneHop({ addr: bad.addr, connector }, { addr: good.addr, connector })
      expect(await converse(await connect(chain))).to.equal('hello and back')
      expect(statesOf(chain)).to.deep.equal(['failed 1', 'up 0'])
      expect(nodesOf(chain)[0]?.lastError).to.match(reason)
    })

  describe('a target that refuses', () => {
    for (const type of ['http', 'socks5', 'socks4', 'virtual'] as const)
      it(`is nobody's failure behind ${type}`, async () => {
        const addr = type === 'virtual' ? ':0' : (await world.proxy({ type })).addr
        const chain = oneHop({ addr, connector: { type } }, { addr, connector: { type }, interface: '127.0.0.2' })
        const error = await rejected(chain.connect({ host: '127.0.0.1', port: world.closedPort }))
        expect(error).to.be.instanceOf(ChainError)
        expect(error).to.include({ failure: 'ERR_TRIBIND_CHAIN_TARGET', status: 502, hop: 'hop-0' })
        expect(error.message).to.contain(`no connection to 127.0.0.1:${world.closedPort} behind hop "hop-0"`)
        expect(statesOf(chain)).to.deep.equal(['up 0', 'up 0'])
        expect(nodesOf(chain).map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 0])
      })

    const replies: [number, string | undefined][] = [
      [1, undefined],
      [2, 'EACCES'],
      [3, 'ENETUNREACH'],
      [4, 'EHOSTUNREACH'],
      [5, 'ECONNREFUSED'],
      [6, 'ETIMEDOUT'],
    ]
    for (const [reply, code] of replies)
      it(`has the code of its reason behind socks5: ${reply} is ${code ?? 'none'}`, async () => {
        const { addr } = await world.proxy({ type: 'socks5', instead: Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]) })
        const error = await failure(oneHop({ addr, connector: { type: 'socks5' } }))
        expect(error.cause).to.have.property('code', code)
        expect(error.status).to.equal(reply === 6 ? 504 : 502)
      })

    it('took too long where the proxy answers 504', async () => {
      const { addr } = await world.proxy({ type: 'http', instead: Buffer.from('HTTP/1.1 504 Late\r\n\r\n') })
      expect(await failure(oneHop({ addr }))).to.include({ status: 504, failure: 'ERR_TRIBIND_CHAIN_TARGET' })
    })

    it("is no target of SOCKS4 if it has an IPv6 address, which is nobody's failure either", async () => {
      const chain = oneHop({ addr: (await world.proxy({ type: 'socks4' })).addr, connector: { type: 'socks4' } })
      expect((await rejected(chain.connect({ host: '::1', port: 80 }))).message).to.contain(
        'SOCKS4 has no IPv6 addresses',
      )
      expect(statesOf(chain)).to.deep.equal(['up 0'])
    })
  })
})

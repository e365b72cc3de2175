import { expect } from 'chai'
import { fetch } from 'undici'
import { type ChainNodeOptions, createChain } from 'tribind/forward'
import { rejected } from '../feature/both-ways.ts'
import { ChainWorld, statesOf } from './chain-world.ts'
import { converse } from './echo-target.ts'
import { isInstalled, type ProgramName, type RealProxy, startProxy, user } from './real-proxies.ts'
import { tellAddress } from './tell-address.ts'

const nodes: Readonly<Record<ProgramName, readonly Omit<ChainNodeOptions, 'addr'>[]>> = {
  tinyproxy: [{ connector: { type: 'http', auth: user } }],
  squid: [{ connector: { type: 'http', auth: user } }],
  microsocks: [{ connector: { type: 'socks5', auth: user } }],
  danted: [{ connector: { type: 'socks5' } }, { connector: { type: 'socks4' } }],
}

const packages: Readonly<Record<ProgramName, string>> = {
  tinyproxy: 'tinyproxy',
  squid: 'squid',
  microsocks: 'microsocks',
  danted: 'dante-server',
}

describe('a chain through proxies of others', function () {
  this.timeout(60_000)
  const world = new ChainWorld()
  const running = new Map<ProgramName, RealProxy>()

  after(async () => {
    for (const proxy of running.values()) await proxy.stop()
  })

  async function addrOf(name: ProgramName): Promise<string> {
    const proxy = running.get(name) ?? (await startProxy(name))
    running.set(name, proxy)
    return proxy.addr
  }

  const names = Object.keys(nodes) as ProgramName[]
  for (const name of names) {
    if (!isInstalled(name)) {
      if (process.env.CI) it(`${name} is there in CI`, () => expect.fail(`install ${packages[name]} of Debian`))
      continue
    }
    for (const node of nodes[name]) {
      const type = node.connector?.type
      describe(`${name} by ${type}`, () => {
        const chainOf = async (more: ChainNodeOptions = {}) =>
          createChain({ hops: [{ nodes: [{ addr: await addrOf(name), ...node, ...more }] }] })

        it('connects to an address', async () => {
          expect(await converse(await world.connect(await chainOf()))).to.equal('hello and back')
        })

        // Dante takes the address by which SOCKS4a marks a name for the target.
        if (type !== 'socks4')
          it('connects to a name', async () => {
            const socket = await (await chainOf()).connect({ host: 'localhost', port: world.echo.port })
            expect(await converse(socket)).to.equal('hello and back')
          })

        it('serves fetch', async () => {
          const teller = await tellAddress()
          const chain = await chainOf()
          const answer = await fetch(`http://127.0.0.1:${teller.port}/`, { dispatcher: chain.dispatcher() })
          expect(await answer.text()).to.match(/^127\.0\.0\.1 /)
          await chain.close()
          teller.close()
        })

        it('refuses a target at which nothing listens, which is no failure of it', async () => {
          const chain = await chainOf()
          const error = await rejected(chain.connect({ host: '127.0.0.1', port: world.closedPort }))
          expect(error).to.include({ failure: 'ERR_TRIBIND_CHAIN_TARGET' })
          expect(statesOf(chain)).to.deep.equal(['up 0'])
        })

        if (node.connector?.auth !== undefined)
          it('fails with wrong credentials', async () => {
            const chain = await chainOf({ connector: { ...node.connector, auth: { ...user, password: 'wrong' } } })
            const { message } = await world.failure(chain)
            expect(message).to.match(/wants other credentials/)
            expect(statesOf(chain)).to.deep.equal(['failed 1'])
          })
      })
    }
  }

  const installed = names.filter(isInstalled)
  it(`goes through ${installed.join(', ') || 'none'} one behind the other`, async () => {
    const hops = []
    for (const name of installed) hops.push({ name, nodes: [{ addr: await addrOf(name), ...nodes[name][0] }] })
    if (hops.length === 0) return
    const chain = createChain({ hops })
    expect(await converse(await world.connect(chain))).to.equal('hello and back')
    await expectTarget(chain.connect({ host: '127.0.0.1', port: world.closedPort }))
    for (const [i] of hops.entries()) expect(statesOf(chain, i)).to.deep.equal(['up 0'])
  })

  async function expectTarget(connecting: Promise<unknown>): Promise<void> {
    expect(await rejected(connecting)).to.include({ failure: 'ERR_TRIBIND_CHAIN_TARGET' })
  }
})

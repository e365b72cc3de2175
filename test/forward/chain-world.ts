import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type Chain, ChainError, type ChainNodeOptions, type NodeStatus, createChain } from 'tribind/forward'
import { rejected } from '../feature/both-ways.ts'
import { type EchoTarget, openEcho } from './echo-target.ts'
import { openProxy, type ProxySettings, type SmallProxy } from './small-proxy.ts'

/** A target, a port at which nothing listens, and proxies, for as long as the tests of a suite run. */
export class ChainWorld {
  echo!: EchoTarget
  closedPort = 0
  readonly #proxies: SmallProxy[] = []

  /** Within `describe`. */
  constructor() {
    before(async () => {
      this.echo = await openEcho()
      const closed = await openEcho()
      this.closedPort = closed.port
      closed.close()
    })
    after(() => {
      this.echo.close()
      for (const proxy of this.#proxies) proxy.close()
    })
  }

  async proxy(settings: ProxySettings): Promise<SmallProxy> {
    const opened = await openProxy(settings)
    this.#proxies.push(opened)
    return opened
  }

  connect(chain: Chain, options = {}): Promise<Socket> {
    return chain.connect({ host: '127.0.0.1', port: this.echo.port }, options)
  }

  async failure(chain: Chain, options = {}): Promise<ChainError> {
    const error = await rejected(this.connect(chain, options))
    expect(error).to.be.instanceOf(ChainError)
    expect(error).to.have.property('code', 'ERR_TRIBIND_CHAIN')
    return error as ChainError
  }
}

/** A chain of one hop that takes the first node that is up. */
export function oneHop(...nodes: ChainNodeOptions[]): Chain {
  return createChain({ hops: [{ selector: { strategy: 'fifo' }, nodes }] })
}

export function nodesOf(chain: Chain, hop = 0): readonly NodeStatus[] {
  return chain.status().hops[hop]?.nodes ?? []
}

/** Such as `failed 1`. */
export function statesOf(chain: Chain, hop = 0): string[] {
  return nodesOf(chain, hop).map(({ state, fails }) => `${state} ${fails}`)
}

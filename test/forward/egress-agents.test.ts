import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createEgress, type Interface } from 'tribind/forward'
import { fetch } from 'undici'
import { rejected, turns } from '../feature/both-ways.ts'
import { cert, key } from '../feature/key-pair.ts'
import { type AddressTeller, askThrough, tellAddress } from './tell-address.ts'

const byTurns: Interface = { list: '127.0.0.2,127.0.0.3', strategy: 'round' }

describe('the egress of node:http and undici', () => {
  let teller: AddressTeller

  before(async () => (teller = await tellAddress()))
  after(() => teller.close())

  const ways = {
    'node:http': (from: Interface) => {
      const agent = createEgress(from).agent()
      return { ask: () => askThrough(agent, teller.port), close: () => Promise.resolve(agent.destroy()) }
    },
    undici: (from: Interface) => {
      const dispatcher = createEgress(from).dispatcher()
      const ask = async () => (await fetch(`http://127.0.0.1:${teller.port}/`, { dispatcher })).text()
      return { ask, close: () => dispatcher.destroy() }
    },
  }

  async function askTimes(count: number, ask: () => Promise<string>): Promise<string[]> {
    const seen: string[] = []
    for (let i = 0; i < count; i++) {
      seen.push(await ask())
      // Until then undici takes the connection for busy.
      await turns()
    }
    return seen
  }

  for (const [name, open] of Object.entries(ways)) {
    describe(name, () => {
      it('leaves from the address, over a connection that is kept', async () => {
        const { ask, close } = open('127.0.0.2')
        const [first, second] = await askTimes(2, ask)
        await close()
        expect(first).to.match(/^127\.0\.0\.2 \d+$/)
        expect(second).to.equal(first)
      })

      it('keeps a connection for each local address', async () => {
        const { ask, close } = open(byTurns)
        const [a, b, c, d] = await askTimes(4, ask)
        await close()
        expect(a).to.match(/^127\.0\.0\.2 /)
        expect(b).to.match(/^127\.0\.0\.3 /)
        expect([c, d]).to.deep.equal([a, b])
      })

      it('keeps none that was a way out of a failure', async () => {
        const { ask, close } = open('192.0.2.77,127.0.0.2')
        const seen = await askTimes(3, ask)
        await close()
        expect(new Set(seen)).to.have.length(3)
        for (const one of seen) expect(one).to.match(/^127\.0\.0\.2 /)
      })

      it('fails with the EgressError', async () => {
        const { ask, close } = open('192.0.2.77')
        const error = await rejected(ask())
        await close()
        const egressError = error.message === 'fetch failed' ? error.cause : error
        expect(egressError).to.have.property('code', 'ERR_TRIBIND_EGRESS')
      })
    })
  }

  describe('over TLS', () => {
    let server: https.Server
    let port: number

    before((done) => {
      server = https.createServer({ key, cert }, (request, response) => response.end(request.socket.remoteAddress))
      server.listen(0, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        done()
      })
    })
    after(() => {
      server.closeAllConnections()
      server.close()
    })

    it('serves node:https by the same agent', async () => {
      const agent = createEgress('127.0.0.2').agent()
      const ask = (options: https.RequestOptions) =>
        new Promise<string>((resolve, reject) => {
          const request = https.get({ host: 'localhost', port, agent, ...options }, (response) => {
            response.setEncoding('utf8').once('data', resolve)
          })
          request.on('error', reject)
        })
      expect(await ask({ ca: cert })).to.equal('127.0.0.2')
      expect(await rejected(ask({}))).to.have.property('code', 'DEPTH_ZERO_SELF_SIGNED_CERT')
      agent.destroy()
    })

    it('serves fetch', async () => {
      const dispatcher = createEgress('127.0.0.2').dispatcher({ connect: { ca: cert } })
      expect(await (await fetch(`https://localhost:${port}/`, { dispatcher })).text()).to.equal('127.0.0.2')
      await dispatcher.close()
    })

    it('has the port of each module where none is set', () => {
      const agent = createEgress('192.0.2.77').agent()
      const silent = (request: http.ClientRequest) => request.on('error', () => {}).getHeader('host')
      expect(silent(http.get({ host: '127.0.0.1', agent }))).to.equal('127.0.0.1')
      expect(silent(https.get({ host: '127.0.0.1', agent }))).to.equal('127.0.0.1')
    })
  })
})

import { expect } from 'chai'
import { channel } from 'node:diagnostics_channel'
import type { ForwardDiagnostics } from 'tribind/forward'
import { until } from '../feature/both-ways.ts'
import {
  closeAfterEach,
  closedPort,
  closeLater,
  openFront,
  openNode,
  openRawNode,
  openScript,
  statusOf,
} from './forward-world.ts'

describe('forward: further nodes', () => {
  closeAfterEach()

  describe('further nodes', () => {
    it('are tried where one cannot be connected to, whatever the method, up to retry.attempts', async () => {
      const [a, b] = [await closedPort(), await closedPort()]
      const node = await openNode()
      const nodes = [`http://127.0.0.1:${a}`, `http://127.0.0.1:${b}`, node.url]
      const selector = { strategy: 'fifo', maxFails: 0 } as const
      const one = await openFront({ nodes, selector })
      expect(statusOf(await one.exchange('POST / HTTP/1.1\r\nContent-Length: 2', 'ab'))).to.equal(502)
      const two = await openFront({ nodes, selector, retry: { attempts: 2 } })
      expect(statusOf(await two.exchange('POST / HTTP/1.1\r\nContent-Length: 2', 'ab'))).to.equal(200)
      expect(node.asked[0]?.body).to.equal('ab')
      const none = await openFront({ nodes, selector, retry: { attempts: 0 } })
      expect((await none.get()).status).to.equal(502)
      expect(none.handler.nodes().map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 0, 0])
    })

    const openPair = async (retry: object, method = 'GET', body = '') => {
      const broken = await openRawNode((socket) => socket.once('data', () => socket.destroy()))
      const node = await openNode()
      const front = await openFront({
        nodes: [broken.url, node.url],
        selector: { strategy: 'fifo' },
        retry: { attempts: 1, ...retry },
      })
      const text = await front.exchange(`${method} / HTTP/1.1\r\nContent-Length: ${body.length}`, body)
      return { status: statusOf(text), asked: node.asked }
    }

    it('are not tried after a reset unless that is said', async () => {
      expect((await openPair({})).status).to.equal(502)
      expect((await openPair({ on: ['reset'] })).status).to.equal(200)
      expect((await openPair({ on: ['timeout', 503] })).status).to.equal(502)
    })

    it('are tried for the methods that are listed', async () => {
      expect((await openPair({ on: ['reset'] }, 'POST')).status).to.equal(502)
      expect((await openPair({ on: ['reset'] }, 'DELETE')).status).to.equal(200)
      expect((await openPair({ on: ['reset'], methods: ['POST'] }, 'POST')).status).to.equal(200)
      expect((await openPair({ on: ['reset'], methods: ['POST'] }, 'GET')).status).to.equal(502)
    })

    it('get a body only where it was kept', async () => {
      expect((await openPair({ on: ['reset'] }, 'PUT', 'body')).status).to.equal(502)
      expect((await openPair({ on: ['reset'], buffer: 3 }, 'PUT', 'body')).status).to.equal(502)
      const kept = await openPair({ on: ['reset'], buffer: 4 }, 'PUT', 'body')
      expect([kept.status, kept.asked[0]?.body]).to.deep.equal([200, 'body'])
    })

    it('are tried after a timeout where that is said', async () => {
      const slow = await openRawNode(() => {})
      const node = await openNode()
      const options = { nodes: [slow.url, node.url], selector: { strategy: 'fifo' as const }, headTimeout: 50 }
      const front = await openFront({ ...options, retry: { on: ['timeout'] } })
      expect((await front.get()).status).to.equal(200)
    })

    it('are tried after a status where that is said; without a further node it is relayed', async () => {
      const busy = await openScript('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy')
      const node = await openNode()
      const selector = { strategy: 'fifo' } as const
      const front = await openFront({ nodes: [busy.url, node.url], selector, retry: { on: ['5xx'] } })
      expect((await front.get()).status).to.equal(200)
      expect(front.handler.nodes().map(({ state, activeRequests }) => `${state} ${activeRequests}`)).to.deep.equal([
        'up 0',
        'up 0',
      ])
      const alone = await openFront({ nodes: [busy.url], retry: { on: [503] } })
      expect(await alone.get()).to.deep.equal({ status: 503, body: 'busy' })
    })

    it('are not tried once something of the answer has gone out', async () => {
      const broken = await openRawNode((socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
          setTimeout(() => socket.destroy(), 50)
        }),
      )
      const node = await openNode()
      const front = await openFront({
        nodes: [broken.url, node.url],
        selector: { strategy: 'fifo' },
        retry: { on: ['reset'] },
      })
      const text = await front.exchange('GET / HTTP/1.1')
      expect(text).to.match(/^HTTP\/1\.1 103[^]*HTTP\/1\.1 502/)
      expect(node.asked).to.have.length(0)
    })

    it('are told of on the channel tribind:forward', async () => {
      const events: ForwardDiagnostics[] = []
      const listen = (message: unknown) => events.push(message as ForwardDiagnostics)
      const forwards = channel('tribind:forward')
      forwards.subscribe(listen)
      closeLater(() => forwards.unsubscribe(listen))
      const node = await openNode()
      const nodes = [
        { name: 'a', addr: `http://127.0.0.1:${await closedPort()}` },
        { name: 'b', addr: node.url },
      ]
      const front = await openFront({ nodes, selector: { strategy: 'fifo' } })
      await front.get()
      await until(() => events.at(-1)?.event === 'ended', 'it has ended')
      expect(events.map(({ event, node }) => `${event} ${node}`)).to.deep.equal([
        'start undefined',
        'node a',
        'node b',
        'retried b',
        'connected b',
        'ended b',
      ])
      expect(String(events[3]?.error)).to.include('ECONNREFUSED')
    })
  })
})

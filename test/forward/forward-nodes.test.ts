import { expect } from 'chai'
import http from 'node:http'
import { Server } from 'tribind'
import { forward, type ForwardHandler } from 'tribind/forward'
import { collectingLogger, gate, until } from '../feature/both-ways.ts'
import {
  bodyOf,
  closeAfterEach,
  closedPort,
  closeLater,
  fieldOf,
  listenOn,
  openFront,
  openNode,
  openRawNode,
  openScript,
  statusOf,
} from './forward-world.ts'

describe('forward: nodes', () => {
  closeAfterEach()

  describe('nodes that have failed', () => {
    it('are left out for failTimeout, then tried by one request', async () => {
      let isBroken = true
      const asked = gate()
      const answer = gate()
      const node = await listenOn(
        http.createServer(async (request, response) => {
          if (isBroken) return void request.socket.destroy()
          asked.open()
          await answer.opened
          response.end('back')
        }),
      )
      const other = await openNode()
      const nodes = [node.url, other.url]
      const front = await openFront({
        nodes,
        selector: { strategy: 'fifo', failTimeout: 200 },
        retry: { on: ['reset'] },
      })
      expect((await front.get()).body).to.equal('ok')
      isBroken = false
      expect((await front.get()).body).to.equal('ok')
      expect(front.handler.nodes().map(({ state }) => state)).to.deep.equal(['failed', 'up'])
      await new Promise((resolve) => setTimeout(resolve, 250))
      const trial = front.get()
      await asked.opened
      expect((await front.get()).body).to.equal('ok')
      answer.open()
      expect((await trial).body).to.equal('back')
      expect(front.handler.nodes().map(({ state }) => state)).to.deep.equal(['up', 'up'])
    })

    it('fail by failStatus, whose answers are relayed all the same', async () => {
      const bad = await openScript('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy')
      const node = await openNode()
      const front = await openFront({
        nodes: [bad.url, node.url],
        selector: { strategy: 'fifo', maxFails: 2 },
        failStatus: ['5xx'],
      })
      expect(await front.get()).to.deep.equal({ status: 503, body: 'busy' })
      expect(front.handler.nodes()[0]).to.include({ state: 'up', fails: 1 })
      expect((await front.get()).status).to.equal(503)
      expect(front.handler.nodes()[0]).to.include({ state: 'failed', fails: 2, lastError: 'the answer was 503' })
      expect((await front.get()).status).to.equal(200)
    })

    it('count by limits of their own', async () => {
      const port = await closedPort()
      const nodes = [{ addr: `http://127.0.0.1:${port}`, maxFails: 2 }]
      const front = await openFront({ nodes })
      await front.get()
      expect(front.handler.nodes()[0]?.state).to.equal('up')
      await front.get()
      expect(front.handler.nodes()[0]?.state).to.equal('failed')
    })
  })

  describe('selection', () => {
    const openNamed = async (...names: string[]) =>
      Promise.all(names.map(async (name) => (await openNode((_, response) => response.end(name))).url))

    it('goes round, by weight', async () => {
      const [a, b] = (await openNamed('a', 'b')) as [string, string]
      const front = await openFront({ nodes: [{ addr: a, weight: 3 }, b] })
      let order = ''
      for (let i = 0; i < 8; i++) order += (await front.get()).body
      expect(order).to.equal('aabaaaba')
    })

    it('uses a backup node only where no other is left', async () => {
      const [a, b] = (await openNamed('a', 'b')) as [string, string]
      const front = await openFront({
        nodes: [{ addr: `http://127.0.0.1:${await closedPort()}` }, { addr: a, backup: true }, b],
      })
      const got = new Set<string>()
      for (let i = 0; i < 4; i++) got.add((await front.get()).body)
      expect([...got]).to.deep.equal(['b'])
      const rest = await openFront({
        nodes: [{ addr: `http://127.0.0.1:${await closedPort()}` }, { addr: a, backup: true }],
      })
      expect((await rest.get()).body).to.equal('a')
    })

    it('keeps to a node by a key', async () => {
      const nodes = await openNamed('a', 'b', 'c')
      const byKey = async (key: string | ((request: { path: string }) => string), request: (i: number) => string) => {
        const front = await openFront({ nodes, selector: { strategy: 'hash', key: key as 'ip' } })
        let order = ''
        for (let i = 0; i < 12; i++) order += bodyOf(await front.exchange(request(i)))
        return new Set(order).size
      }
      expect(await byKey('ip', (i) => `GET /${i} HTTP/1.1`)).to.equal(1)
      expect(await byKey('path', (i) => `GET /${i} HTTP/1.1`)).to.be.above(1)
      expect(await byKey('path', (i) => `GET /same?${i} HTTP/1.1`)).to.equal(1)
      expect(await byKey('header:X-Key', (i) => `GET / HTTP/1.1\r\nX-Key: ${i}`)).to.be.above(1)
      expect(await byKey('header:X-Key', (i) => `GET /${i} HTTP/1.1\r\nX-Key: same`)).to.equal(1)
      expect(await byKey('header:X-Key', (i) => `GET /${i} HTTP/1.1`)).to.equal(1)
      expect(await byKey('cookie:id', (i) => `GET / HTTP/1.1\r\nCookie: id=${i}`)).to.be.above(1)
      expect(await byKey('cookie:id', (i) => `GET /${i} HTTP/1.1\r\nCookie: x=${i}; id=same`)).to.equal(1)
      expect(await byKey('host', (i) => `GET http://host-${i}.test/ HTTP/1.1`)).to.be.above(1)
      expect(
        await byKey(
          (request) => request.path,
          (i) => `GET /${i} HTTP/1.1`,
        ),
      ).to.be.above(1)
    })
  })

  describe('probe', () => {
    it('takes a node down and up, whatever failTimeout; no node is 503 with Retry-After', async () => {
      let isUp = false
      const seen: string[] = []
      const node = await openNode((request, response) => {
        seen.push(`${request.method} ${request.url}`)
        response.writeHead(request.url?.endsWith('/health') && !isUp ? 500 : 200).end('ok')
      })
      const nodes = [`${node.url}/base`]
      const probe = { path: '/health', interval: 20, timeout: '2s', rise: 2, fall: 2 } as const
      const front = await openFront({ nodes, probe, selector: { failTimeout: 1 } })
      await until(() => front.handler.nodes()[0]?.state === 'down', 'the node is down')
      const text = await front.exchange('GET / HTTP/1.1')
      expect([statusOf(text), fieldOf(text, 'Retry-After')]).to.deep.equal([503, '1'])
      expect(front.handler.nodes()[0]?.lastProbe).to.include({ isUp: false, status: 500, error: 'the answer was 500' })
      isUp = true
      await until(() => front.handler.nodes()[0]?.state === 'up', 'the node is up')
      expect((await front.get()).status).to.equal(200)
      expect(front.handler.nodes()[0]?.lastProbe).to.include({ isUp: true, status: 200 })
      expect(seen).to.include('GET /base/health')
      await front.server.stop()
      const count = seen.length
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(seen.length).to.equal(count)
    })

    it('takes a node back before failTimeout is over', async () => {
      let isBroken = true
      const node = await listenOn(
        http.createServer((request, response) => {
          if (isBroken && request.url !== '/health') request.socket.destroy()
          else response.end('ok')
        }),
      )
      const front = await openFront({
        nodes: [node.url],
        probe: { path: '/health', interval: 50 },
        selector: { failTimeout: '1h' },
      })
      expect((await front.get()).status).to.equal(502)
      isBroken = false
      await until(() => front.handler.nodes()[0]?.state === 'up', 'the node is up')
    })

    it('fails where the node does not answer in time, and close() ends it', async () => {
      const node = await openRawNode(() => {})
      const front = await openFront({ nodes: [node.url], probe: { interval: 10, timeout: 20 }, headTimeout: 50 })
      await front.get()
      await until(() => front.handler.nodes()[0]?.state === 'down', 'the node is down')
      expect(front.handler.nodes()[0]?.lastProbe?.error).to.include('20 ms')
      front.handler.close()
      await until(() => node.sockets.size === 0, 'nothing is open')
      const count = node.connections()
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(node.connections()).to.equal(count)
    })

    it('is made before the first request, at a route, in a layer and at an entry point', async () => {
      const node = await openNode((_, response) => response.writeHead(500).end())
      const gone = `http://127.0.0.1:${await closedPort()}`
      const open = () => forward({ nodes: [node.url, gone], probe: { interval: '1h' } })
      const [onRoute, inLayer, atGate, opened] = [open(), open(), open(), open()] as const
      const server = new Server({
        logger: collectingLogger([]),
        entryPoints: { web: '127.0.0.1:0', gate: { address: '127.0.0.1:0', handler: atGate } },
      })
      server.bindHandler('/*', onRoute)
      closeLater(() => server.stop())
      const statesOf = (handler: ForwardHandler) => handler.nodes().map(({ state }) => state)
      expect(statesOf(onRoute)).to.deep.equal(['up', 'up'])
      await server.start()
      for (const handler of [onRoute, atGate]) expect(statesOf(handler)).to.deep.equal(['down', 'down'])
      await server.layer('api').replace((routes) => routes.bindHandler('/api', inLayer), { dryRun: true })
      expect(statesOf(inLayer)).to.deep.equal(['up', 'up'])
      await server.layer('api').replace((routes) => routes.bindHandler('/api', inLayer))
      expect(statesOf(inLayer)).to.deep.equal(['down', 'down'])
      await server.openEntryPoint('more', { address: '127.0.0.1:0', handler: opened })
      expect(statesOf(opened)).to.deep.equal(['down', 'down'])
      expect(node.asked.length).to.equal(4)
      expect((await server.inject('/')).status).to.equal(503)
    })

    it('waits for a client whose way in the node is reached by', async () => {
      const node = await openNode()
      const front = await openFront({ nodes: [node.url], interface: 'auto', probe: { interval: '1h' } })
      expect(front.handler.nodes()[0]).to.include({ state: 'up', lastProbe: undefined })
      expect((await front.get()).status).to.equal(200)
      await until(() => front.handler.nodes()[0]?.lastProbe?.isUp === true, 'it was probed')
    })

    it('keeps no server that is stopped from stopping', async () => {
      const node = await openRawNode(() => {})
      const server = new Server({ address: '127.0.0.1', port: 0, logger: collectingLogger([]) })
      server.bindHandler('/*', forward({ nodes: [node.url], probe: { timeout: '1h' } }))
      const starting = server.start().catch((error: Error) => error.message)
      await until(() => node.sockets.size === 1, 'it is probed')
      await server.stop()
      expect(await starting).to.include('was stopped before it was ready')
      await until(() => node.sockets.size === 0, 'nothing is open')
    })
  })
})

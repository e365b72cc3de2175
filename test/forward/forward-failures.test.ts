import { expect } from 'chai'
import { channel } from 'node:diagnostics_channel'
import http from 'node:http'
import type { ForwardDiagnostics } from 'tribind/forward'
import { gate, openRaw, until } from '../feature/both-ways.ts'
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

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('forward: failures', () => {
  closeAfterEach()

  describe('answers', () => {
    it('502 where the node refuses, with a cause that names node and egress, through the status handlers', async () => {
      const port = await closedPort()
      const nodes = [{ name: 'gone', addr: `http://127.0.0.1:${port}`, interface: '127.0.0.1' }]
      const front = await openFront({ nodes }, {}, (server, handler) => {
        server.bindHandler('/*', handler)
        server.bindStatusHandler(502, (request) => request.response.writeOver('sorry'))
      })
      expect(await front.get()).to.deep.equal({ status: 502, body: 'sorry' })
      const [warning] = front.log.filter(({ level }) => level === 'warn')
      expect(warning?.message).to.include(`node "gone" (http://127.0.0.1:${port}) from 127.0.0.1`)
      expect(warning?.fields).to.include({ node: 'gone', egress: '127.0.0.1' })
      const failed = front.log.find(({ level }) => level === 'error')
      const { error } = failed?.fields as { error: Error & { failure: string } }
      expect(error).to.include({ status: 502, failure: 'ERR_TRIBIND_FORWARD_CONNECT' })
      expect(String(error.cause)).to.include('node "gone"').and.include('from 127.0.0.1').and.include('ECONNREFUSED')
      expect(front.handler.nodes()[0]).to.include({ state: 'failed', fails: 1, egress: '127.0.0.1' })
      expect(front.handler.nodes()[0]?.lastError).to.include('ECONNREFUSED')
    })

    it('502 where the node breaks off before the head', async () => {
      const node = await openRawNode((socket) => socket.once('data', () => socket.destroy()))
      const front = await openFront(node.url)
      expect((await front.get()).status).to.equal(502)
      expect(front.handler.nodes()[0]).to.include({ state: 'failed', fails: 1 })
    })

    it('502 where the node breaks off in the midst of the head', async () => {
      const node = await openScript('HTTP/1.1 200 OK\r\nContent-Le')
      const front = await openFront(node.url)
      const answer = front.get()
      await until(() => node.sockets.size === 1, 'the node is connected to')
      await new Promise((resolve) => setTimeout(resolve, 50))
      for (const socket of node.sockets) socket.destroy()
      expect((await answer).status).to.equal(502)
    })

    for (const head of [
      'SSH-2.0-OpenSSH\r\n\r\n',
      'HTTP/1.1 2000 OK\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX y: 1\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok',
    ])
      it(`502 for a head that isn't HTTP: ${JSON.stringify(head)}`, async () => {
        const node = await openScript(head)
        const front = await openFront(node.url)
        expect((await front.get()).status).to.equal(502)
        const { error } = front.log.find(({ level }) => level === 'error')?.fields as { error: { failure: string } }
        expect(error.failure).to.equal('ERR_TRIBIND_FORWARD_HEAD')
      })

    it('504 where the node is too slow to answer', async () => {
      const node = await openRawNode(() => {})
      const front = await openFront({ nodes: [node.url], headTimeout: 50 })
      expect((await front.get()).status).to.equal(504)
      expect(front.handler.nodes()[0]).to.include({ state: 'failed', fails: 1, activeRequests: 0 })
      await until(() => node.sockets.size === 0, 'the connection has ended')
    })

    it('504 where the head stands still', async () => {
      const node = await openScript('HTTP/1.1 200 OK\r\nX-A')
      const front = await openFront({ nodes: [node.url], headTimeout: 50, idleTimeout: 50 })
      expect((await front.get()).status).to.equal(504)
    })

    it('504 where the node is too slow for the handshake of TLS', async () => {
      const node = await openRawNode(() => {})
      const front = await openFront({ nodes: [`https://127.0.0.1:${node.port}`], connectTimeout: 50 })
      expect((await front.get()).status).to.equal(504)
      expect(front.handler.nodes()[0]).to.include({ state: 'failed' })
    })

    it('502 where the handshake of TLS fails', async () => {
      const node = await openRawNode((socket) => socket.once('data', () => socket.end('no')))
      const front = await openFront({ nodes: [`https://127.0.0.1:${node.port}`] })
      expect((await front.get()).status).to.equal(502)
      expect(front.handler.nodes()[0]).to.include({ state: 'failed' })
    })

    it('408 where the client is too slow with its body, which is no failure of the node', async () => {
      const node = await openRawNode(() => {})
      const front = await openFront({ nodes: [node.url], idleTimeout: 50 })
      const client = await openRaw(front.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
      await until(() => client.received() !== '', 'there is an answer')
      expect(statusOf(client.received())).to.equal(408)
      expect(front.handler.nodes()[0]).to.include({ state: 'up', fails: 0, activeRequests: 0 })
      client.socket.destroy()
    })

    it('cuts an answer short that stands still, and a client that stops reading', async () => {
      const node = await openRawNode((socket) =>
        socket.once('data', (chunk: Buffer) => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nbegun')
          if (String(chunk).includes('/much')) socket.write(Buffer.alloc(50_000_000))
        }),
      )
      const front = await openFront({ nodes: [node.url], idleTimeout: 100 })
      const still = await openRaw(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await still.closed
      expect(still.received()).to.include('begun')
      const deaf = await openRaw(front.port, 'GET /much HTTP/1.1\r\nHost: a\r\n\r\n')
      deaf.socket.pause()
      await until(() => node.sockets.size === 0, 'the connection to the node has ended')
      expect(front.handler.nodes()[0]).to.include({ activeRequests: 0 })
      deaf.socket.destroy()
    })

    it('501 for CONNECT', async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      expect(statusOf(await front.exchange('CONNECT /x HTTP/1.1'))).to.equal(501)
    })
  })

  describe('kept connections that the node has closed', () => {
    /** Answers once over each connection, and then closes it when the next request comes. */
    const openFickle = () =>
      openRawNode((socket) => {
        let count = 0
        socket.on('data', () => (count++ === 0 ? socket.write(OK) : socket.destroy()))
      })

    it('an idempotent request without a body goes once more, which is neither a failure nor a retry', async () => {
      const node = await openFickle()
      const front = await openFront({ nodes: [node.url], retry: { attempts: 0 } })
      for (let i = 0; i < 4; i++) expect((await front.get()).status).to.equal(200)
      expect(node.connections()).to.equal(4)
      expect(front.handler.nodes()[0]).to.include({ state: 'up', fails: 0, totalRequests: 4, lastError: undefined })
      expect(front.log.filter(({ level }) => level === 'warn')).to.deep.equal([])
    })

    it('others are 502', async () => {
      const node = await openFickle()
      const front = await openFront(node.url)
      await front.get()
      expect(statusOf(await front.exchange('POST / HTTP/1.1\r\nContent-Length: 2', 'ab'))).to.equal(502)
      await front.get()
      expect(statusOf(await front.exchange('PUT / HTTP/1.1\r\nContent-Length: 2', 'ab'))).to.equal(502)
      await front.get()
      expect(statusOf(await front.exchange('PUT / HTTP/1.1\r\nContent-Length: 0'))).to.equal(200)
    })

    it('goes once more only', async () => {
      const node = await openRawNode((socket, index) => {
        let count = 0
        socket.on('data', () => (index === 0 && count++ === 0 ? socket.write(OK) : socket.destroy()))
      })
      const front = await openFront(node.url)
      expect((await front.get()).status).to.equal(200)
      expect((await front.get()).status).to.equal(502)
      expect(node.connections()).to.equal(2)
      expect(front.handler.nodes()[0]).to.include({ fails: 1 })
    })

    it('not where a byte of the answer has come', async () => {
      const node = await openRawNode((socket) => {
        let count = 0
        socket.on('data', () =>
          count++ === 0 ? socket.write(OK) : socket.write('H') && setTimeout(() => socket.destroy(), 50),
        )
      })
      const front = await openFront(node.url)
      await front.get()
      expect((await front.get()).status).to.equal(502)
      expect(node.connections()).to.equal(1)
    })

    it('uses none over which something came that was not asked for', async () => {
      const node = await openRawNode((socket) =>
        socket.on('data', () => {
          socket.write(OK)
          setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'), 20)
        }),
      )
      const front = await openFront(node.url)
      await front.get()
      await until(() => node.sockets.size === 0, 'the connection has ended')
      expect((await front.get()).body).to.equal('ok')
    })

    it('keeps them for as long as the node says, less a second', async () => {
      const node = await openScript('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok')
      const front = await openFront(node.url)
      await front.get()
      expect(node.sockets.size).to.equal(1)
      await until(() => node.sockets.size === 0, 'the connection has ended')
    })
  })

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
      expect((await front.get()).status).to.equal(200)
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
  })
})

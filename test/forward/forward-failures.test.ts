import { expect } from 'chai'
import { type Entry, openRaw, until } from '../feature/both-ways.ts'
import { closeAfterEach, closedPort, openFront, openNode, openRawNode, openScript, statusOf } from './forward-world.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** The error that the log has of a request that failed. */
function failureIn(log: readonly Entry[]): (Error & { readonly failure: string }) | undefined {
  const entry = log.find(({ level }) => level === 'error')
  return (entry?.fields as { readonly error?: Error & { readonly failure: string } } | undefined)?.error
}

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
      const warning = front.log.find(({ level }) => level === 'warn')
      expect(warning?.message).to.include(`node "gone" (http://127.0.0.1:${port}) from 127.0.0.1`)
      expect(warning?.fields).to.include({ node: 'gone', egress: '127.0.0.1' })
      const error = failureIn(front.log)
      expect(error).to.include({ status: 502, failure: 'ERR_TRIBIND_FORWARD_CONNECT' })
      expect(String(error?.cause)).to.include('node "gone"').and.include('from 127.0.0.1').and.include('ECONNREFUSED')
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
        expect(failureIn(front.log)?.failure).to.equal('ERR_TRIBIND_FORWARD_HEAD')
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
})

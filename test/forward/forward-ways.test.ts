import { expect } from 'chai'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { ChainError, compress, cors, Server } from 'tribind'
import { createChain, forward } from 'tribind/forward'
import { rejected, until } from '../feature/both-ways.ts'
import { cert, key } from '../feature/key-pair.ts'
import {
  closeAfterEach,
  closeLater,
  fieldOf,
  listenOn,
  openFront,
  openNode,
  openRawNode,
  statusOf,
} from './forward-world.ts'

describe('forward: ways to nodes', () => {
  closeAfterEach()

  it('a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'forward-'))
    const path = join(folder, 'node.sock')
    const node = http
      .createServer((request, response) => response.end(`${request.url} at ${request.headers.host}`))
      .listen(path)
    await once(node, 'listening')
    closeLater(() => {
      node.closeAllConnections()
      node.close()
      rmSync(folder, { recursive: true })
    })
    const front = await openFront({ nodes: [`unix:${path}`], host: 'node' })
    expect((await front.get('/x')).body).to.equal('/x at localhost')
    expect((await front.get('/y')).body).to.equal('/y at localhost')
  })

  describe('TLS', () => {
    const openTls = () =>
      listenOn(
        https.createServer({ key, cert }, (request, response) =>
          response.end((request.socket as { servername?: string }).servername || 'none'),
        ),
      )

    it('verifies the certificate, and tells the name', async () => {
      const node = await openTls()
      const addr = `https://127.0.0.1:${node.port}`
      const statusWith = async (tls: object) => {
        const front = await openFront({ nodes: [{ addr, tls }] })
        return front.get()
      }
      expect((await statusWith({})).status).to.equal(502)
      expect(await statusWith({ ca: cert, serverName: 'localhost' })).to.deep.equal({ status: 200, body: 'localhost' })
      expect((await statusWith({ ca: cert, serverName: 'other.test' })).status).to.equal(502)
      expect((await statusWith({ rejectUnauthorized: false })).status).to.equal(200)
      const named = await openFront({ nodes: [{ addr: `https://localhost:${node.port}`, tls: { ca: [cert] } }] })
      expect((await named.get()).body).to.equal('localhost')
    })

    it('keeps connections', async () => {
      const node = await listenOn(
        https.createServer({ key, cert, keepAliveTimeout: 0 }, (_, response) => response.end('ok')),
      )
      const front = await openFront({
        nodes: [{ addr: `https://127.0.0.1:${node.port}`, tls: { rejectUnauthorized: false } }],
      })
      for (let i = 0; i < 3; i++) expect((await front.get()).status).to.equal(200)
      expect(node.connections()).to.equal(1)
    })
  })

  describe('interface', () => {
    const openTeller = () => openNode((request, response) => response.end(request.socket.remoteAddress))

    it('is where connections leave; that of a node goes before that of all', async () => {
      const node = await openTeller()
      const front = await openFront({
        nodes: [{ addr: node.url, interface: '127.0.0.3' }, node.url],
        interface: '127.0.0.2',
      })
      expect([(await front.get()).body, (await front.get()).body]).to.deep.equal(['127.0.0.3', '127.0.0.2'])
      expect(front.handler.nodes().map(({ egress }) => egress)).to.deep.equal(['127.0.0.3', '127.0.0.2'])
    })

    it('has a state of its own for each node, and connections of its own', async () => {
      const node = await openTeller()
      const nodes = ['127.0.0.2', '192.0.2.77'].map((from) => ({ addr: node.url, interface: from }))
      const front = await openFront({ nodes })
      for (let i = 0; i < 4; i++) expect((await front.get()).body).to.equal('127.0.0.2')
      const [good, bad] = front.handler.nodes()
      expect(good).to.include({ state: 'up', egress: '127.0.0.2' })
      expect(bad).to.include({ state: 'failed', egress: '192.0.2.77', fails: 1 })
      expect(bad?.lastError).to.include('192.0.2.77')
      expect(node.connections()).to.equal(1)
    })

    it('is never replaced by another: 502', async () => {
      const node = await openTeller()
      const front = await openFront({ nodes: [node.url], interface: 'no-such-if,192.0.2.77' })
      expect((await front.get()).status).to.equal(502)
      expect(node.connections()).to.equal(0)
    })

    it('is the address at which the client came in, with auto', async () => {
      const node = await openTeller()
      const front = await openFront({ nodes: [node.url], interface: 'auto' }, { address: '0.0.0.0' })
      for (const address of ['127.0.0.5', '127.0.0.6', '127.0.0.5']) {
        const answer = await fetch(`http://${address}:${front.port}/`)
        expect(await answer.text()).to.equal(address)
      }
      expect(node.connections()).to.equal(2)
    })
  })

  describe('chain', () => {
    /** A proxy that knows CONNECT alone. */
    async function openProxy() {
      const targets: string[] = []
      const node = await listenOn(
        http.createServer().on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
          targets.push(request.url as string)
          const [host, port] = (request.url as string).split(':')
          const onward = net.connect(Number(port), host, () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n')
            socket.pipe(onward).pipe(socket)
          })
          onward.on('error', () => socket.destroy())
          socket.on('error', () => onward.destroy())
        }),
      )
      return { ...node, targets }
    }

    it('is how nodes are reached: an object, or the name of one of the server', async () => {
      const proxy = await openProxy()
      const node = await openNode()
      const options = { hops: [{ nodes: [{ addr: `127.0.0.1:${proxy.port}`, connector: { type: 'http' as const } }] }] }
      const chain = createChain({ name: 'c', ...options })
      const front = await openFront({ nodes: [node.url], chain })
      for (let i = 0; i < 3; i++) expect((await front.get()).body).to.equal('ok')
      expect(proxy.targets).to.deep.equal([`127.0.0.1:${node.port}`])
      const named = await openFront({ nodes: [node.url], chain: 'out' }, { chains: { out: options } })
      expect((await named.get()).body).to.equal('ok')
      expect(proxy.targets).to.have.length(2)
      await proxy.close()
      const third = await openFront({ nodes: [node.url], chain })
      expect((await third.get()).status).to.equal(502)
      await chain.close()
    })

    it('takes anything with connect', async () => {
      const node = await openNode()
      const asked: unknown[] = []
      const chain = {
        connect(
          target: { host: string; port: number },
          { timeout, clientAddress }: { timeout: number; clientAddress?: string },
        ) {
          asked.push({ ...target, timeout, clientAddress })
          const socket = net.connect(target.port, target.host)
          return once(socket, 'connect').then(() => socket)
        },
      }
      const front = await openFront({ nodes: [node.url], chain, connectTimeout: '3s' })
      expect((await front.get()).body).to.equal('ok')
      expect(asked).to.deep.equal([{ host: '127.0.0.1', port: node.port, timeout: 3000, clientAddress: '127.0.0.1' }])
    })

    it('of a name that stands for nothing fails the start', async () => {
      const server = new Server({ address: '127.0.0.1', port: 0, chains: {} })
      server.bindHandler('/*', forward({ nodes: ['http://127.0.0.1:1'], chain: 'nowhere' }))
      expect(await rejected(server.start())).to.be.instanceOf(ChainError)
    })
  })

  it('passes what middleware does with answers', async () => {
    const text = 'all the same '.repeat(500)
    const node = await openNode((_, response) =>
      response.writeHead(200, { 'Content-Type': 'text/plain', Vary: 'X-A' }).end(text),
    )
    const front = await openFront(node.url, {}, (server, handler) => {
      server.use(compress(), cors({ origin: 'https://a.test' }))
      server.bindHandler('/*', handler)
    })
    const answer = await front.exchange('GET / HTTP/1.1\r\nAccept-Encoding: gzip\r\nOrigin: https://a.test')
    expect(fieldOf(answer, 'Content-Encoding')).to.equal('gzip')
    expect(fieldOf(answer, 'Access-Control-Allow-Origin')).to.equal('https://a.test')
    expect(answer.length).to.be.below(text.length / 2)
    const fetched = await fetch(`http://127.0.0.1:${front.port}/`)
    expect(await fetched.text()).to.equal(text)
  })

  it('streams events through compression as they come', async () => {
    const node = await openNode((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })
    const front = await openFront(node.url, {}, (server, handler) => {
      server.use(compress())
      server.bindHandler('/*', handler)
    })
    const answer = await fetch(`http://127.0.0.1:${front.port}/`)
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).to.equal('data: 1\n\n')
    await reader.cancel()
    await until(() => front.handler.nodes()[0]?.activeRequests === 0, 'it is over')
  })

  it('keeps nothing of a node that says it closes', async () => {
    const node = await openRawNode((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'))
    })
    const front = await openFront(node.url)
    expect(statusOf(await front.exchange('GET / HTTP/1.1'))).to.equal(200)
    await until(() => node.sockets.size === 0, 'the connection has ended')
  })
})

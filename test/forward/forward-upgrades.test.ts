import { expect } from 'chai'
import http from 'node:http'
import { once } from 'node:events'
import { Server } from 'tribind'
import { forward } from 'tribind/forward'
import { type WebSocket as Client, WebSocket, WebSocketServer } from 'ws'
import { openRaw, until } from '../feature/both-ways.ts'
import {
  closeAfterEach,
  closeLater,
  fieldOf,
  listenOn,
  openFront,
  openNode,
  openRawNode,
  openScript,
  statusOf,
} from './forward-world.ts'

/** A node whose WebSockets send back what they get. */
async function openEcho() {
  const server = http.createServer((_, response) => response.end('plain'))
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => [...offered].at(-1) ?? false })
  sockets.on('connection', (socket, request) => {
    socket.send(`hello ${request.url} ${String(request.headers['x-forwarded-for'])}`)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  closeLater(() => sockets.close())
  return listenOn(server)
}

function connect(port: number, path = '/', protocols: string[] = []): Client {
  return new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols)
}

const ask = (upgrade: string, more = '') =>
  `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${more}\r\n`

describe('forward: upgrades', () => {
  closeAfterEach()

  it('passes WebSockets through, with their subprotocol, and counts them until they end', async () => {
    const node = await openEcho()
    const front = await openFront(node.url)
    const socket = connect(front.port, '/chat?x=1', ['a', 'b'])
    const [hello] = (await once(socket, 'message')) as [Buffer]
    expect(String(hello)).to.equal('hello /chat?x=1 127.0.0.1')
    expect(socket.protocol).to.equal('b')
    const large = Buffer.alloc(300_000, 7)
    socket.send(large)
    const [back] = (await once(socket, 'message')) as [Buffer]
    expect(back.equals(large)).to.equal(true)
    expect(front.handler.nodes()[0]).to.include({ activeRequests: 1, fails: 0 })
    socket.close(4001, 'bye')
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).to.equal(4001)
    await until(() => front.handler.nodes()[0]?.activeRequests === 0, 'it is over')
    expect((await front.get()).status).to.equal(200)
  })

  it('passes other protocols through, with what comes right after the heads', async () => {
    const node = await openRawNode((socket) => {
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += String(chunk)
        if (text.endsWith('\r\n\r\n'))
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other/1\r\nX-A: 1\r\n\r\nfirst',
          )
        else socket.write(`(${text.slice(text.indexOf('\r\n\r\n') + 4)})`)
      })
    })
    const front = await openFront(node.url)
    const client = await openRaw(front.port, ask('other/1'))
    await until(() => client.received().endsWith('first'), 'the protocol has begun')
    expect(client.received()).to.match(
      /^HTTP\/1\.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\/1\r\nX-A: 1\r\n/,
    )
    client.socket.write('more')
    await until(() => client.received().endsWith('first(more)'), 'it has come back')
    for (const socket of node.sockets) socket.destroy()
    await client.closed
  })

  it('sends on what the client sends before it has the 101', async () => {
    const node = await openRawNode((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other/1\r\n\r\n')
        socket.on('data', (chunk: Buffer) => socket.write(`(${String(chunk)})`))
      })
    })
    const front = await openFront(node.url)
    const client = await openRaw(front.port, `${ask('other/1')}early`)
    await until(() => client.received().endsWith('(early)'), 'it has come back')
    client.socket.destroy()
    await until(() => node.sockets.size === 0, 'the node is let go')
  })

  it('relays a refused upgrade as an answer', async () => {
    const node = await openScript('HTTP/1.1 426 Upgrade Required\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno')
    const front = await openFront(node.url)
    const client = await openRaw(front.port, ask('websocket', 'Sec-WebSocket-Version: 1\r\n'))
    await client.closed
    expect(statusOf(client.received())).to.equal(426)
    expect(fieldOf(client.received(), 'X-Why')).to.equal('no')
    expect(client.received()).to.match(/no$/)
    expect(front.handler.nodes()[0]).to.include({ activeRequests: 0, fails: 0 })
  })

  it('answers 502 where the node is gone, and 502 where it upgrades what did not ask for it', async () => {
    const node = await openScript('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    const front = await openFront(node.url)
    expect((await front.get()).status).to.equal(502)
    await node.close()
    const client = await openRaw(front.port, ask('websocket'))
    await client.closed
    expect(statusOf(client.received())).to.equal(502)
  })

  it('passes no h2c, which would lead past everything here, and no upgrade of a request with a body', async () => {
    const node = await openNode()
    const front = await openFront(node.url)
    const h2c = await openRaw(
      front.port,
      ask('h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n').replace('Upgrade\r\n', 'Upgrade, HTTP2-Settings\r\n'),
    )
    await until(() => h2c.received().includes('ok'), 'it is answered')
    const posted = await openRaw(front.port, `${ask('other', 'Content-Length: 4\r\n').replace('GET', 'POST')}body`)
    await until(() => posted.received().includes('ok'), 'it is answered')
    expect(node.asked.map(({ headers, body }) => [headers.upgrade, headers['http2-settings'], body])).to.deep.equal([
      [undefined, undefined, ''],
      [undefined, undefined, 'body'],
    ])
    h2c.socket.destroy()
    posted.socket.destroy()
  })

  it('leaves WebSockets of the server itself and upgrades of other routes as they are', async () => {
    const node = await openEcho()
    const front = await openFront(node.url, {}, (server, handler) => {
      server.bindHandler('/node/*', handler)
      server.bindHandler('/own', ({ headers }) => `upgrade: ${String(headers.upgrade)}`)
      server.bindWebSocket('/node/own', (socket) => socket.send('of the server'))
    })
    const own = connect(front.port, '/node/own')
    const [text] = (await once(own, 'message')) as [Buffer]
    expect(String(text)).to.equal('of the server')
    own.terminate()
    const forwarded = connect(front.port, '/node/other')
    const [hello] = (await once(forwarded, 'message')) as [Buffer]
    expect(String(hello)).to.include('/node/other')
    forwarded.terminate()
    const plain = await openRaw(front.port, ask('other/1').replace('GET /', 'GET /own'))
    await until(() => plain.received().includes('upgrade: undefined'), 'it is answered')
    plain.socket.destroy()
  })

  it('lets a hook refuse, and put another answer in the place of a 101', async () => {
    const node = await openEcho()
    const front = await openFront(node.url, {}, (server, handler) => {
      server.bindHandler('/*', handler)
      server.bindHookHandler('/refused', 'BeforeServe', (request) => {
        request.response.writeStatus(403)
        request.exitAll()
      })
      server.bindHookHandler('/late', 'BeforeOutput', ({ response }) => response.writeStatus(409))
    })
    for (const [path, status] of [
      ['/refused', 403],
      ['/late', 409],
    ] as const) {
      const socket = connect(front.port, path)
      const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, http.IncomingMessage]
      expect(answer.statusCode).to.equal(status)
      answer.destroy()
    }
    await until(() => front.handler.nodes()[0]?.activeRequests === 0, 'nothing is under way')
  })

  it('ends with the stop of the server, and with its client', async () => {
    const node = await openEcho()
    const front = await openFront(node.url)
    const socket = connect(front.port)
    await once(socket, 'message')
    const closed = once(socket, 'close')
    await front.server.stop()
    await closed
    await until(() => node.sockets.size === 0, 'the node is let go')
  })

  it('works at an entry point whose handler it is, and over TLS to the client', async () => {
    const { protocolOptions } = await import('../feature/clients.ts')
    const { cert } = await import('../feature/key-pair.ts')
    const node = await openEcho()
    const server = new Server({
      ...protocolOptions.https,
      entryPoints: { gate: { address: '127.0.0.1:0', handler: forward(node.url) } },
    })
    await server.start()
    closeLater(() => server.stop())
    const socket = new WebSocket(`wss://${server.entryPoint('gate').addresses[0]}/x`, {
      ca: cert,
      servername: 'localhost',
    } as never)
    const [hello] = (await once(socket, 'message')) as [Buffer]
    expect(String(hello)).to.include('/x')
    socket.terminate()
  })

  it('is not cut by idleTimeout', async () => {
    const node = await openEcho()
    const front = await openFront({ nodes: [node.url], idleTimeout: 50, headTimeout: 5000 })
    const socket = connect(front.port)
    await once(socket, 'message')
    await new Promise((resolve) => setTimeout(resolve, 200))
    socket.send('still here')
    const [text] = (await once(socket, 'message')) as [Buffer]
    expect(String(text)).to.equal('still here')
    socket.terminate()
  })
})

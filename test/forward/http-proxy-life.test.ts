import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { expect } from 'chai'
import { httpProxy } from 'tribind/forward'
import { gate, until } from '../feature/both-ways.ts'
import { cert, key } from '../feature/key-pair.ts'
import {
  closeAll,
  closed,
  exchange,
  join,
  openOrigin,
  openProxy,
  openTcp,
  readAll,
  statusIn,
  take,
  takeHead,
  tunnelTo,
} from './proxy-world.ts'

const get = (port: number, path = '/', fields = '') =>
  `GET http://127.0.0.1:${port}${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`

describe('httpProxy: the life of its connections', () => {
  afterEach(closeAll)

  it('closes at once those that are idle, and after their answer those that are not', async () => {
    const answered = gate()
    const origin = await openOrigin((request, response) => {
      if (request.url === '/slow') void answered.opened.then(() => response.end('slow'))
      else response.end('fast')
    })
    const { port, server } = await openProxy(httpProxy())
    const [idle, silent, busy] = [await join(port), await join(port), await join(port)]
    idle.write(get(origin.port))
    await takeHead(idle)
    busy.write(get(origin.port, '/slow'))
    await until(() => origin.requests.length === 2, 'it has arrived')
    const closing = server.closeEntryPoint('proxy')
    await Promise.all([closed(idle.resume()), closed(silent.resume())])
    answered.open()
    const answer = await readAll(busy)
    expect(answer)
      .to.match(/\r\nConnection: close\r\n/)
      .and.contain('slow')
    expect(await closing).to.deep.equal({ cut: 0 })
  })

  it('keeps tunnels until they end, and cuts them after the time of the stop', async () => {
    const origin = await openTcp()
    const { port, server } = await openProxy(httpProxy())
    const [first, second] = [
      await tunnelTo(port, `127.0.0.1:${origin.port}`),
      await tunnelTo(port, `127.0.0.1:${origin.port}`),
    ]
    const begun = performance.now()
    const closing = server.closeEntryPoint('proxy', 1000)
    first.socket.end('last words')
    expect(await readAll(first.socket)).to.equal('last words')
    expect(await closing).to.deep.equal({ cut: 1 })
    expect(performance.now() - begun).to.be.within(900, 8000)
    await closed(second.socket.resume())
    await Promise.all(origin.connections.map((socket) => closed(socket)))
  })

  it('cuts a tunnel through which nothing passes for longer than timeout', async () => {
    const origin = await openTcp()
    const { port } = await openProxy(httpProxy(), { timeout: 200 })
    const { socket } = await tunnelTo(port, `127.0.0.1:${origin.port}`)
    await closed(socket.resume())
    await closed(origin.connections[0])
  })

  it('gives a connection up that is being made when its client leaves', async () => {
    const { port, stats, log } = await openProxy(httpProxy())
    const socket = await join(port)
    socket.write('CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.resetAndDestroy()
    await until(() => stats().totalConns === 1 && stats().currentConns === 0, 'it has ended')
    expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
  })

  it('answers a head that comes too slowly with 408', async () => {
    const { port, stats } = await openProxy(httpProxy(), { headersTimeout: 100, connectionsCheckingInterval: 50 })
    const socket = await join(port)
    socket.write('GET http://127.0.0.1/ HTTP/1.1\r\nHo')
    expect(statusIn(await readAll(socket))).to.equal(408)
    expect(stats().totalErrs).to.equal(1)
  })

  it('closes a kept connection that is idle for longer than keepAliveTimeout', async () => {
    const origin = await openOrigin()
    const { port } = await openProxy(httpProxy(), { keepAliveTimeout: 100 })
    const socket = await join(port)
    socket.write(get(origin.port))
    await closed(socket.resume())
    await closed(origin.connections[0])
  })

  it('ends a connection after maxRequestsPerSocket', async () => {
    const origin = await openOrigin()
    const { port } = await openProxy(httpProxy(), { maxRequestsPerSocket: 2 })
    const answers = await exchange(port, get(origin.port, '/1') + get(origin.port, '/2') + get(origin.port, '/3'))
    expect([...answers.matchAll(/GET \/\d/g)].map(([text]) => text)).to.deep.equal(['GET /1', 'GET /2'])
  })

  it('answers requests that are sent at once in their order, a tunnel behind them too', async () => {
    const origin = await openOrigin((request, response) => {
      setTimeout(() => response.end(String(request.url)), request.url === '/1' ? 60 : 0)
    })
    const echo = await openTcp()
    const { port } = await openProxy(httpProxy())
    const socket = await join(port)
    socket.write(
      `${get(origin.port, '/1')}${get(origin.port, '/2')}CONNECT 127.0.0.1:${echo.port} HTTP/1.1\r\nHost: a\r\n\r\nraw`,
    )
    for (const path of ['/1', '/2']) {
      const head = await takeHead(socket)
      expect(head).to.match(/^HTTP\/1\.1 200 OK/)
      expect(await takeBody(socket, head)).to.equal(path)
    }
    expect(await takeHead(socket)).to.contain('Connection established')
    expect(String(await take(socket, 3))).to.equal('raw')
  })

  it('holds back a target whose client reads nothing', async () => {
    let sent = 0
    const chunk = Buffer.alloc(2 ** 16)
    const origin = await openOrigin((_request, response) => {
      const fill = () => {
        sent += chunk.length
        response.write(chunk)
      }
      response.on('drain', fill)
      fill()
    })
    const { port } = await openProxy(httpProxy())
    const socket = (await join(port)).pause()
    socket.write(get(origin.port))
    let before = -1
    do {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 300))
    } while (before !== sent)
    expect(sent).to.be.lessThan(2 ** 25)
  })

  it('relays an answer that comes before the whole request', async () => {
    const origin = await openOrigin((_request, response) =>
      response.writeHead(413, { Connection: 'close' }).end('too much'),
    )
    const { port } = await openProxy(httpProxy())
    const socket = await join(port)
    socket.write(`POST http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n`)
    socket.write(Buffer.alloc(1000))
    expect(statusIn(await takeHead(socket))).to.equal(413)
  })

  it('serves over TLS, where tunnels are half closed as well', async () => {
    const origin = await openTcp((socket) => socket.resume().once('end', () => socket.end('after the end')))
    const { port, stats } = await openProxy(httpProxy(), { https: { key, cert } })
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      ca: cert,
      servername: 'localhost',
      allowHalfOpen: true,
    } as tls.ConnectionOptions)
    await once(socket, 'secureConnect')
    socket.write(`CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(statusIn(await takeHead(socket))).to.equal(200)
    socket.end('all')
    expect(await readAll(socket)).to.equal('after the end')
    await until(() => stats().currentConns === 0, 'it has ended')
  })

  it('outlives clients and targets that reset at any moment', async () => {
    const origin = await openOrigin((request, response) => {
      response.write('begun')
      if (Number(request.headers['x-n']) % 3 === 0) request.socket.resetAndDestroy()
      else response.end(Buffer.alloc(100_000))
    })
    const { port, stats, log } = await openProxy(httpProxy())
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const socket = net.connect(port, '127.0.0.1').on('error', () => {})
        await once(socket, 'connect')
        socket.write(get(origin.port, '/', `X-N: ${i}\r\nConnection: close\r\n`))
        if (i % 2 === 0) setTimeout(() => socket.resetAndDestroy(), i % 20)
        await closed(socket.resume())
      }),
    )
    await until(() => stats().currentConns === 0, 'they have ended', 10_000)
    expect(stats().currentRequests).to.equal(0)
    expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
  })

  it('takes turns with routes at the same address', async () => {
    const origin = await openOrigin()
    const { port, server } = await openProxy(httpProxy())
    const [address = ''] = server.addresses
    const { socket } = await tunnelTo(port, `127.0.0.1:${origin.port}`)
    await server.replaceEntryPoint('proxy', address)
    expect(statusIn(await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'))).to.equal(404)
    await server.replaceEntryPoint('proxy', { address, handler: httpProxy() })
    expect(statusIn(await exchange(port, get(origin.port, '/', 'Connection: close\r\n')))).to.equal(200)
    socket.write('GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await readAll(socket)).to.contain('GET /tunnel')
  })
})

/** The body of an answer, in chunks or with a length. */
async function takeBody(socket: net.Socket, head: string): Promise<string> {
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) return String(await take(socket, Number(length)))
  let text = ''
  while (!text.endsWith('0\r\n\r\n')) text += String(await take(socket, 1))
  return text.split('\r\n')[1] ?? ''
}

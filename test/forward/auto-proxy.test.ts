import { expect } from 'chai'
import { autoProxy } from 'tribind/forward'
import { until } from '../feature/both-ways.ts'
import { cert, key } from '../feature/key-pair.ts'
import {
  basic,
  closeAll,
  closed,
  exchange,
  findUnusedPort,
  join,
  openOrigin,
  openProxy,
  openTcp,
  statusIn,
  take,
  takeHead,
  tunnelTo,
} from './proxy-world.ts'
import { ask, askSocks5, greet, ipv4, login } from './socks-client.ts'
import tls from 'node:tls'
import { once } from 'node:events'

const socks4 = (command: number, address: string, port: number, name = '') =>
  Buffer.concat([
    Buffer.from([4, command, port >> 8, port & 255, ...address.split('.').map(Number)]),
    Buffer.from(`me\0${name === '' ? '' : `${name}\0`}`),
  ])

/** The code of the reply of SOCKS 4. */
async function askSocks4(proxy: number, request: Buffer) {
  const socket = await join(proxy)
  socket.write(request)
  const reply = await take(socket, 8)
  expect(reply[0]).to.equal(0)
  return { socket, code: reply[1] }
}

describe('autoProxy', () => {
  afterEach(closeAll)

  it('tells SOCKS 4, 4a, SOCKS 5 and HTTP apart', async () => {
    const { port } = await openTcp()
    const origin = await openOrigin()
    const { port: proxy, stats } = await openProxy(autoProxy())
    const opened = [
      (await askSocks5(proxy, ipv4('127.0.0.1'), port)).socket,
      (await askSocks4(proxy, socks4(1, '127.0.0.1', port))).socket,
      (await askSocks4(proxy, socks4(1, '0.0.0.7', port, 'localhost'))).socket,
      (await tunnelTo(proxy, `127.0.0.1:${port}`)).socket,
    ]
    for (const [i, socket] of opened.entries()) {
      socket.write(`hello ${i}`)
      expect(String(await take(socket, 7))).to.equal(`hello ${i}`)
    }
    const got = await exchange(
      proxy,
      `GET http://127.0.0.1:${origin.port}/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    expect(got).to.contain('GET /a')
    expect(stats()).to.include({ totalConns: 5, totalRequests: 5, totalErrs: 0 })
  })

  it('reads a request of HTTP that comes byte by byte', async () => {
    const origin = await openOrigin()
    const { port: proxy } = await openProxy(autoProxy())
    const socket = await join(proxy)
    for (const byte of `GET http://127.0.0.1:${origin.port}/slow HTTP/1.1\r\nHost: a\r\n\r\n`) {
      socket.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(statusIn(await takeHead(socket))).to.equal(200)
    expect(origin.requests[0]?.url).to.equal('/slow')
  })

  it('speaks all of it over TLS', async () => {
    const { port } = await openTcp()
    const { port: proxy } = await openProxy(autoProxy(), { https: { key, cert } })
    for (const [request, length] of [
      [socks4(1, '127.0.0.1', port), 8],
      [Buffer.from([5, 1, 0, 5, 1, 0, ...ipv4('127.0.0.1'), port >> 8, port & 255]), 12],
      [Buffer.from(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\n`), 39],
    ] as const) {
      const socket = tls.connect({ port: proxy, host: '127.0.0.1', ca: cert, servername: 'localhost' })
      await once(socket, 'secureConnect')
      socket.write(request)
      await take(socket, length)
      socket.write('through')
      expect(String(await take(socket, 7))).to.equal('through')
      socket.destroy()
    }
  })

  it('refuses by SOCKS 4 what SOCKS 5 refuses, and BIND', async () => {
    const { port: proxy, stats } = await openProxy(autoProxy({ deny: ['127.0.0.9'] }))
    for (const request of [
      socks4(1, '127.0.0.9', 80),
      socks4(1, '127.0.0.1', await findUnusedPort()),
      socks4(1, '0.0.0.1', 80, 'nothing.invalid'),
      socks4(2, '127.0.0.1', 80),
    ]) {
      const { socket, code } = await askSocks4(proxy, request)
      expect(code).to.equal(91)
      await closed(socket.resume())
    }
    await until(() => stats().currentConns === 0, 'they have ended')
  })

  it('refuses SOCKS 4 where it has auth', async () => {
    const { port } = await openTcp()
    const { port: proxy } = await openProxy(autoProxy({ auth: { alice: 'secret' } }))
    expect((await askSocks4(proxy, socks4(1, '127.0.0.1', port))).code).to.equal(91)
    const { socket } = await greet(proxy, [0, 2])
    expect(await login(socket, 'alice', 'secret')).to.equal(0)
    expect(await ask(socket, ipv4('127.0.0.1'), port)).to.equal(0)
    expect(statusIn((await tunnelTo(proxy, `127.0.0.1:${port}`)).head)).to.equal(407)
    expect(statusIn((await tunnelTo(proxy, `127.0.0.1:${port}`, basic('alice', 'secret'))).head)).to.equal(200)
  })

  it('closes what is silent, or says half of it, after headersTimeout', async () => {
    const options = { headersTimeout: 100, connectionsCheckingInterval: 50 }
    const { port: proxy, stats } = await openProxy(autoProxy(), options)
    for (const bytes of ['', '\x04', '\x05', '\x04\x01\0\x50\x7f\0\0\x01me', 'C', 'GET http://a/ HTTP/1.1\r\nHo']) {
      const socket = await join(proxy)
      socket.write(bytes)
      await closed(socket.resume())
    }
    await until(() => stats().currentConns === 0, 'they have ended')
  })

  it('answers anything else as HTTP does', async () => {
    const { port: proxy, stats } = await openProxy(autoProxy())
    for (const bytes of ['\0\0\0\0', '\x16\x03\x01\x02\0\x01\0\x01', '\xff\xfe', '\x06\x01\x00', '\r\n\r\nfoo\r\n\r\n'])
      expect(statusIn(await exchange(proxy, Buffer.from(bytes, 'latin1'))), JSON.stringify(bytes)).to.equal(400)
    await until(() => stats().totalErrs === 5, 'they are counted')
  })

  it('outlives random bytes', async () => {
    const { port: proxy, log } = await openProxy(autoProxy(), { headersTimeout: 200, connectionsCheckingInterval: 50 })
    let seed = 7
    const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = await join(proxy)
        const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => random() * 256))
        if (bytes.length > 0 && random() < 0.7) bytes[0] = random() < 0.5 ? 4 : 5
        socket.write(bytes)
        if (random() < 0.3) socket.resetAndDestroy()
        await closed(socket.resume())
      }),
    )
    expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
  })

  it('has a length for texts of SOCKS 4', async () => {
    const { port: proxy } = await openProxy(autoProxy())
    const socket = await join(proxy)
    socket.write(Buffer.concat([Buffer.from([4, 1, 0, 80, 127, 0, 0, 1]), Buffer.alloc(1000, 'x')]))
    await closed(socket.resume())
  })
})

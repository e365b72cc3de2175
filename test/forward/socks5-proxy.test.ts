import { expect } from 'chai'
import { socks5Proxy } from 'tribind/forward'
import { until } from '../feature/both-ways.ts'
import { listenDeaf } from './deaf-listener.ts'
import { closeAll, closed, findUnusedPort, join, openProxy, openTcp, readAll, take } from './proxy-world.ts'
import { ask, askSocks5, greet, ipv4, ipv6Loopback, login, name } from './socks-client.ts'

describe('socks5Proxy', () => {
  afterEach(closeAll)

  for (const [what, host, at] of [
    ['an IPv4 address', ipv4('127.0.0.1'), '127.0.0.1'],
    ['an IPv6 address', ipv6Loopback, '::1'],
    ['a name', name('localhost'), '127.0.0.1'],
    ['a name in capitals with a dot', name('LocalHost.'), '127.0.0.1'],
  ] as const)
    it(`connects to ${what}`, async () => {
      const { port } = await openTcp(undefined, at)
      const { port: proxy } = await openProxy(socks5Proxy())
      const { socket, code } = await askSocks5(proxy, host, port)
      expect(code).to.equal(0)
      socket.write('hello')
      expect((await take(socket, 5)).toString()).to.equal('hello')
    })

  it('tells the address that it connects from, and passes on what was sent early', async () => {
    const origin = await openTcp()
    const { port: proxy } = await openProxy(socks5Proxy())
    const socket = await join(proxy)
    socket.write(
      Buffer.from([
        5,
        2,
        0,
        2,
        5,
        1,
        0,
        ...ipv4('127.0.0.1'),
        origin.port >> 8,
        origin.port & 255,
        ...Buffer.from('early'),
      ]),
    )
    expect([...(await take(socket, 2))]).to.deep.equal([5, 0])
    const reply = await take(socket, 10)
    expect([...reply.subarray(0, 8)]).to.deep.equal([5, 0, 0, 1, 127, 0, 0, 1])
    expect(reply.readUInt16BE(8)).to.equal(origin.connections[0]?.remotePort)
    expect((await take(socket, 5)).toString()).to.equal('early')
  })

  it('keeps the half that is open when the other is closed', async () => {
    const { port } = await openTcp((socket) => socket.resume().once('end', () => socket.end('after the end')))
    const { port: proxy, stats } = await openProxy(socks5Proxy())
    const { socket } = await askSocks5(proxy, ipv4('127.0.0.1'), port)
    socket.end('all')
    expect(await readAll(socket)).to.equal('after the end')
    await until(() => stats().currentConns === 0, 'it has ended')
    expect(stats()).to.include({ totalRequests: 1, currentRequests: 0, totalErrs: 0 })
    expect(stats().outputBytes).to.equal(2 + 10 + 'after the end'.length)
  })

  it('has a reply of its own for each failure', async () => {
    const deaf = await listenDeaf()
    const proxy = (await openProxy(socks5Proxy({ deny: ['127.0.0.9'] }))).port
    const code = async (host: readonly number[], port: number) => (await askSocks5(proxy, host, port)).code
    expect(await code(ipv4('127.0.0.9'), 80)).to.equal(2)
    expect(await code(ipv4('127.0.0.1'), await findUnusedPort())).to.equal(5)
    expect(await code(name('nothing.invalid'), 80)).to.equal(4)
    expect(await code(name('no name'), 80)).to.equal(4)
    expect(await code(ipv4('255.255.255.255'), 80)).to.be.oneOf([3, 4])
    expect(await code(ipv4('127.0.0.1'), deaf.port)).to.equal(6)
    deaf.close()
  }).timeout(30_000)

  it('has one for an interface that leads nowhere', async () => {
    const { port } = await openTcp()
    for (const [from, code] of [
      ['127.0.0.1', 0],
      ['192.0.2.1', 3],
      ['nowhere0', 3],
      ['::1', 3],
    ] as const) {
      const { port: proxy } = await openProxy(socks5Proxy({ interface: from }))
      expect((await askSocks5(proxy, ipv4('127.0.0.1'), port)).code, from).to.equal(code)
    }
    const { port: proxy } = await openProxy(socks5Proxy({ interface: '127.0.0.2' }))
    expect((await askSocks5(proxy, ipv4('127.0.0.1'), await findUnusedPort())).code).to.equal(5)
  })

  it('answers BIND and UDP ASSOCIATE with 7, and an unknown kind of address with 8', async () => {
    const { port: proxy } = await openProxy(socks5Proxy())
    for (const command of [0, 2, 3, 200]) {
      const { socket } = await greet(proxy)
      expect(await ask(socket, ipv4('127.0.0.1'), 80, command)).to.equal(7)
      await readAll(socket)
    }
    for (const kind of [0, 2, 5, 255]) {
      const { socket } = await greet(proxy)
      expect(await ask(socket, [kind, 1, 2, 3, 4], 80)).to.equal(8)
      await readAll(socket)
    }
  })

  it('leaves from the interface', async () => {
    const origin = await openTcp((socket) => socket.end(String(socket.remoteAddress)))
    const { port: proxy } = await openProxy(socks5Proxy({ interface: '127.0.0.3' }))
    const { socket } = await askSocks5(proxy, ipv4('127.0.0.1'), origin.port)
    expect(await readAll(socket)).to.equal('127.0.0.3')
    const { port } = await openProxy(socks5Proxy({ interface: 'auto' }), { address: '127.0.0.6:0' })
    const client = await join(port, '127.0.0.6')
    client.write(Buffer.from([5, 1, 0, 5, 1, 0, ...ipv4('127.0.0.1'), origin.port >> 8, origin.port & 255]))
    await take(client, 12)
    expect(await readAll(client)).to.equal('127.0.0.6')
  })

  it('lets in those alone that have a name and password, where it has auth', async () => {
    const { port } = await openTcp()
    const { port: proxy, stats } = await openProxy(socks5Proxy({ auth: { alice: 'grün', bob: 'secret' } }))
    const without = await greet(proxy, [0, 1])
    expect(without.method).to.equal(255)
    expect(await readAll(without.socket)).to.equal('')
    for (const [user, password] of [
      ['alice', 'grun'],
      ['carol', 'secret'],
      ['', ''],
      ['bob', ''],
    ] as const) {
      const { socket, method } = await greet(proxy, [0, 2])
      expect(method).to.equal(2)
      expect(await login(socket, user, password), `${user}:${password}`).to.equal(1)
      expect(await readAll(socket)).to.equal('')
    }
    const { socket } = await greet(proxy, [2])
    expect(await login(socket, 'alice', 'grün')).to.equal(0)
    expect(await ask(socket, ipv4('127.0.0.1'), port)).to.equal(0)
    expect(stats()).to.include({ totalErrs: 0, totalRequests: 1 })
  })

  it('offers no authentication where there is none', async () => {
    const { port: proxy } = await openProxy(socks5Proxy())
    expect((await greet(proxy, [2])).method).to.equal(255)
    expect((await greet(proxy, [])).method).to.equal(255)
    expect((await greet(proxy, [2, 0])).method).to.equal(0)
  })

  for (const [what, bytes] of [
    ['another version', [4, 1, 0, 80, 127, 0, 0, 1, 0]],
    ['HTTP', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['another version in the request', [5, 1, 0, 4, 1, 0, 1, 127, 0, 0, 1, 0, 80]],
  ] as const)
    it(`closes a connection that speaks ${what}`, async () => {
      const { port: proxy, stats } = await openProxy(socks5Proxy())
      const socket = await join(proxy)
      socket.resume().write(Buffer.from(bytes))
      await closed(socket)
      await until(() => stats().totalErrs === 1, 'it is counted')
    })

  it('closes a connection on which half a greeting comes, after headersTimeout', async () => {
    const { port: proxy, stats } = await openProxy(socks5Proxy(), { headersTimeout: 100 })
    for (const bytes of [[], [5], [5, 3, 0], [5, 1, 0, 5], [5, 1, 0, 5, 1, 0, 3, 200, 97]]) {
      const socket = await join(proxy)
      socket.resume().write(Buffer.from(bytes))
      await closed(socket)
    }
    await until(() => stats().totalErrs === 5, 'they are counted')
    expect(stats()).to.include({ totalConns: 5, currentConns: 0 })
  })

  it('outlives clients that leave at any point', async () => {
    const { port } = await openTcp()
    const { port: proxy, stats, log } = await openProxy(socks5Proxy())
    const all = [5, 1, 0, 5, 1, 0, ...ipv4('127.0.0.1'), port >> 8, port & 255]
    for (let length = 0; length <= all.length; length++) {
      for (const leave of ['end', 'resetAndDestroy'] as const) {
        const socket = await join(proxy)
        socket.write(Buffer.from(all.slice(0, length)))
        socket.resume()
        socket[leave]()
      }
    }
    await until(() => stats().currentConns === 0, 'they have ended', 10_000)
    expect(stats().totalErrs).to.equal(0)
    expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
  })

  it('keeps its tunnels while it closes, and cuts them after the time', async () => {
    const { port } = await openTcp()
    const { server, port: proxy } = await openProxy(socks5Proxy())
    const { socket } = await askSocks5(proxy, ipv4('127.0.0.1'), port)
    const silent = await join(proxy)
    const closing = server.closeEntryPoint('proxy', 500)
    await closed(silent.resume())
    socket.write('still')
    expect((await take(socket, 5)).toString()).to.equal('still')
    expect(await closing).to.deep.equal({ cut: 1 })
    await closed(socket.resume())
  })
})

import dns from 'node:dns/promises'
import { syncBuiltinESMExports } from 'node:module'
import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { Server } from 'tribind'
import { autoProxy, createChain, httpProxy, type ProxyOptions, socks5Proxy } from 'tribind/forward'
import { collectingLogger, rejected, thrownBy } from '../feature/both-ways.ts'
import { closeAll, exchange, openOrigin, openProxy, openTcp, readAll, statusIn, tunnelTo } from './proxy-world.ts'
import { askSocks5, name } from './socks-client.ts'

/** What a proxy with some rules answers to a CONNECT. */
async function connect(options: ProxyOptions, authority: string): Promise<number> {
  const { port } = await openProxy(httpProxy(options))
  return statusIn((await tunnelTo(port, authority)).head)
}

describe('the rules of a proxy', () => {
  let port: number

  beforeEach(async () => ({ port } = await openTcp()))
  afterEach(closeAll)

  const cases: readonly (readonly [options: ProxyOptions, host: string, status: number])[] = [
    [{}, '127.0.0.1', 200],
    [{ allow: ['127.0.0.1'] }, '127.0.0.1', 200],
    [{ allow: [] }, '127.0.0.1', 403],
    [{ allow: ['127.0.0.2'] }, '127.0.0.1', 403],
    [{ allow: ['127.0.0.0/8'] }, '127.0.0.1', 200],
    [{ allow: ['127.0.0.0/30'] }, '127.0.0.1', 200],
    [{ allow: ['10.0.0.0/8'] }, '127.0.0.1', 403],
    [{ allow: '10.0.0.0/8, 127.0.0.1' }, '127.0.0.1', 200],
    [{ allow: ['localhost'] }, 'localhost', 200],
    [{ allow: ['LOCALHOST.'] }, 'localhost', 200],
    [{ allow: ['localhost'] }, 'LocalHost.', 200],
    [{ allow: ['*'] }, 'localhost', 200],
    [{ allow: ['*.localhost'] }, 'localhost', 403],
    [{ allow: ['127.0.0.0/8'] }, 'localhost', 200],
    [{ allow: ['localhost'] }, '127.0.0.1', 403],
    [{ allow: ['localhost'], deny: ['127.0.0.0/8', '::1'] }, 'localhost', 403],
    [{ deny: ['localhost'] }, 'localhost', 403],
    [{ deny: ['localhost'] }, 'LOCALHOST.', 403],
    [{ deny: ['localhost'] }, '127.0.0.1', 200],
    [{ deny: ['*'] }, '127.0.0.1', 403],
    [{ deny: ['127.0.0.1'], allow: ['127.0.0.1'] }, '127.0.0.1', 403],
    [{ deny: ['127.0.0.0/8'] }, '127.0.0.1', 403],
    [{ deny: ['127.0.0.1'] }, '[::ffff:127.0.0.1]', 403],
    [{ deny: ['::ffff:127.0.0.1'] }, '[::ffff:7f00:1]', 403],
    [{ deny: ['127.0.0.1'] }, '[64:ff9b::127.0.0.1]', 403],
    [{ deny: ['127.0.0.0/8'] }, '127.1', 403],
    [{ deny: ['127.0.0.0/8'] }, '0x7f000001', 403],
    [{ deny: ['127.0.0.0/8'] }, '2130706433', 403],
    [{ deny: ['127.0.0.0/8'] }, '0177.0.0.1', 403],
  ]
  for (const [options, host, status] of cases)
    it(`${JSON.stringify(options)} answer ${host} with ${status}`, async () => {
      expect(await connect(options, `${host}:${port}`)).to.equal(status)
    })

  it('may name ports, alone or behind a name or an address', async () => {
    const [own, other] = [`:${port}`, ':1']
    for (const host of ['', 'localhost', '*', '127.0.0.0/8', '127.0.0.1']) {
      expect(await connect({ allow: [host + own] }, `localhost:${port}`), `allow ${host}${own}`).to.equal(200)
      expect(await connect({ allow: [host + other] }, `localhost:${port}`), `allow ${host}${other}`).to.equal(403)
      expect(await connect({ deny: [host + own] }, `localhost:${port}`), `deny ${host}${own}`).to.equal(403)
      expect(await connect({ deny: [host + other] }, `localhost:${port}`), `deny ${host}${other}`).to.equal(200)
    }
    for (const rule of ['[::1]:1', '[::/0]:1', '[::]/0:1', '::1', '::/0', '[::1]'])
      expect(await connect({ deny: [rule] }, `127.0.0.1:${port}`), rule).to.equal(200)
  })

  it('are compared with names before these are looked up', async () => {
    expect(await connect({ deny: ['*.invalid'] }, 'a.b.invalid:80')).to.equal(403)
    expect(await connect({ deny: ['*.invalid'] }, 'invalid:80')).to.equal(502)
    expect(await connect({ allow: ['*.example'] }, 'a.invalid:80')).to.equal(403)
  })

  it('hold for requests and SOCKS alike, and for HTTP the target is asked for, not its Host field', async () => {
    const origin = await openOrigin()
    const { port: proxy, stats } = await openProxy(autoProxy({ deny: ['localhost'] }))
    const get = (host: string) =>
      exchange(proxy, `GET http://${host}:${origin.port}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    expect(statusIn(await get('127.0.0.1'))).to.equal(200)
    expect(statusIn(await get('localhost'))).to.equal(403)
    expect(statusIn(await get('LocalHost.'))).to.equal(403)
    expect((await askSocks5(proxy, name('localhost'), port)).code).to.equal(2)
    expect(stats().totalErrs).to.equal(0)
  })

  it('leave out addresses of the link and of metadata, unless these are allowed', async () => {
    const link = [
      '169.254.169.254',
      '[::ffff:169.254.169.254]',
      '[::ffff:a9fe:a9fe]',
      '[fe80::1]',
      '[fd00:ec2::254]',
      '[64:ff9b::a9fe:a9fe]',
    ]
    for (const host of [...link, '0.0.0.0', '[::]', '[::ffff:0.0.0.0]'])
      for (const options of [{}, { allow: ['*'] }, { allow: ['0.0.0.0/0', '::/0'] }])
        expect(await connect(options, `${host}:${port}`), `${host} ${JSON.stringify(options)}`).to.equal(403)
    // Nothing is there, but it was tried.
    const { port: proxy } = await openProxy(
      socks5Proxy({ allow: ['169.254.0.0/16', '127.0.0.1'], interface: '127.0.0.1' }),
    )
    expect((await askSocks5(proxy, [1, 169, 254, 169, 254], 80)).code).to.not.equal(2)
  })

  it('never let a proxy through to the server itself', async () => {
    const log = collectingLogger()
    const server = new Server({
      logger: log,
      entryPoints: {
        proxy: { address: '127.0.0.1:0', handler: httpProxy({ allow: ['*', '0.0.0.0/0', '::/0'] }) },
        ops: ':0',
        v6: '[::1]:0',
      },
    })
    await server.start()
    const [proxy = 0, ops, v6] = server.addresses.map((address) => Number(address.split(':').at(-1)))
    const own = Object.values(networkInterfaces())
      .flatMap((all = []) => all)
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
    const targets = [
      `127.0.0.1:${proxy}`,
      `localhost:${proxy}`,
      `[::ffff:127.0.0.1]:${proxy}`,
      `127.1:${proxy}`,
      `127.0.0.1:${ops}`,
      `127.0.0.5:${ops}`,
      `[::1]:${ops}`,
      `localhost:${ops}`,
      `[::1]:${v6}`,
      ...own.map(({ address }) => `${address}:${ops}`),
    ]
    for (const target of targets) expect(statusIn((await tunnelTo(proxy, target)).head), target).to.equal(403)
    expect(
      statusIn(await exchange(proxy, `GET http://127.0.0.1:${ops}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)),
    ).to.equal(403)
    await server.stop()
  })

  it('hold for the address that is connected to: the name is looked up once', async () => {
    const { lookup } = dns
    const found = ['127.0.0.1', '127.0.0.2', '169.254.169.254']
    let lookups = 0
    Object.assign(dns, { lookup: () => Promise.resolve([{ address: found[lookups++], family: 4 }]) })
    syncBuiltinESMExports()
    try {
      const origin = await openTcp((socket) => socket.end(String(socket.localAddress)), '0.0.0.0')
      const { port: proxy } = await openProxy(httpProxy({ deny: ['127.0.0.2'] }))
      const target = `rebinding.example:${origin.port}`
      const { head, socket } = await tunnelTo(proxy, target)
      expect([statusIn(head), await readAll(socket), lookups]).to.deep.equal([200, '127.0.0.1', 1])
      expect(statusIn((await tunnelTo(proxy, target)).head)).to.equal(403)
      expect(statusIn((await tunnelTo(proxy, target)).head)).to.equal(403)
      expect(lookups).to.equal(3)
    } finally {
      Object.assign(dns, { lookup })
      syncBuiltinESMExports()
    }
  })

  it('leave those of several addresses that are let through', async () => {
    const { lookup } = dns
    const found = ['169.254.169.254', '127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }))
    Object.assign(dns, { lookup: () => Promise.resolve(found) })
    syncBuiltinESMExports()
    try {
      const { port: proxy } = await openProxy(httpProxy({ deny: ['127.0.0.2'] }))
      expect(statusIn((await tunnelTo(proxy, `several.example:${port}`)).head)).to.equal(200)
    } finally {
      Object.assign(dns, { lookup })
      syncBuiltinESMExports()
    }
  })

  it('hold where connections go through a chain', async () => {
    const far = await openProxy(autoProxy())
    const chain = createChain({ hops: [{ nodes: [{ addr: `127.0.0.1:${far.port}`, connector: { type: 'socks5' } }] }] })
    expect(await connect({ chain }, `127.0.0.1:${port}`)).to.equal(200)
    expect(await connect({ chain, deny: ['localhost'] }, `localhost:${port}`)).to.equal(403)
    expect(await connect({ chain, deny: ['127.0.0.0/8', '::1'] }, `localhost:${port}`)).to.equal(403)
    expect(await connect({ chain }, '169.254.169.254:80')).to.equal(403)
    const virtual = createChain({ hops: [{ nodes: [{ connector: { type: 'virtual' } }] }] })
    expect(await connect({ chain: virtual }, `127.0.0.1:${port}`)).to.equal(200)
    expect(await connect({ chain: virtual }, '0xa9fea9fe:80')).to.equal(403)
  })

  for (const rule of ['', 'a b', '10.0.0.0/33', '::/129', 'a:b', 'a:70000', 'http://a', 'a/24', '*a', 'a.*', '[a]'])
    it(`can't be ${JSON.stringify(rule)}`, () => {
      for (const option of ['allow', 'deny'] as const) {
        const error = thrownBy(() => httpProxy({ [option]: [rule] }))
        expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG' })
        expect(error.message).to.contain(`httpProxy: ${option}`)
      }
    })
})

describe('an open proxy', () => {
  afterEach(closeAll)

  const kinds = { httpProxy, socks5Proxy, autoProxy }
  for (const [kind, create] of Object.entries(kinds))
    it(`can't be started by mistake with ${kind}`, async () => {
      for (const address of [':0', '0.0.0.0:0', '[::]:0', '127.0.0.1:0,:0', '192.0.2.1:80', 'proxy.example:80']) {
        const options = { logger: collectingLogger(), entryPoints: { out: { address, handler: create() } } }
        const error = thrownBy(() => new Server(options))
        expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG' })
        expect(error.message).to.contain('option "entryPoints.out.handler"').and.contain('"open: true"')
      }
      const server = new Server({ logger: collectingLogger(), entryPoints: { web: '127.0.0.1:0' } })
      await server.start()
      const error = await rejected(
        server.openEntryPoint('out', { address: ':0', handler: create({ deny: ['10.0.0.0/8'] }) }),
      )
      expect(error.message).to.contain('option "entryPoints.out.handler"')
      expect(
        (await rejected(server.replaceEntryPoint('web', { address: ':0', handler: create() }))).message,
      ).to.contain('"open: true"')
      await server.stop()
    })

  it('is one with auth, with allow, or by its own word; or listens on loopback', async () => {
    for (const options of [{ auth: { a: 'b' } }, { auth: () => true }, { allow: ['10.0.0.0/8'] }, { open: true }])
      await openProxy(httpProxy(options), { address: ':0' })
    for (const address of [
      '127.0.0.1:0',
      '127.0.0.2:0',
      '[::1]:0',
      'localhost:0',
      `unix:/tmp/tribind-open-${process.pid}.sock`,
    ])
      await openProxy(httpProxy(), { address })
  })

  for (const [options, message] of [
    [{ auth: {} }, 'option "auth"'],
    [{ auth: 'alice:secret' }, 'option "auth"'],
    [{ auth: { alice: '' } }, 'password must be a non-empty string'],
    [{ allow: 7 }, 'option "allow"'],
    [{ allow: [7] }, 'option "allow"'],
    [{ open: 'yes' }, 'option "open"'],
    [{ interface: '' }, 'interface'],
    [{ chain: '' }, 'option "chain"'],
    [{ chain: {} }, 'option "chain"'],
    [{ chain: 'a', interface: 'lo' }, 'option "chain" leaves no choice'],
    [{ port: 80 }, 'unknown option "port"'],
  ] as const)
    it(`refuses ${JSON.stringify(options)}`, () => {
      for (const create of Object.values(kinds)) {
        const error = thrownBy(() => create(options as unknown as ProxyOptions))
        expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG' })
        expect(error.message).to.contain(message)
        expect(error.message).to.not.contain('secret')
      }
    })

  it('has no chain of a name that stands for nothing', async () => {
    const server = new Server({
      logger: collectingLogger(),
      entryPoints: { out: { address: '127.0.0.1:0', handler: httpProxy({ chain: 'nowhere' }) } },
    })
    expect(await rejected(server.start())).to.include({ code: 'ERR_TRIBIND_CHAIN' })
  })
})

import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { createChain, httpProxy, tcpForward, type TcpForwardOptions } from 'tribind/forward'
import { callUntyped, thrownBy, until } from '../feature/both-ways.ts'
import { closeAll, closed, findUnusedPort, join, openProxy, openTcp, readAll, take } from './proxy-world.ts'

const at = (port: number) => `127.0.0.1:${port}`

/** A node that tells its name and ends. */
const openNamed = async (name: string) => at((await openTcp((socket) => socket.end(name))).port)

describe('tcpForward', () => {
  afterEach(closeAll)

  it('connects each client to a node, and passes what either sends, half-closed ways too', async () => {
    const node = await openTcp((socket) => {
      socket.write('first')
      socket.once('end', () => socket.end(' last')).resume()
    })
    const { port, stats } = await openProxy(tcpForward({ nodes: at(node.port) }))
    const client = await join(port)
    expect(String(await take(client, 5))).to.equal('first')
    client.end('from the client')
    expect(await readAll(client)).to.equal(' last')
    await until(() => stats().currentConns === 0, 'it has ended')
    expect(stats()).to.include({ inputBytes: 15, outputBytes: 10, totalConns: 1, totalErrs: 0, totalRequests: 0 })
  })

  it('takes nodes in turn, by weight', async () => {
    const nodes = [{ addr: await openNamed('a'), weight: 2 }, { addr: await openNamed('b') }]
    const { port } = await openProxy(tcpForward({ nodes }))
    const seen: string[] = []
    for (let i = 0; i < 6; i++) seen.push(await readAll(await join(port)))
    expect(seen.join('')).to.equal('abaaba')
  })

  it('tries the next node where one refuses, and leaves that out for a while', async () => {
    const service = tcpForward({
      nodes: [{ name: 'gone', addr: at(await findUnusedPort()) }, await openNamed('b')],
      selector: { strategy: 'fifo' },
    })
    const { port, log, stats } = await openProxy(service)
    for (let i = 0; i < 3; i++) expect(await readAll(await join(port))).to.equal('b')
    const [gone, b] = service.nodes()
    expect(gone).to.include({
      name: 'gone',
      state: 'failed',
      fails: 1,
      totalRequests: 1,
      activeRequests: 0,
      egress: '',
    })
    expect(gone?.lastError).to.contain('ECONNREFUSED')
    expect(b).to.include({ state: 'up', totalRequests: 3, lastError: undefined })
    expect(log.filter(({ level }) => level === 'warn')).to.have.length(1)
    expect(stats().totalErrs).to.equal(0)
  })

  it('uses a backup where no other is left, and cuts the client where none is', async () => {
    const unused = at(await findUnusedPort())
    const backup = await openNamed('backup')
    const first = await openProxy(tcpForward({ nodes: [unused, { addr: backup, backup: true }] }))
    expect(await readAll(await join(first.port))).to.equal('backup')
    const second = await openProxy(tcpForward({ nodes: [unused] }))
    const client = await join(second.port)
    await closed(client.resume())
    await until(() => second.stats().totalErrs === 1, 'it is counted')
  })

  it('counts the connections of a node as long as they are open', async () => {
    const node = await openTcp()
    const service = tcpForward({ nodes: [at(node.port)] })
    const { port } = await openProxy(service)
    const clients = [await join(port), await join(port)]
    await until(() => service.nodes()[0]?.activeRequests === 2, 'they are counted')
    for (const client of clients) client.end()
    await until(() => service.nodes()[0]?.activeRequests === 0, 'they have ended')
    expect(service.nodes()[0]).to.include({ totalRequests: 2, fails: 0 })
  })

  it('chooses by the address of the client with hash', async () => {
    const nodes = [await openNamed('a'), await openNamed('b'), await openNamed('c')]
    const { port } = await openProxy(tcpForward({ nodes, selector: { strategy: 'hash' } }))
    const from = async (localAddress: string) =>
      readAll(net.connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true }))
    const seen = new Set<string>()
    for (let i = 1; i < 20; i++) {
      const node = await from(`127.0.0.${i}`)
      expect(await from(`127.0.0.${i}`)).to.equal(node)
      seen.add(node)
    }
    expect(seen.size).to.be.greaterThan(1)
  })

  it('leaves from the interface, and through the chain', async () => {
    const node = await openTcp((socket) => socket.end(String(socket.remoteAddress)))
    const { port } = await openProxy(tcpForward({ nodes: [at(node.port)], interface: '127.0.0.4' }))
    expect(await readAll(await join(port))).to.equal('127.0.0.4')
    const { port: proxy, stats } = await openProxy(httpProxy())
    const chain = createChain({ hops: [{ nodes: [{ addr: at(proxy) }] }] })
    const { port: chained } = await openProxy(tcpForward({ nodes: [at(node.port)], chain }))
    expect(await readAll(await join(chained))).to.equal('127.0.0.1')
    expect(stats().totalRequests).to.equal(1)
  })

  it('forwards to a Unix socket', async () => {
    const path = `/tmp/tribind-tcp-${process.pid}.sock`
    const server = net.createServer((socket) => socket.end('local'))
    await once(server.listen(path), 'listening')
    const { port } = await openProxy(tcpForward({ nodes: [`unix:${path}`] }))
    expect(await readAll(await join(port))).to.equal('local')
    server.close()
  })

  it('holds back a side whose other side reads nothing, both ways', async () => {
    const chunk = Buffer.alloc(2 ** 16)
    const pump = (socket: net.Socket) => {
      let sent = 0
      const fill = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
      }
      socket.on('drain', fill)
      fill()
      return () => sent
    }
    let sentByNode = () => 0
    const node = await openTcp((socket) => (sentByNode = pump(socket.pause())))
    const { port } = await openProxy(tcpForward({ nodes: [at(node.port)] }))
    const client = (await join(port)).pause()
    const sentByClient = pump(client)
    let before = -1
    while (before !== sentByNode() + sentByClient()) {
      before = sentByNode() + sentByClient()
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    expect(sentByNode()).to.be.lessThan(2 ** 25)
    expect(sentByClient()).to.be.lessThan(2 ** 25)
  })

  it('keeps its connections while it closes, silent ones too, and cuts them after the time', async () => {
    const node = await openTcp()
    const { port, server, stats } = await openProxy(tcpForward({ nodes: [at(node.port)] }))
    const [silent, busy] = [await join(port), await join(port)]
    await until(() => stats().currentConns === 2, 'they are accepted')
    const closing = server.closeEntryPoint('proxy', 400)
    busy.write('on')
    expect(String(await take(busy, 2))).to.equal('on')
    expect(await closing).to.deep.equal({ cut: 2 })
    await Promise.all([closed(silent.resume()), closed(busy.resume())])
  })

  it('goes on where the entry point is replaced at the same address', async () => {
    const node = await openTcp()
    const { port, server } = await openProxy(tcpForward({ nodes: [at(node.port)] }))
    const client = await join(port)
    client.write('a')
    await take(client, 1)
    const [address = ''] = server.addresses
    await server.replaceEntryPoint('proxy', { address, handler: tcpForward({ nodes: [await openNamed('new')] }) })
    expect(await readAll(await join(port))).to.equal('new')
    client.write('still')
    expect(String(await take(client, 5))).to.equal('still')
  })

  it('listens for other machines without more ado', async () => {
    const node = await openTcp()
    await openProxy(tcpForward({ nodes: [at(node.port)] }), { address: ':0' })
  })

  for (const [options, message] of [
    [{}, 'option "nodes" is required'],
    [{ nodes: [] }, 'must have one node at least'],
    [{ nodes: ['nowhere'] }, 'option "nodes[0]" must be host:port'],
    [{ nodes: [{ addr: '127.0.0.1:99999' }] }, 'option "nodes[0].addr" must be host:port'],
    [{ nodes: [{ addr: 'a:1', weight: 0 }] }, 'option "nodes[0].weight"'],
    [{ nodes: ['a:1'], selector: { strategy: 'best' } }, 'option "selector.strategy"'],
    [{ nodes: ['a:1'], selector: { key: 'host' } }, 'option "selector.key" must be "ip"'],
    [{ nodes: ['a:1'], interface: '' }, 'option "interface"'],
    [{ nodes: ['unix:/a'], interface: 'lo' }, 'option "interface" can\'t be used with unix:/a'],
    [{ nodes: ['a:1'], chain: 'x', interface: 'lo' }, 'option "chain" leaves no choice'],
    [{ nodes: ['a:1'], allow: ['b'] }, 'unknown option "allow"'],
  ] as const)
    it(`refuses ${JSON.stringify(options)}`, () => {
      const error = thrownBy(() => callUntyped({ tcpForward }, 'tcpForward', options as unknown as TcpForwardOptions))
      expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG' })
      expect(error.message).to.contain(message)
    })
})

import { once } from 'node:events'
import http from 'node:http'
import { expect } from 'chai'
import { Server } from 'tribind'
import { forward, type ForwardHandler, type ForwardOptions } from 'tribind/forward'
import { callUntyped, collectingLogger, gate, portOf, rawExchange, until } from '../feature/both-ways.ts'
import { bodyOf, closeAfterEach, closedPort, closeLater, listenOn, openNode, type TestNode } from './forward-world.ts'

/** A server whose layer `api` forwards all requests to whatever it was told last, as a continuation of the one before. */
async function openLayered(to: ForwardOptions) {
  const server = new Server({ address: '127.0.0.1', port: 0, logger: collectingLogger([]), stopTimeout: 1000 })
  let handler: ForwardHandler | undefined
  const use = async (options: ForwardOptions) => {
    const before = handler
    const next = (handler = forward(options, { continues: before }))
    const { whenRetired } = await server.layer('api').replace((routes) => routes.bindHandler('/*', next))
    const retired = whenRetired.then(() => before?.close())
    return { next, retired }
  }
  const first = (await use(to)).next
  await server.start()
  closeLater(() => server.stop())
  const get = async (path = '/') =>
    bodyOf(await rawExchange(portOf(server), `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`))
  return { server, first, use, get }
}

const openNamed = (...names: string[]) =>
  Promise.all(names.map((name) => openNode((_, response) => response.end(name)))) as Promise<[TestNode, TestNode]>

describe('forward: a handler that continues another', () => {
  closeAfterEach()

  it('goes on with failures, counts and the turn of each node that stayed', async () => {
    const [a, b] = await openNamed('a', 'b')
    const gone = `http://127.0.0.1:${await closedPort()}`
    const front = await openLayered({ nodes: [a.url, gone, b.url] })
    let order = ''
    for (let i = 0; i < 3; i++) order += await front.get()
    expect(order).to.equal('abb')
    const [c] = await openNamed('c')
    const { next } = await front.use({
      nodes: [{ addr: gone, name: 'gone' }, b.url, a.url, { addr: c.url, backup: true }],
    })
    expect(next.nodes()).to.deep.equal([
      { ...front.first.nodes()[1], name: 'gone' },
      front.first.nodes()[2],
      front.first.nodes()[0],
      { ...next.nodes()[3], totalRequests: 0, state: 'up' },
    ])
    expect(next.nodes()[0]).to.include({ state: 'failed', fails: 1, totalRequests: 1 })
    expect(await front.get()).to.equal('a')
    expect(next.nodes().map(({ totalRequests }) => totalRequests)).to.deep.equal([1, 2, 2, 0])
  })

  it('begins anew with a node that is reached in another way', async () => {
    const gone = `http://127.0.0.1:${await closedPort()}`
    const before = forward({ nodes: [gone, { addr: 'https://127.0.0.1:1', tls: { serverName: 'a' } }] })
    const server = new Server({ logger: collectingLogger([]) })
    server.bindHandler('/*', before)
    for (let i = 0; i < 2; i++) await server.inject('/')
    const statesOf = (options: ForwardOptions) =>
      forward(options, { continues: before })
        .nodes()
        .map(({ state }) => state)
    expect(before.nodes().map(({ state }) => state)).to.deep.equal(['failed', 'failed'])
    expect(statesOf({ nodes: [gone, { addr: 'https://127.0.0.1:1', tls: { serverName: 'a' } }] })).to.deep.equal([
      'failed',
      'failed',
    ])
    expect(statesOf({ nodes: [{ addr: gone, host: 'node', weight: 2 }] })).to.deep.equal(['failed'])
    expect(statesOf({ nodes: [{ addr: gone, interface: '127.0.0.1' }] })).to.deep.equal(['up'])
    expect(statesOf({ nodes: [gone], chain: 'out' })).to.deep.equal(['up'])
    expect(statesOf({ nodes: [{ addr: 'https://127.0.0.1:1', tls: { serverName: 'b' } }] })).to.deep.equal(['up'])
    // The same node twice has two lives.
    expect(statesOf({ nodes: [gone, gone] })).to.deep.equal(['failed', 'up'])
    await server.stop()
  })

  it('takes over the connections, also those under way, and close() of the one before ends only what it alone had', async () => {
    const asked = gate()
    const answer = gate()
    const stays = await listenOn(
      http.createServer(async (request, response) => {
        if (request.url === '/slow') {
          asked.open()
          await answer.opened
        }
        response.end('stays')
      }),
    )
    const leaves = await openNode((_, response) => response.end('leaves'))
    const front = await openLayered({ nodes: [stays.url, leaves.url] })
    expect([await front.get(), await front.get()]).to.deep.equal(['stays', 'leaves'])
    const slow = front.get('/slow')
    await asked.opened
    const { next, retired } = await front.use({ nodes: [stays.url] })
    expect(next.nodes()[0]).to.include({ activeRequests: 1, totalRequests: 2 })
    expect(await front.get()).to.equal('stays')
    expect(stays.connections()).to.equal(2)
    const closed = Promise.all([...leaves.sockets].map((socket) => once(socket, 'close')))
    answer.open()
    expect(await slow).to.equal('stays')
    await retired
    await closed
    // Both connections are kept, though the handler before is closed.
    await Promise.all([front.get('/slow'), front.get('/slow')])
    expect(stays.connections()).to.equal(2)
    next.close()
    await until(() => stays.sockets.size === 0, 'nothing is kept')
    expect(await front.get()).to.equal('stays')
    await until(() => stays.sockets.size === 0, 'nothing is kept any more')
  })

  it('keeps what a probe has found, and one probe goes on in place of the other', async () => {
    const seen: string[] = []
    const node = await openNode((request, response, { headers }) => {
      seen.push(`${request.url} ${headers['user-agent'] === 'tribind-probe' ? 'probed' : 'asked'}`)
      response.writeHead(request.url === '/sick' ? 500 : 200).end('ok')
    })
    const probe = (path: string) => ({ path, interval: 30 }) as const
    const front = await openLayered({ nodes: [node.url], probe: probe('/sick') })
    expect(front.first.nodes()[0]).to.deep.include({ state: 'down' })
    const again = await front.use({ nodes: [{ addr: node.url, name: 'again' }], probe: probe('/sick') })
    expect(again.next.nodes()[0]).to.deep.include({ state: 'down', lastProbe: front.first.nodes()[0]?.lastProbe })
    await again.retired
    // One that is made and not served changes nothing, and neither does its end.
    forward({ nodes: [node.url] }, { continues: again.next }).close()
    expect(again.next.nodes()[0]?.state).to.equal('down')
    const healed = await front.use({ nodes: [node.url], probe: probe('/well') })
    await until(() => healed.next.nodes()[0]?.state === 'up', 'it is up')
    seen.length = 0
    await until(() => seen.length > 3, 'it is probed')
    expect(new Set(seen)).to.deep.equal(new Set(['/well probed']))
    const sick = await front.use({ nodes: [node.url], probe: probe('/sick') })
    await until(() => sick.next.nodes()[0]?.state === 'down', 'it is down')
    const plain = await front.use({ nodes: [node.url] })
    expect(plain.next.nodes()[0]).to.deep.include({ state: 'up', lastProbe: undefined })
    await plain.retired
    seen.length = 0
    await new Promise((resolve) => setTimeout(resolve, 100))
    await front.get()
    expect(seen).to.deep.equal(['/ asked'])
  })

  it('is closed with its server, whichever of them served', async () => {
    const node = await openNode()
    const server = new Server({ address: '127.0.0.1', port: 0, logger: collectingLogger([]) })
    const before = forward({ nodes: [node.url], probe: { interval: 20 } })
    server.bindHandler('/a', before).bindHandler('/b', forward({ nodes: [node.url] }, { continues: before }))
    await server.start()
    for (const path of ['/a', '/b'])
      await rawExchange(portOf(server), `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expect(node.sockets.size).to.equal(1)
    await server.stop()
    await until(() => node.sockets.size === 0, 'nothing is open')
  })

  it('names what is wrong with the option', () => {
    for (const continues of [() => {}, {}, 'a'])
      expect(() => callUntyped({ forward }, 'forward', 'http://a', { continues }))
        .to.throw('option "continues" must be a handler that forward() returned')
        .with.property('code', 'ERR_TRIBIND_CONFIG')
    expect(() => callUntyped({ forward }, 'forward', 'http://a', { continue: forward('http://a') })).to.throw(
      'unknown option "continue", did you mean "continues"?',
    )
  })
})

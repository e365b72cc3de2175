import { once } from 'node:events'
import { expect } from 'chai'
import type { Request } from 'tribind'
import { collectingLogger, type Entry, portOf, rawExchange } from '../../feature/both-ways.ts'
import {
  bodyOf,
  closeAfterEach,
  closedPort,
  closeLater,
  fieldOf,
  openNode,
  statusOf,
  type TestNode,
} from '../../forward/forward-world.ts'
import { createWorld, type World } from '../model/aggregate-world.ts'

interface Open extends World {
  readonly log: Entry[]
  exchange(head: string, body?: string): Promise<string>
}

/** A world that listens. */
async function openWorld(onInvalid: 'refuse' | 'isolate' = 'refuse', options = {}): Promise<Open> {
  const log: Entry[] = []
  const world = createWorld(onInvalid, {
    address: '127.0.0.1',
    port: 0,
    stopTimeout: 1000,
    logger: collectingLogger(log),
    ...options,
  })
  await world.server.start()
  closeLater(() => world.server.stop())
  const exchange = (head: string, body = '') =>
    rawExchange(portOf(world.server), `${head}\r\nHost: front.test\r\nConnection: close\r\n\r\n${body}`)
  return { ...world, log, exchange }
}

/** Resolves when a node was asked so often. */
async function askedOf(node: TestNode, count: number) {
  const until = Date.now() + 5000
  while (node.asked.length < count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
  return node.asked
}

const post = (body: string, more = '') =>
  [`POST /in?q=1 HTTP/1.1\r\nContent-Length: ${body.length}${more}`, body] as const

describe('services that forward', () => {
  closeAfterEach()

  it('forward relays, and keeps its connections while other parts change', async () => {
    const node = await openNode((_, response, { url }) => response.end(`node ${url}`))
    const world = await openWorld()
    const document = (text: string) => ({
      routes: { all: { pattern: '/*', service: 'node' }, text: { pattern: '/text', service: { text } } },
      services: { node: { forward: { nodes: [node.url] } } },
    })
    for (const text of ['a', 'b', 'c']) {
      await world.apply({ file: document(text) })
      expect(await world.get('/x?y')).to.equal('200 node /x?y')
      expect(await world.get('/text')).to.equal(`200 ${text}`)
    }
    expect(node.connections()).to.equal(1)
  })

  it('forward with another list goes on with the nodes that stay', async () => {
    const node = await openNode((_, response) => response.end('first'))
    const second = await openNode((_, response) => response.end('second'))
    const world = await openWorld()
    const serve = (nodes: object[]) =>
      world.apply({
        file: { routes: { all: { pattern: '/*', service: 'node' } }, services: { node: { forward: { nodes } } } },
      })
    await serve([{ addr: node.url }])
    await world.get('/')
    await serve([{ addr: node.url, weight: 2 }, { addr: second.url }])
    for (let i = 0; i < 6; i++) await world.get('/')
    expect([node.asked.length, second.asked.length]).to.deep.equal([5, 2])
    expect(node.connections()).to.equal(1)
  })

  it('ends idle connections of a service that is gone', async () => {
    const node = await openNode()
    const world = await openWorld()
    await world.apply({ file: { routes: { all: { pattern: '/*', service: { forward: { nodes: [node.url] } } } } } })
    await world.get('/')
    const [socket] = node.sockets
    const closed = once(socket as never, 'close')
    await world.apply({ file: { routes: { all: { pattern: '/*', service: { text: 'none' } } } } })
    await closed
    expect(node.sockets.size).to.equal(0)
  })

  it('a chain that nobody knows is an issue', async () => {
    const world = await openWorld()
    const service = { forward: { nodes: ['http://127.0.0.1:1'], chain: 'nowhere' } }
    const { file } = await world.check({ file: { services: { service } } })
    expect(file).to.have.length(1)
    expect((file as [{ path: string }])[0].path).to.equal('services.service.forward.chain')
  })
})

describe('failover', () => {
  closeAfterEach()

  const serve = (world: World, service: object, fallback: object, more = {}) =>
    world.apply({ file: { routes: { all: { pattern: '/*', service: { failover: { service, fallback, ...more } } } } } })

  it('takes over for 502, 503 and 504 alone, and drops what was answered', async () => {
    let status = 200
    const node = await openNode((_, response) =>
      response.writeHead(status, { 'X-Node': 'first', ETag: '"1"' }).end('first'),
    )
    const world = await openWorld()
    await serve(world, { forward: { nodes: [node.url] } }, { text: 'second' })
    for (const own of [200, 404, 500, 501]) {
      status = own
      expect(await world.get('/')).to.equal(`${own} first`)
    }
    for (const away of [502, 503, 504]) {
      status = away
      const text = await world.exchange('GET / HTTP/1.1')
      expect([statusOf(text), bodyOf(text), fieldOf(text, 'x-node')]).to.deep.equal([200, 'second', undefined])
    }
  })

  it('takes over where no node can be reached, with the body', async () => {
    const second = await openNode((_, response, { body, method }) => response.end(`${method} ${body}`))
    const world = await openWorld()
    await serve(
      world,
      { forward: { nodes: [`http://127.0.0.1:${await closedPort()}`] } },
      { forward: { nodes: [second.url] } },
    )
    const body = 'b'.repeat(200_000)
    expect(bodyOf(await world.exchange(...post(body)))).to.equal(`POST ${body}`)
    expect(
      bodyOf(await world.exchange('POST / HTTP/1.1\r\nTransfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n')),
    ).to.equal('POST abc')
  })

  it('sends a body again that the first service has read', async () => {
    const second = await openNode((_, response, { body }) => response.end(`second ${body}`))
    const world = await openWorld()
    world.server.provide('reader', async (request: Request) => {
      await request.json()
      request.response.writeStatus(503)
    })
    await serve(world, { use: 'reader' }, { forward: { nodes: [second.url] } })
    const text = await world.exchange(...post('{"a":1}', '\r\nContent-Type: application/json'))
    expect(bodyOf(text)).to.equal('second {"a":1}')
  })

  it('lets the first answer stand where the body is larger than what is kept', async () => {
    const first = await openNode((_, response) => response.writeHead(503, { 'Content-Length': 5 }).end('first'))
    const second = await openNode()
    const world = await openWorld()
    await serve(world, { forward: { nodes: [first.url] } }, { forward: { nodes: [second.url] } }, { maxBodySize: 10 })
    const text = await world.exchange(...post('x'.repeat(11)))
    expect([statusOf(text), bodyOf(text)]).to.deep.equal([503, 'first'])
    expect(second.asked).to.deep.equal([])
    expect(statusOf(await world.exchange(...post('x'.repeat(10))))).to.equal(200)
  })
})

describe('mirror', () => {
  closeAfterEach()

  const serve = (world: World, mirror: object, route = {}) =>
    world.apply({ file: { routes: { all: { pattern: '/in/*rest', service: { mirror }, ...route } } } })

  it('sends a copy with body, fields and host, and answers by the service', async () => {
    const copy = await openNode((_, response) => response.writeHead(500).end('copy'))
    const node = await openNode((_, response, { body }) => response.end(`main ${body}`))
    const world = await openWorld()
    await serve(world, { service: { forward: { nodes: [node.url] } }, to: { forward: { nodes: [copy.url] } } })
    const text = await world.exchange(...post('abc', '\r\nX-Own: 1'))
    expect([statusOf(text), bodyOf(text)]).to.deep.equal([200, 'main abc'])
    const [asked] = await askedOf(copy, 1)
    const { method, url, body, headers } = asked ?? {}
    const main = node.asked[0]?.headers
    expect([method, url, body]).to.deep.equal(['POST', '/in?q=1', 'abc'])
    for (const name of [
      'host',
      'x-own',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-forwarded-port',
      'content-length',
    ])
      expect(headers?.[name], name).to.equal(main?.[name])
    expect(headers?.host).to.equal('front.test')
  })

  it('mirrors exactly the share it is to', async () => {
    const seen: string[] = []
    const world = await openWorld()
    world.server.provide('copy', (request: Request) => void seen.push(request.params['rest'] as string))
    await serve(world, { service: { text: 'main' }, to: { use: 'copy' }, percent: 30 })
    for (let i = 0; i < 100; i++) expect(await world.get(`/in/${i}`)).to.equal('200 main')
    await world.server.stop()
    expect(seen).to.have.length(30)
    expect(seen.slice(0, 3)).to.deep.equal(['3', '6', '9'])
  })

  it('neither waits for copies nor notices their failure', async () => {
    const world = await openWorld()
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    world.server.provide('slow', () => held)
    await serve(world, { service: { text: 'main' }, to: { use: 'slow' } })
    expect(await world.get('/in/1')).to.equal('200 main')
    release()
    world.server.provide('failing', () => Promise.reject(new Error('broken')))
    await serve(world, { service: { text: 'main' }, to: { use: 'failing' } })
    expect(await world.get('/in/1')).to.equal('200 main')
    await serve(world, {
      service: { text: 'main' },
      to: { forward: { nodes: [`http://127.0.0.1:${await closedPort()}`] } },
    })
    expect(await world.get('/in/1')).to.equal('200 main')
  })

  it('tells of bodies that are too large to be copied', async () => {
    const node = await openNode((_, response, { body }) => response.end(String(body.length)))
    const copy = await openNode()
    const world = await openWorld()
    await serve(world, {
      service: { forward: { nodes: [node.url] } },
      to: { forward: { nodes: [copy.url] } },
      maxBodySize: 10,
    })
    expect(bodyOf(await world.exchange(...post('x'.repeat(11))))).to.equal('11')
    expect(
      bodyOf(await world.exchange('POST /in HTTP/1.1\r\nTransfer-Encoding: chunked', 'b\r\nxxxxxxxxxxx\r\n0\r\n\r\n')),
    ).to.equal('11')
    expect(bodyOf(await world.exchange(...post('x'.repeat(10))))).to.equal('10')
    expect(await askedOf(copy, 1)).to.have.length(1)
    const told = world.log.filter(({ message }) => message.includes('sends no copy'))
    expect(told.map(({ level, fields }) => [level, (fields as { missing: number }).missing])).to.deep.equal([
      ['warn', 1],
    ])
  })

  it('shows copies as middleware shows the request to the service', async () => {
    const copy = await openNode()
    const world = await openWorld()
    await serve(
      world,
      { service: { text: 'main' }, to: { forward: { nodes: [copy.url] } } },
      { middlewares: [{ stripPrefix: '/in' }, { headers: { request: { 'X-Added': 'yes' } } }] },
    )
    await world.get('/in/a')
    const [asked] = await askedOf(copy, 1)
    expect([asked?.url, asked?.headers['x-added'], asked?.headers['x-forwarded-prefix']]).to.deep.equal([
      '/a',
      'yes',
      '/in',
    ])
  })
})

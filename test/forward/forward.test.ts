import { expect } from 'chai'
import { Server } from 'tribind'
import { forward } from 'tribind/forward'
import { until } from '../feature/both-ways.ts'
import { openHttp2Client } from './http2-client.ts'
import { bodyOf, closeAfterEach, fieldOf, fieldsOf, openFront, openNode, statusOf } from './forward-world.ts'

describe('forward: requests and answers', () => {
  closeAfterEach()

  it('forwards method, path, query, fields and body, and relays status, fields and body', async () => {
    const node = await openNode((_, response) => {
      response.writeHead(201, 'Made It', { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'], 'Content-Type': 'x/y' })
      response.end('the answer')
    })
    const front = await openFront(node.url)
    const text = await front.exchange(
      'POST /a/b?c=d&c=%65 HTTP/1.1\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 4',
      'body',
    )
    expect(text).to.match(/^HTTP\/1\.1 201 Made It\r\n/)
    expect(fieldsOf(text)).to.include.members([
      'X-Answer: yes',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'Content-Type: x/y',
    ])
    expect(text).to.match(/the answer/)
    const [asked] = node.asked
    expect(asked).to.include({ method: 'POST', url: '/a/b?c=d&c=%65', body: 'body' })
    expect(asked?.rawHeaders.join('|')).to.include('X-One|1|X-One|2')
  })

  it('is the handler of a route, with nodes() and close()', async () => {
    const node = await openNode()
    const front = await openFront(node.url, {}, (server, handler) => server.bindHandler('GET:/api/*path', handler))
    expect(await front.get('/api/x')).to.deep.equal({ status: 200, body: 'ok' })
    expect((await front.get('/other')).status).to.equal(404)
    expect(front.handler.nodes()).to.deep.equal([
      {
        name: node.url,
        addr: node.url,
        state: 'up',
        fails: 0,
        activeRequests: 0,
        totalRequests: 1,
        lastError: undefined,
        lastProbe: undefined,
        egress: undefined,
      },
    ])
  })

  it('keeps connections to a node and reuses them; close() ends those that are idle', async () => {
    const node = await openNode()
    const front = await openFront(node.url)
    for (let i = 0; i < 5; i++) expect((await front.get()).status).to.equal(200)
    expect(node.connections()).to.equal(1)
    front.handler.close()
    await until(() => node.sockets.size === 0, 'the idle connection has ended')
    expect((await front.get()).status).to.equal(200)
    await until(() => node.sockets.size === 0, 'the connection is not kept any more')
  })

  it('ends idle connections when the server stops', async () => {
    const node = await openNode()
    const front = await openFront(node.url)
    await front.get()
    expect(node.sockets.size).to.equal(1)
    await front.server.stop()
    await until(() => node.sockets.size === 0, 'the idle connection has ended')
  })

  it('serves requests that are injected', async () => {
    const node = await openNode((_, response, { method, body }) => response.end(`${method} ${body}`))
    const server = new Server()
    const handler = forward(node.url)
    server.bindHandler('/*', handler)
    const answer = await server.inject({ method: 'POST', url: '/x', body: 'text' })
    expect(answer.status).to.equal(200)
    expect(answer.text()).to.equal('POST text')
    handler.close()
  })

  it('serves clients of HTTP/2, and speaks HTTP/1.1 to nodes', async () => {
    const node = await openNode((request, response, { body }) => {
      response.setHeader('X-Version', request.httpVersion)
      response.end(body.toUpperCase())
    })
    const client = await openHttp2Client(node.url)
    const answer = await client.send({ ':method': 'POST', ':path': '/x', cookie: ['a=1', 'b=2'] as never }, 'text')
    expect(answer.status).to.equal(200)
    expect(answer.headers['x-version']).to.equal('1.1')
    expect(answer.body).to.equal('TEXT')
    expect(node.asked[0]?.headers).to.include({ cookie: 'a=1; b=2', 'transfer-encoding': 'chunked' })
  })

  it('serves an entry point as its handler', async () => {
    const node = await openNode()
    const server = new Server({ entryPoints: { gate: { address: '127.0.0.1:0', handler: forward(node.url) } } })
    await server.start()
    try {
      const { addresses } = server.entryPoint('gate')
      const answer = await fetch(`http://${addresses[0]}/any/path`)
      expect(await answer.text()).to.equal('ok')
      expect(node.asked[0]?.url).to.equal('/any/path')
    } finally {
      await server.stop()
    }
  })

  it('sets and removes fields, for all nodes and for one', async () => {
    const node = await openNode((_, response) => {
      response.setHeader('Server', 'node')
      response.setHeader('X-Both', 'node')
      response.end('ok')
    })
    const front = await openFront({
      nodes: [{ addr: node.url, headers: { request: { 'X-Own': 'own' }, response: { 'X-Node': 'a' } } }],
      headers: {
        request: { 'X-Own': 'all', 'X-All': '1', 'User-Agent': '' },
        response: { Server: '', 'X-Both': 'front' },
      },
    })
    const text = await front.exchange('GET / HTTP/1.1\r\nUser-Agent: test\r\nX-All: 0')
    expect(node.asked[0]?.headers).to.include({ 'x-own': 'own', 'x-all': '1' }).and.not.have.property('user-agent')
    expect(fieldsOf(text)).to.include.members(['X-Both: front', 'X-Node: a'])
    expect(fieldOf(text, 'Server')).to.equal(undefined)
  })

  it('passes latin1 in fields both ways', async () => {
    const node = await openNode((request, response) => {
      response.setHeader('X-Back', `\xe9-${String(request.headers['x-there'])}`)
      // Text would make node:http write the head as UTF-8.
      response.end(Buffer.from('ok'))
    })
    const front = await openFront(node.url)
    expect(fieldOf(await front.exchange('GET / HTTP/1.1\r\nX-There: \xfc'), 'X-Back')).to.equal('\xe9-\xfc')
    expect(
      fieldOf(await front.exchange('POST / HTTP/1.1\r\nX-There: \xfc\r\nContent-Length: 2', 'ab'), 'X-Back'),
    ).to.equal('\xe9-\xfc')
    const expecting = 'POST / HTTP/1.1\r\nX-There: \xfc\r\nExpect: 100-continue\r\nContent-Length: 2'
    expect(await front.exchange(expecting, 'ab')).to.include('X-Back: \xe9-\xfc\r\n')
  })

  it('runs BeforeOutput hooks and middleware on relayed answers, and no status handlers', async () => {
    const node = await openNode((_, response) => response.writeHead(404, { 'X-Node': '1' }).end('of the node'))
    const seen: number[] = []
    const front = await openFront(node.url, {}, (server, handler) => {
      server.bindHandler('/*', handler)
      server.bindStatusHandler(404, (request) => request.response.writeOver('of the handler'))
      server.bindHookHandler('/*', 'BeforeOutput', ({ response }) => {
        seen.push(response.status)
        response.setHeader('X-Hook', String(response.header('x-node')))
      })
    })
    const text = await front.exchange('GET / HTTP/1.1')
    expect(statusOf(text)).to.equal(404)
    expect(fieldOf(text, 'X-Hook')).to.equal('1')
    expect(bodyOf(text)).to.include('of the node').and.not.include('of the handler')
    expect(seen).to.deep.equal([404])
  })

  it('lets a hook put another answer in the place of one that is relayed', async () => {
    const node = await openNode((_, response) => response.end('of the node'))
    const front = await openFront(node.url, {}, (server, handler) => {
      server.bindHandler('/*', handler)
      server.bindHookHandler('/*', 'BeforeOutput', ({ response }) => response.writeOver('of the hook'))
    })
    const text = await front.exchange('GET / HTTP/1.1')
    expect(bodyOf(text)).to.equal('of the hook')
    await until(() => front.handler.nodes()[0]?.activeRequests === 0, 'the request is over')
  })
})

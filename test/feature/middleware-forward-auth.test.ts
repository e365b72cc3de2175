import { createServer as createSecureServer } from 'node:https'
import { expect } from 'chai'
import { ConfigError, forwardAuth, Server } from 'tribind'
import {
  closeAfterEach,
  closedPort,
  closeLater,
  fieldOf,
  listenOn,
  openFront,
  openNode,
  openRawNode,
  statusOf,
} from '../forward/forward-world.ts'
import { callUntyped, collectingLogger, type Entry, portOf, thrownBy } from './both-ways.ts'
import { openClient, protocolOptions } from './clients.ts'
import { cert, key } from './key-pair.ts'

/** What the log tells of why a request failed. */
function causeIn(log: readonly Entry[]): string {
  const { error } = Object(log.find(({ level }) => level === 'error')?.fields) as { error?: Error }
  return String((error?.cause as Error | undefined)?.message)
}

/** A server of authentication that lets Ann in. */
function openAuth() {
  return openNode((request, response) => {
    if (request.headers['authorization'] === 'Bearer ann') {
      response.writeHead(204, { 'X-User': 'ann', 'X-Roles': ['a', 'b'], 'X-Other': 'other' }).end()
      return
    }
    response.writeHead(401, {
      'Content-Type': 'text/html',
      'WWW-Authenticate': 'Bearer',
      'Set-Cookie': ['a=1', 'b=2'],
      'X-Secret': 'secret',
    })
    response.end('<h1>Who are you?</h1>')
  })
}

describe('forwardAuth', () => {
  closeAfterEach()

  for (const protocol of ['inject', 'socket', 'https', 'http2'] as const)
    it(`lets in what the server lets in, and passes its answer on otherwise [${protocol}]`, async () => {
      const auth = await openAuth()
      const server = new Server({
        port: 0,
        logger: collectingLogger(),
        ...(protocol !== 'inject' && protocolOptions[protocol]),
      })
      server.use(forwardAuth({ url: `${auth.url}/check?x=1`, responseHeaders: ['X-User', 'x-roles', 'X-Missing'] }))
      server.all('/*', (request) =>
        ['x-user', 'x-roles', 'x-missing', 'x-other'].map((name) => request.header(name) ?? null),
      )
      closeLater(() => server.stop())
      const client = protocol === 'inject' ? undefined : (await server.start(), openClient(protocol, portOf(server)))
      closeLater(() => client?.close())
      const ask = async (headers: Record<string, string>) => {
        if (client === undefined) {
          const {
            status,
            headers: fields,
            ...got
          } = await server.inject({ method: 'POST', url: '/a%20b?q=1', headers, body: 'body' })
          return { status, text: got.text(), header: (name: string) => [fields[name]].flat().join(', ') }
        }
        return client.send({ method: 'POST', url: '/a%20b?q=1', headers, body: 'body' })
      }
      const passed = await ask({
        authorization: 'Bearer ann',
        'x-missing': 'forged',
        'x-user': 'forged',
        'x-other': 'mine',
      })
      expect([passed.status, passed.text]).to.deep.equal([200, '["ann","a, b",null,"mine"]'])
      const refused = await ask({ authorization: 'Bearer eve' })
      expect([refused.status, refused.text]).to.deep.equal([401, '<h1>Who are you?</h1>'])
      expect([refused.header('content-type'), refused.header('www-authenticate')]).to.deep.equal([
        'text/html',
        'Bearer',
      ])
      expect([refused.header('set-cookie'), refused.header('x-secret') || undefined]).to.deep.equal([
        'a=1, b=2',
        undefined,
      ])
      const [{ method, url, body, headers: fields } = expect.fail('it was not asked')] = auth.asked
      expect([method, url, body]).to.deep.equal(['GET', '/check?x=1', ''])
      expect(fields).to.include({
        host: `127.0.0.1:${auth.port}`,
        'x-forwarded-method': 'POST',
        'x-forwarded-uri': '/a%20b?q=1',
        'x-forwarded-host': protocol === 'inject' ? 'localhost' : '127.0.0.1',
        'x-forwarded-proto': protocol === 'inject' || protocol === 'socket' ? 'http' : 'https',
        'x-forwarded-for': '127.0.0.1',
      })
      expect(fields).to.not.have.any.keys('content-length', 'transfer-encoding', 'content-type')
      expect(auth.connections(), 'connections are kept').to.equal(1)
    })

  it('passes on what the client sent, but nothing that it says of others', async () => {
    const auth = await openAuth()
    const front = await openFront(auth.url, {}, (server) => {
      server.bindMiddleware('/all', forwardAuth({ url: auth.url }))
      server.bindMiddleware(
        '/some',
        forwardAuth({ url: new URL(auth.url), requestHeaders: ['X-A', 'X-Forwarded-User'] }),
      )
    })
    const sent = [
      'X-A: 1',
      'Cookie: a=b',
      'X-Hop: 1',
      'Connection: X-Hop',
      'TE: trailers',
      'Accept-Encoding: br',
      'If-None-Match: "a"',
      'Range: bytes=0-1',
      'X-Forwarded-For: 203.0.113.7',
      'X-Forwarded-User: root',
      'x_forwarded_uri: /else',
      'Forwarded: for=203.0.113.7',
    ].join('\r\n')
    const ownFields = [
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-method',
      'x-forwarded-proto',
      'x-forwarded-uri',
    ]
    const names = () => Object.keys(auth.asked.at(-1)?.headers ?? {}).toSorted()
    await front.exchange(`GET /all HTTP/1.1\r\n${sent}`)
    expect(names()).to.deep.equal(['connection', 'cookie', 'host', 'x-a', ...ownFields])
    expect(auth.asked[0]?.headers['x-forwarded-for']).to.equal('127.0.0.1')
    await front.exchange(`GET /some HTTP/1.1\r\n${sent}`)
    expect(names()).to.deep.equal(['connection', 'host', 'x-a', ...ownFields])
  })

  it('believes a trusted proxy, tells a node of what it was told, and passes redirects on', async () => {
    const auth = await openNode((request, response) => {
      const uri = String(request.headers['x-forwarded-uri'])
      if (uri === '/login') response.writeHead(302, { Location: '/sign-in?next=%2F', 'Set-Cookie': 'a=b' }).end()
      else response.writeHead(200, { 'X-User': 'ann' }).end('unread')
    })
    const node = await openNode()
    const front = await openFront(node.url, { trustProxy: true }, (server, handler) => {
      server.use(forwardAuth({ url: auth.url, responseHeaders: ['X-User'] })).bindHandler('/*', handler)
    })
    const given =
      'X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\nX-User: root'
    await front.exchange(`GET /x HTTP/1.1\r\n${given}`)
    expect(auth.asked[0]?.headers).to.include({
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    })
    expect(node.asked[0]?.headers['x-user']).to.equal('ann')
    const redirected = await front.exchange('GET /login HTTP/1.1')
    expect([statusOf(redirected), fieldOf(redirected, 'location')]).to.deep.equal([302, '/sign-in?next=%2F'])
    expect(node.asked).to.have.length(1)
  })

  it('answers 503, and logs why, where the server can not be reached, is too slow, breaks off or says too much', async () => {
    const slow = await openNode(() => {})
    const rude = await openRawNode((socket) => socket.once('data', () => socket.destroy()))
    const chatty = await openNode((_, response) => response.writeHead(403).end(Buffer.alloc(2 ** 20 + 1)))
    const secure = await listenOn(createSecureServer({ key, cert }))
    for (const [url, cause] of [
      [
        `http://127.0.0.1:${await closedPort()}/check?key=TOPSECRET`,
        /^forwardAuth: http:.*\/check could not be asked: .*ECONNREFUSED/,
      ],
      [slow.url, /it took longer than 50 ms/],
      [rude.url, /socket hang up/],
      [chatty.url, /larger than 1048576 bytes/],
      [secure.url.replace('http', 'https'), /self-signed|certificate/],
    ] as const) {
      const log: Entry[] = []
      const server = new Server({ logger: collectingLogger(log) })
      server.use(forwardAuth({ url, timeout: url === slow.url ? 50 : '5s' }))
      server.get('/', () => 'in')
      const { status, ...got } = await server.inject({ url: '/' })
      expect([status, got.text()], url).to.deep.equal([503, 'Service Unavailable'])
      expect(causeIn(log)).to.match(cause).and.not.include('TOPSECRET')
    }
  })

  it('asks anew where a kept connection was closed, and closes those that are idle with the server', async () => {
    const auth = await openAuth()
    const front = await openFront(auth.url, {}, (server) => {
      server.use(forwardAuth({ url: auth.url })).get('/', () => 'in')
    })
    const status = async () => statusOf(await front.exchange('GET / HTTP/1.1\r\nAuthorization: Bearer ann'))
    expect([await status(), auth.connections(), auth.sockets.size]).to.deep.equal([200, 1, 1])
    const [socket] = auth.sockets
    // It is reset when the next request comes.
    socket?.removeAllListeners('data').once('data', () => socket.resetAndDestroy())
    expect([await status(), auth.connections()]).to.deep.equal([200, 2])
    const closed = [...auth.sockets].map((one) => new Promise((resolve) => one.once('close', resolve)))
    await front.server.stop()
    await Promise.all(closed)
  })

  it('names what it does not take, and no secret', () => {
    for (const [options, part] of [
      [undefined, 'forwardAuth'],
      [{}, '"url"'],
      [{ url: 'auth:9000' }, '"url"'],
      [{ url: 'ftp://a' }, '"url"'],
      [{ url: 'http://user:TOPSECRET@a' }, '"url"'],
      [{ url: 'http://a#b' }, '"url"'],
      [{ url: 'http://a', timeout: 0 }, '"timeout"'],
      [{ url: 'http://a', requestHeaders: 'X-A' }, '"requestHeaders"'],
      [{ url: 'http://a', requestHeaders: ['Connection'] }, '"requestHeaders"'],
      [{ url: 'http://a', responseHeaders: ['Host'] }, '"responseHeaders"'],
      [{ url: 'http://a', responseHeaders: ['a b'] }, '"responseHeaders"'],
      [{ url: 'http://a', trust: true }, '"trust"'],
    ] as const) {
      const error = thrownBy(() => callUntyped({ forwardAuth }, 'forwardAuth', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(part).and.not.include('TOPSECRET')
    }
  })
})

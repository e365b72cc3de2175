import { request as ask } from 'node:http'
import { expect } from 'chai'
import { bodyLimit, ConfigError, ipAllow, ipDeny, redirect } from 'tribind'
import { closeAfterEach, openFront, openNode, statusOf } from '../forward/forward-world.ts'
import { bothWays, callUntyped, overHttp1, overSocket, rawExchange, thrownBy } from './both-ways.ts'

describe('ipAllow and ipDeny', () => {
  const lists = {
    one: ['203.0.113.7'],
    range: ['203.0.113.0/24', '2001:db8::/32'],
    names: ['loopback', 'linklocal', 'uniquelocal'],
    mapped: ['::ffff:203.0.113.0/120'],
  }

  overSocket(
    'decide by the address that trustProxy says',
    (server) => {
      for (const [name, list] of Object.entries(lists)) {
        server.bindMiddleware(`/allow/${name}`, ipAllow(list))
        server.bindMiddleware(`/deny/${name}`, ipDeny(list))
      }
      server.get('/*', () => 'in')
    },
    async (send) => {
      const expected: [string, ...(keyof typeof lists)[]][] = [
        ['203.0.113.7', 'one', 'range', 'mapped'],
        ['::ffff:203.0.113.7', 'one', 'range', 'mapped'],
        ['203.0.113.8', 'range', 'mapped'],
        ['203.0.114.8'],
        ['2001:db8:1::1', 'range'],
        ['2001:db9::1'],
        ['10.1.2.3', 'names'],
        ['169.254.1.1', 'names'],
        ['fe80::1', 'names'],
        ['::1', 'names'],
        ['127.9.9.9', 'names'],
      ]
      for (const [ip, ...listed] of expected) {
        for (const name of Object.keys(lists)) {
          const isListed = (listed as string[]).includes(name)
          const headers = { 'x-forwarded-for': ip }
          expect((await send({ url: `/allow/${name}`, headers })).status, `${ip} ${name}`).to.equal(
            isListed ? 200 : 403,
          )
          expect((await send({ url: `/deny/${name}`, headers })).status, `${ip} ${name}`).to.equal(isListed ? 403 : 200)
        }
      }
    },
    { trustProxy: true },
  )

  overHttp1(
    'believe no client that is not trusted',
    (server) => {
      server.use(ipAllow(['203.0.113.7']))
      server.get('/', () => 'in')
    },
    async (send) => {
      expect((await send({ url: '/', headers: { 'x-forwarded-for': '203.0.113.7' } })).status).to.equal(403)
    },
  )

  it('name what they do not take', () => {
    for (const name of ['ipAllow', 'ipDeny'] as const) {
      for (const list of [
        undefined,
        [],
        '10.0.0.0/8',
        ['10.0.0.0/33'],
        ['local'],
        [7],
        ['::1%eth0'],
        ['a'],
        [' ::1'],
      ]) {
        const error = thrownBy(() => callUntyped({ ipAllow, ipDeny }, name, list))
        expect(error).to.be.instanceOf(ConfigError)
        expect(error.message).to.match(new RegExp(`^${name}: option "addresses" `))
      }
    }
  })
})

describe('redirect', () => {
  bothWays(
    'sends every request elsewhere, within what it names',
    (server) => {
      server.bindMiddleware('/plain', redirect({ to: '/new' }))
      server.bindMiddleware('/away/*', redirect({ to: 'https://new.example/base{path}{query}', status: 308 }))
      server.bindMiddleware('/tls/*', redirect({ to: 'https://{host}:8443{path}{query}', status: 301 }))
      server.bindMiddleware('/', redirect({ to: '/login?next={path}', status: 303 }))
      server.bindMiddleware('/self/*', redirect({ to: '{path}', status: 307 }))
    },
    async (send) => {
      const where = async (url: string, host = 'shop.example:8080') => {
        const { status, header } = await send({ url, host })
        return [status, header('location')]
      }
      expect(await where('/plain?a')).to.deep.equal([302, '/new'])
      expect(await where('/away/x%20y/?a=1&b=%0d%0a')).to.deep.equal([
        308,
        'https://new.example/base/away/x%20y/?a=1&b=%0d%0a',
      ])
      expect(await where('/tls/x')).to.deep.equal([301, 'https://shop.example:8443/tls/x'])
      expect(await where('/tls/x', '[::1]:80')).to.deep.equal([301, 'https://[::1]:8443/tls/x'])
      expect(await where('/')).to.deep.equal([303, '/login?next=/'])
      expect(await where('//self//evil.example')).to.deep.equal([307, '/self//evil.example'])
      expect(await where('/self/%0d%0aX-A:b')).to.deep.equal([307, '/self/%0d%0aX-A:b'])
    },
  )

  overHttp1(
    'needs a host where it is to name one',
    (server) => void server.use(redirect({ to: 'https://{host}{path}' })),
    async (_send, _world, { port }) => {
      const answer = await rawExchange(port, 'GET /evil.example HTTP/1.0\r\n\r\n')
      expect(statusOf(answer)).to.equal(400)
    },
  )

  it('names what it does not take', () => {
    const bad = [
      '',
      'new',
      '//evil.example',
      '/{path}',
      'ftp://a',
      'https://',
      'https://{path}',
      'https://a{host}',
      '/a{b}',
      '/a b',
      '/a\r\nb',
      '/\\evil',
      '/é',
      'javascript:alert(1)',
      'https://u@a/',
      'https://{host}.a/',
      '{query}',
      '/{host}',
      undefined,
    ]
    for (const to of bad)
      expect(
        thrownBy(() => callUntyped({ redirect }, 'redirect', { to })),
        to,
      ).to.be.instanceOf(ConfigError)
    for (const status of [200, 300, 304, '302'])
      expect(thrownBy(() => callUntyped({ redirect }, 'redirect', { to: '/', status })).message).to.include('"status"')
  })
})

describe('bodyLimit', () => {
  closeAfterEach()

  bothWays(
    'answers a larger body 413, also where it is larger than that of the server',
    (server) => {
      server.bindMiddleware('/small/*', bodyLimit(5))
      server.bindMiddleware('/large/*', bodyLimit(50))
      server.bindMiddleware('/large/small', bodyLimit(5))
      server.bindMiddleware('/*/none', bodyLimit(0))
      server.post('/*/unread', () => 'unread')
      server.post('/*', (request) => request.text())
    },
    async (send) => {
      const status = async (url: string, size: number) =>
        (await send({ method: 'POST', url, body: 'x'.repeat(size), headers: { 'content-length': String(size) } }))
          .status
      for (const [url, size, expected] of [
        ['/small/x', 5, 200],
        ['/small/x', 6, 413],
        ['/small/unread', 6, 413],
        ['/large/x', 50, 200],
        ['/large/x', 51, 413],
        ['/large/small', 6, 413],
        ['/none', 11, 413],
        ['/x/none', 0, 200],
        ['/x/none', 1, 413],
        ['/other', 11, 413],
        ['/other', 10, 200],
      ] as const)
        expect(await status(url, size), `${url} ${size}`).to.equal(expected)
    },
    { maxBodySize: 10 },
  )

  const sendChunks = (port: number, path: string, chunks: readonly string[]) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = ask({ port, path, method: 'POST', host: '127.0.0.1', agent: false }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      request.on('error', reject)
      for (const chunk of chunks) request.write(chunk)
      request.end()
    })

  it('holds for chunks, and for what forward relays', async () => {
    const node = await openNode()
    const front = await openFront({ nodes: [node.url], maxBodySize: 20 }, { maxBodySize: 1 }, (server, handler) => {
      server.bindMiddleware('/small/*', bodyLimit(5))
      server.bindMiddleware('/large/*', bodyLimit(50))
      server.post('/*/read', (request) => request.text())
      server.bindHandler('/*', handler)
    })
    const status = (path: string, size: number) => sendChunks(front.port, path, Array(size).fill('x'))
    expect(await status('/small/x', 5)).to.equal(200)
    expect(await status('/small/x', 6)).to.equal(413)
    expect(await status('/small/read', 6)).to.equal(413)
    expect(await status('/large/read', 50)).to.equal(200)
    expect(await status('/large/x', 20)).to.equal(200)
    expect(await status('/large/x', 21)).to.equal(413)
    const known = await front.exchange('POST /small/x HTTP/1.1\r\nContent-Length: 6', 'xxxxxx')
    expect(statusOf(known)).to.equal(413)
  })

  it('names what it does not take', () => {
    for (const limit of [undefined, -1, 1.5, '1mb', Infinity]) {
      const error = thrownBy(() => callUntyped({ bodyLimit }, 'bodyLimit', limit))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(/^bodyLimit: option "limit" /)
    }
  })
})

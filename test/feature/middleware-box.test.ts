import { expect } from 'chai'
import { bearerAuth, compress, ConfigError, etag, headers, HttpError, redirectToHttps, Server } from 'tribind'
import { bothWays, callUntyped, overHttp1, rawExchange, thrownBy } from './both-ways.ts'

const makers = { bearerAuth, etag, redirectToHttps }

function expectRefused(maker: keyof typeof makers, wrong: Record<string, unknown>[]): void {
  for (const options of wrong) {
    const error = thrownBy(() => callUntyped(makers, maker, options))
    expect(error).to.be.instanceOf(ConfigError)
    expect(error.message).to.include(maker)
  }
}

describe('bearerAuth', () => {
  bothWays(
    'lets in whom verify knows, and tells others why as RFC 6750 has it',
    (server) => {
      const verify = async (token: string) => {
        if (token === 'narrow') throw new HttpError(403, 'Ask for more')
        if (token === 'broken') throw new Error('secret')
        if (token === 'no') return token === 'no' ? false : undefined
        return token === 'a-B._~+/9==' ? { name: 'ann' } : undefined
      }
      server.use(bearerAuth({ verify, realm: 'a "shop"', scope: 'read write' }))
      server.get('/', (request) => request.context.get('user'))
    },
    async (send) => {
      const ask = async (authorization?: string) => {
        const { status, text, header } = await send({ url: '/', headers: authorization ? { authorization } : {} })
        return [status, text, header('www-authenticate')]
      }
      const all = 'Bearer realm="a \\"shop\\"", scope="read write"'
      expect(await ask('Bearer a-B._~+/9==')).to.deep.equal([200, '{"name":"ann"}', undefined])
      expect(await ask('bearer  a-B._~+/9==')).to.deep.equal([200, '{"name":"ann"}', undefined])
      for (const none of [undefined, 'Basic YTpi', 'Bearerx y'])
        expect(await ask(none)).to.deep.equal([401, 'Unauthorized', all])
      for (const unknown of ['Bearer eve', 'Bearer no'])
        expect(await ask(unknown)).to.deep.equal([401, 'Unauthorized', `${all}, error="invalid_token"`])
      for (const bad of ['Bearer', 'Bearer a b', 'Bearer a=b', 'Bearer "a"'])
        expect(await ask(bad), bad).to.deep.equal([400, 'Bad Request', `${all}, error="invalid_request"`])
      expect(await ask('Bearer narrow')).to.deep.equal([403, 'Ask for more', `${all}, error="insufficient_scope"`])
      expect(await ask('Bearer broken')).to.deep.equal([500, 'Internal Server Error', undefined])
    },
  )

  bothWays(
    'challenges with the scheme alone where nothing else is known',
    (server) => void server.use(bearerAuth({ verify: () => undefined })),
    async (send) => void expect((await send({ url: '/' })).header('www-authenticate')).to.equal('Bearer'),
  )

  it('names what it does not take', () => {
    expectRefused('bearerAuth', [
      {},
      { verify: 'x' },
      { verify: () => 1, realm: '' },
      { verify: () => 1, scope: 'a  b' },
      { verify: () => 1, scope: 'a"b' },
      { verify: () => 1, realms: 'x' },
    ])
  })
})

describe('redirectToHttps', () => {
  bothWays(
    'redirects what came without TLS, and nothing else',
    (server) => {
      server.bindMiddleware('/plain/*', redirectToHttps())
      server.bindMiddleware('/port/*', redirectToHttps({ port: 8443, status: 301 }))
      server.bindMiddleware('/known/*', redirectToHttps({ port: 443, status: 307 }))
      server.get('/*', () => 'in')
    },
    async (send, _world, { isSecure }) => {
      const where = async (url: string) => {
        const { status, header, text } = await send({ url, host: 'shop.example:8080' })
        return [status, header('location') ?? text]
      }
      const inside = [200, 'in']
      expect(await where('/plain/a%20b?c=d')).to.deep.equal(
        isSecure ? inside : [308, 'https://shop.example/plain/a%20b?c=d'],
      )
      expect(await where('/port/x')).to.deep.equal(isSecure ? inside : [301, 'https://shop.example:8443/port/x'])
      expect(await where('/known/x')).to.deep.equal(isSecure ? inside : [307, 'https://shop.example/known/x'])
      expect(await where('/other')).to.deep.equal(inside)
    },
  )

  for (const trustProxy of [true, false]) {
    overHttp1(
      `${trustProxy ? 'believes' : 'does not believe'} X-Forwarded-Proto with trustProxy ${trustProxy}`,
      (server) => {
        server.use(redirectToHttps())
        server.get('/', () => 'in')
      },
      async (send) => {
        const { status } = await send({ url: '/', headers: { 'x-forwarded-proto': 'https' } })
        expect(status).to.equal(trustProxy ? 200 : 308)
      },
      { trustProxy },
    )
  }

  overHttp1(
    'needs a host',
    (server) => void server.use(redirectToHttps()),
    async (_send, _world, { port }) => {
      expect(await rawExchange(port, 'GET / HTTP/1.0\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /)
    },
  )

  it('names what it does not take', () => {
    expectRefused('redirectToHttps', [{ status: 303 }, { port: 0 }, { port: '443' }, { ports: 1 }])
  })
})

describe('etag', () => {
  bothWays(
    'tags what GET and HEAD are answered, and says 304 to who has it',
    (server) => {
      server.use(etag())
      server.bindMiddleware('/strong', etag({ weak: false }))
      server.bindHookHandler('/late', 'BeforeOutput', ({ response }) => response.write(' more'))
      server.get('/late', () => 'text')
      for (const path of ['/text', '/strong']) server.get(path, () => 'text')
      server.get('/bytes', () => Buffer.from('text'))
      server.get('/own', ({ response }) => {
        response.setHeader('ETag', '"own"')
        return 'text'
      })
      server.post('/text', () => 'text')
    },
    async (send) => {
      const tags = new Map<string, string>()
      for (const url of ['/text', '/strong', '/bytes', '/own', '/late']) {
        const got = await send({ url })
        const tag = got.header('etag') ?? ''
        tags.set(url, tag)
        expect([got.status, tag !== ''], url).to.deep.equal([200, true])
        expect((await send({ url, method: 'HEAD' })).header('etag')).to.equal(tag)
        for (const known of [tag, '*', `"other", ${tag}`, tag.startsWith('W/') ? tag.slice(2) : `W/${tag}`]) {
          for (const method of ['GET', 'HEAD']) {
            const again = await send({ url, method, headers: { 'if-none-match': known } })
            expect([again.status, again.text, again.header('etag')], `${url} ${known}`).to.deep.equal([304, '', tag])
            expect(again.header('content-type')).to.equal(undefined)
          }
        }
        for (const other of ['"other"', 'W/"other"', tag.replaceAll('"', '')])
          expect((await send({ url, headers: { 'if-none-match': other } })).status).to.equal(200)
      }
      expect(tags.get('/text')).to.match(/^W\/"[\w-]{27}"$/)
      expect(tags.get('/bytes')).to.equal(tags.get('/text'))
      expect(tags.get('/late')).to.not.equal(tags.get('/text'))
      expect(tags.get('/own')).to.equal('"own"')
      const posted = await send({ url: '/text', method: 'POST', headers: { 'if-none-match': '*' } })
      expect([posted.status, posted.header('etag')]).to.deep.equal([200, undefined])
    },
  )

  bothWays(
    'makes a strong tag where it is told to',
    (server) => {
      server.use(etag({ weak: false }))
      server.get('/', () => 'text')
    },
    async (send) => void expect((await send({ url: '/' })).header('etag')).to.match(/^"[\w-]{27}"$/),
  )

  bothWays(
    'leaves errors, streams and files as they are',
    (server) => {
      server.use(etag())
      server.get('/created', ({ response }) => response.writeStatus(201))
      server.get('/stream', function* () {
        yield 'a'
      })
      server.get('/file', ({ response }) => response.serveFile('package.json'))
    },
    async (send) => {
      for (const url of ['/created', '/none', '/stream'])
        expect((await send({ url, headers: { 'if-none-match': '*' } })).header('etag'), url).to.equal(undefined)
      expect((await send({ url: '/stream', headers: { 'if-none-match': '*' } })).text).to.equal('a')
      expect((await send({ url: '/file' })).header('etag')).to.match(/^W\/"[\da-f]+-/)
    },
  )

  bothWays(
    'tags the content before it is compressed, with a weak tag',
    (server) => {
      server.use(compress({ threshold: 0 }), etag({ weak: false }), headers({ response: { 'X-Late': '1' } }))
      server.get('/', () => 'text')
    },
    async (send) => {
      const encoded = await send({ url: '/', headers: { 'accept-encoding': 'gzip' } })
      expect([encoded.header('content-encoding'), encoded.header('x-late')]).to.deep.equal(['gzip', '1'])
      const tag = encoded.header('etag') ?? ''
      expect(tag).to.match(/^W\/"/)
      const again = await send({ url: '/', headers: { 'accept-encoding': 'gzip', 'if-none-match': tag } })
      expect([again.status, again.header('content-encoding'), again.header('vary')]).to.deep.equal([
        304,
        undefined,
        'Accept-Encoding',
      ])
    },
  )

  it('names what it does not take', () => {
    expectRefused('etag', [{ weak: 1 }, { strong: true }])
  })
})

describe('the option methodOverride', () => {
  const register = (server: Server) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
      server.bindHandler(`${method}:/books/:id`, async (request) => {
        const body = method === 'GET' ? '' : await request.text()
        return `${method} as ${request.method} ${request.params.id} ${body}`
      })
  }

  bothWays(
    'decides the route of a POST, by field or query',
    register,
    async (send) => {
      const ask = async (method: string, query = '', field?: string) => {
        const headers = field === undefined ? {} : { 'x-http-method-override': field }
        return (await send({ method, url: `/books/7${query}`, headers, ...(method !== 'GET' && { body: 'b' }) })).text
      }
      expect(await ask('POST', '', 'PUT')).to.equal('PUT as PUT 7 b')
      expect(await ask('POST', '', 'delete')).to.equal('DELETE as DELETE 7 b')
      expect(await ask('POST', '?a=b&_method=patch')).to.equal('PATCH as PATCH 7 b')
      expect(await ask('POST', '?_method=PATCH', 'DELETE')).to.equal('DELETE as DELETE 7 b')
      for (const other of ['GET', 'HEAD', 'CONNECT', 'TRACE', 'ALL', '', 'PUT, DELETE'])
        expect(await ask('POST', '', other), other).to.equal('POST as POST 7 b')
      expect(await ask('GET', '?_method=DELETE', 'DELETE')).to.equal('GET as GET 7 ')
      expect(await ask('PUT', '?_method=DELETE', 'DELETE')).to.equal('PUT as PUT 7 b')
    },
    { methodOverride: { query: '_method' } },
  )

  bothWays(
    'takes another field, and no other methods than it lists',
    register,
    async (send) => {
      const ask = async (name: string, method: string, url = '/books/1') =>
        (await send({ method: 'POST', url, headers: { [name]: method }, body: 'b' })).text
      expect(await ask('x-method', 'DELETE')).to.equal('DELETE as DELETE 1 b')
      expect(await ask('x-method', 'PUT')).to.equal('POST as POST 1 b')
      expect(await ask('x-http-method-override', 'DELETE')).to.equal('POST as POST 1 b')
      expect(await ask('x', 'y', '/books/1?_method=DELETE')).to.equal('POST as POST 1 b')
    },
    { methodOverride: { header: 'X-Method', methods: ['DELETE'] } },
  )

  bothWays('is off without it', register, async (send) => {
    const headers = { 'x-http-method-override': 'DELETE' }
    expect((await send({ method: 'POST', url: '/books/1', headers, body: 'b' })).text).to.equal('POST as POST 1 b')
  })

  it('names what it does not take', () => {
    for (const methodOverride of [true, { methods: ['GET'] }, { methods: [] }, { header: 'a b' }, { field: 'x' }])
      expect(thrownBy(() => new Server({ methodOverride } as never))).to.be.instanceOf(ConfigError)
  })
})

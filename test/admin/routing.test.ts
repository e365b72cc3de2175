import { expect } from 'chai'
import type { Request } from 'tribind'
import { type AdminWorld, startAdmin } from './admin-world.ts'

const hello = { routes: { hello: { pattern: '/hello', service: 'hi' } }, services: { hi: { text: 'Hello' } } }
const url = '/config/routing'
const SECRET = 'a-secret-word'

describe('/config/routing', () => {
  let world: AdminWorld
  beforeEach(async () => {
    world = await startAdmin((server) => server.get('/taken', () => 'code'))
  })
  afterEach(() => world.stop())

  const served = async (path: string) => {
    const { status, text } = Object(await world.server.inject(path))
    return status === 200 ? text() : status
  }
  const etag = async () => String((await world.ask(url)).headers.etag)

  it('is empty at first', async () => {
    expect(await world.get(url)).to.deep.equal({})
  })

  it('sets the document as a whole, and answers after the switch', async () => {
    const { status, json, headers } = await world.send('PUT', url, hello)
    expect([status, json.version]).to.deep.equal([200, world.server.version])
    expect(await served('/hello')).to.equal('Hello')
    expect(await world.get(url)).to.deep.equal(hello)
    expect(headers.etag).to.equal(await etag())
    expect(world.server.layers().map(({ name }) => name)).to.include('@api')
  })

  it('makes no version of the same, in another order', async () => {
    const first = await world.send('PUT', url, hello)
    const again = await world.send('PUT', url, { services: hello.services, routes: hello.routes })
    expect([again.status, again.json.version, again.headers.etag]).to.deep.equal([
      200,
      first.json.version,
      first.headers.etag,
    ])
  })

  it('merges a patch (RFC 7396), by either type', async () => {
    await world.send('PUT', url, hello)
    await world.send(
      'PATCH',
      url,
      { services: { hi: { text: 'Good day' } } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(await served('/hello')).to.equal('Good day')
    await world.send('PATCH', url, { routes: { hello: null, bye: { pattern: '/bye', service: 'hi' } } })
    expect([await served('/hello'), await served('/bye')]).to.deep.equal([404, 'Good day'])
  })

  it('takes a route away, or says that it is not there', async () => {
    await world.send('PUT', url, hello)
    expect((await world.send('DELETE', `${url}/routes/none`)).status).to.equal(404)
    expect((await world.send('DELETE', `${url}/routes/__proto__`)).status).to.equal(404)
    const { status, json } = await world.send('DELETE', `${url}/routes/hello`)
    expect([status, json.version]).to.deep.equal([200, world.server.version])
    expect(await served('/hello')).to.equal(404)
    expect((await world.send('DELETE', `${url}/routes/hello`)).status).to.equal(404)
  })

  for (const empty of [{}, { routes: {} }, { routes: {}, services: {}, middlewares: {} }])
    it(`takes all away by ${JSON.stringify(empty)}`, async () => {
      await world.send('PUT', url, hello)
      expect((await world.send('PUT', url, empty)).status).to.equal(200)
      expect(await served('/hello')).to.equal(404)
    })

  it('changes nothing where If-Match is of another document', async () => {
    await world.send('PUT', url, hello)
    const before = await etag()
    expect(
      (await world.send('PUT', url, { ...hello, services: { hi: { text: 'x' } } }, { 'if-match': before })).status,
    ).to.equal(200)
    for (const [method, body] of [
      ['PUT', hello],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      const path = method === 'DELETE' ? `${url}/routes/hello` : url
      const { status, json, headers } = await world.send(method, path, body, { 'if-match': before })
      expect([method, status, json.code]).to.deep.equal([method, 412, 'ERR_TRIBIND_ADMIN_ETAG'])
      expect(headers.etag).to.equal(await etag())
    }
    expect(await served('/hello')).to.equal('x')
    expect((await world.send('PUT', url, hello, { 'if-match': `"other", ${await etag()}` })).status).to.equal(200)
    expect((await world.send('PUT', url, hello, { 'if-match': '*' })).status).to.equal(200)
  })

  it('lets one of several changes with the same If-Match pass', async () => {
    await world.send('PUT', url, hello)
    const before = await etag()
    const all = await Promise.all(
      [1, 2, 3, 4].map((i) => world.send('PATCH', url, { services: { hi: { text: `${i}` } } }, { 'if-match': before })),
    )
    expect(all.map(({ status }) => status).toSorted()).to.deep.equal([200, 412, 412, 412])
  })

  for (const [what, document, path] of [
    ['an unknown field', { ...hello, other: {} }, 'other'],
    ['a reference to nothing', { routes: { a: { pattern: '/a', service: 'none' } } }, 'routes.a.service'],
    ['a bad pattern', { routes: { a: { pattern: 'a', service: { text: 'a' } } } }, 'routes.a.pattern'],
    ['a route that is taken', { routes: { a: { pattern: 'GET:/taken', service: { text: 'a' } } } }, 'routes.a.pattern'],
    ['a wrong value', { services: { a: { text: 3 } } }, 'services.a.text'],
  ] as const)
    it(`refuses ${what} with its issues, and changes nothing`, async () => {
      await world.send('PUT', url, hello)
      const { version } = world.server
      for (const query of ['', '?dryRun']) {
        const { status, json } = await world.send('PUT', url + query, document)
        expect([status, json.code]).to.deep.equal([422, 'ERR_TRIBIND_ADMIN_INVALID'])
        expect(json.issues.map((issue: { path: string }) => issue.path)).to.include(path)
      }
      expect([world.server.version, await world.get(url)]).to.deep.equal([version, hello])
    })

  for (const body of ['[]', '"text"', '1', 'null'])
    it(`refuses ${body}`, async () => {
      expect((await world.send('PUT', url, body)).status).to.equal(422)
      expect((await world.send('PATCH', url, body)).status).to.equal(422)
    })

  it('takes no body for broken JSON, and not for an empty document', async () => {
    await world.send('PUT', url, hello)
    for (const method of ['PUT', 'PATCH']) {
      const { status, json } = await world.send(method, url)
      expect([method, status, typeof json.code]).to.deep.equal([method, 400, 'string'])
    }
    expect(await world.get(url)).to.deep.equal(hello)
  })

  it('only says what would be wrong under ?dryRun', async () => {
    const { version } = world.server
    const { status, json } = await world.send('PUT', `${url}?dryRun=true`, hello)
    expect([status, json]).to.deep.equal([200, { version, dryRun: true }])
    expect([world.server.version, await world.get(url)]).to.deep.equal([version, {}])
    expect((await world.send('PUT', `${url}?dryRun=false`, hello)).json).to.not.have.property('dryRun')
  })

  it('refuses what is broken under isolate, too', async () => {
    await world.stop()
    world = await startAdmin(undefined, { configuration: { providers: [], onInvalid: 'isolate' } })
    const document = { routes: { ...hello.routes, a: { pattern: '/a', service: 'none' } }, services: hello.services }
    expect((await world.send('PUT', url, document)).status).to.equal(422)
    expect([await world.get(url), await served('/hello')]).to.deep.equal([{}, 404])
  })

  describe('with secrets', () => {
    const fields = { authorization: SECRET, 'x-api-key': 'another-word', 'x-plain': 'plain' }
    const guarded = {
      routes: { inner: { pattern: '/inner', service: 'echo', middlewares: ['known'] } },
      services: {
        echo: { use: 'echo' },
        list: {
          json: [
            { name: 'a', token: 'secret-word' },
            { name: 'b', token: 'another-word' },
          ],
        },
        away: { text: 'https://me:secret-word@shop.example/' },
      },
      middlewares: { known: { headers: { request: fields } } },
    }
    const echoed = async () => (await world.server.inject('/inner')).text().split(' ')
    beforeEach(async () => {
      await world.stop()
      world = await startAdmin((server) => {
        server.provide('echo', ({ headers }: Request) => `${headers.authorization} ${String(headers['x-api-key'])}`)
      })
      const { json } = await world.send('PUT', url, guarded)
      expect(json, JSON.stringify(json)).to.have.property('version')
      expect(await echoed()).to.deep.equal([SECRET, 'another-word'])
    })

    it('shows none, anywhere', async () => {
      for (const path of [
        url,
        '/api/middlewares',
        '/api/middlewares/known',
        '/api/services',
        '/api/services/list@api',
        '/api/history',
        '/api/routes',
        '/api/routes?type=middleware',
        '/api/overview',
        '/config',
        '/api/providers',
        '/metrics',
      ]) {
        const { status, text } = await world.ask(path)
        expect([path, status]).to.deep.equal([path, 200])
        expect(text, path).to.not.match(/secret-word|another-word/)
      }
      expect(JSON.stringify(await world.get(url))).to.include('***')
    })

    it('keeps them where what was shown is sent back', async () => {
      const shown = await world.get(url)
      shown.services.other = { text: 'Good day' }
      delete shown.middlewares.known.headers.request['x-plain']
      shown.services.list.json.reverse()
      expect((await world.send('PUT', url, shown)).status).to.equal(200)
      expect(await echoed()).to.deep.equal([SECRET, 'another-word'])
      const [{ configurations }] = world.server.configuration.history() as never as [
        { configurations: { api: typeof guarded } },
      ]
      expect(configurations.api.services.list.json.map(({ name, token }) => `${name} ${token}`)).to.deep.equal([
        'b another-word',
        'a secret-word',
      ])
    })

    it('keeps them in a patch', async () => {
      const request = { authorization: '***', 'x-api-key': 'new' }
      expect((await world.send('PATCH', url, { middlewares: { known: { headers: { request } } } })).status).to.equal(
        200,
      )
      expect(await echoed()).to.deep.equal([SECRET, 'new'])
    })

    it('refuses what stands for a secret that there never was', async () => {
      const patch = { middlewares: { known: { headers: { request: { cookie: '***' } } } } }
      const { status, json } = await world.send('PATCH', url, patch)
      expect([status, json.issues[0].path]).to.deep.equal([422, 'middlewares.known.headers.request.cookie'])
      // Which of the two is meant isn't sure.
      const json2 = [{ name: 'c', token: '***' }]
      expect((await world.send('PATCH', url, { services: { list: { json: json2 } } })).status).to.equal(422)
      const away = { text: 'https://***@other.example/' }
      expect((await world.send('PATCH', url, { services: { away } })).status).to.equal(422)
    })

    it('has another ETag for another secret', async () => {
      const before = await etag()
      await world.send('PATCH', url, { middlewares: { known: { headers: { request: { 'x-api-key': 'changed' } } } } })
      expect(await etag()).to.not.equal(before)
    })
  })

  it('serves the JSON Schema of a document', async () => {
    const schema = await world.get('/config/schema')
    expect(schema.properties).to.include.all.keys('routes', 'services', 'middlewares')
  })
})

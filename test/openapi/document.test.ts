import { expect } from 'chai'
import { ConfigError, declaration, DuplicateRouteError, type OpenapiOptions, Server } from 'tribind'
import { z } from 'zod'
import { createEverything } from './everything.ts'
import { pathsOf, type Told } from './told.ts'

const info = { title: 'T', version: '1' }
const options: OpenapiOptions = { info, page: false }

describe('the answers to what a document says is refused', () => {
  const build = (problems: boolean) => {
    const server = new Server({ problems })
    server.post(
      '/x/:id',
      declaration({ params: z.object({ id: z.coerce.number() }), body: z.object({ a: z.string() }) }).handler(() => ''),
    )
    return server
  }
  const refusals = [
    [400, 'application/json', '{}'],
    [415, 'text/plain', 'a'],
  ] as const

  for (const problems of [false, true])
    it(`look as told ${problems ? 'with' : 'without'} problems`, async () => {
      const server = build(problems)
      const { responses } = (await pathsOf(server))['/x/{id}']?.post ?? {}
      for (const [status, type, body] of refusals) {
        const answer = await server.inject({ method: 'POST', url: '/x/1', headers: { 'content-type': type }, body })
        expect(answer.status).to.equal(status)
        const [told] = Object.keys(responses?.[status]?.content ?? {})
        expect(answer.headers['content-type']).to.match(new RegExp(`^${told?.replace('+', '\\+')}`))
      }
    })

  it('have the members that are told', async () => {
    const server = build(true)
    const document = (await server.openapiDocument(options)) as unknown as Told
    const answer = await server.inject({
      method: 'POST',
      url: '/x/a',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const { schema } = document.paths['/x/{id}']?.post?.responses[400]?.content['application/problem+json'] ?? {}
    const told = Object.keys(schema?.properties ?? {})
    const members = Object.keys(answer.json() as object)
    expect(told).to.include.members(members)
    expect(members).to.include.members(schema?.required ?? [])
    expect(members).to.include('issues')
  })
})

describe('what a document tells of', () => {
  it('is that of a group, a domain or an entry point alone, with whole paths', async () => {
    const server = createEverything()
    const named = async (part: Parameters<typeof pathsOf>[0]) => Object.keys(await pathsOf(part))
    expect((await server.inject('/api/openapi.json')).json()).to.deep.include({ servers: [{ url: '..' }] })
    expect(Object.keys(((await server.inject('/api/openapi.json')).json() as Told).paths as object)).to.deep.equal([
      '/api/loan/{id}',
    ])
    expect(await named(server.domain('shop.example'))).to.deep.equal(['/offers', '/twice'])
    expect(await named(server.entryPoint('inside'))).to.deep.equal(['/inside'])
    expect(await named(server.group('/none'))).to.deep.equal([])
  })

  it('is what include returns true for, of two in one place the first of these', async () => {
    const server = new Server()
    server.get('/x/:id', function first() {})
    server.get('/x/*id', function second() {})
    const seen: string[] = []
    const paths = await pathsOf(server, {
      include: ({ operationId, path, method, route, name }) => {
        seen.push([operationId, path, method, route, name].join(' '))
        return name === 'second'
      },
    })
    expect(paths['/x/{id}']?.get?.operationId).to.equal('second_get')
    expect(seen).to.deep.equal(['first_get /x/{id} GET /x/:id first', 'second_get /x/{id} GET /x/*id second'])
  })

  it('keeps the ids that are declared, and numbers those from names', async () => {
    const server = new Server()
    server.get('/a', function lend() {})
    server.get(
      '/b',
      declaration({ operationId: 'lend_get' }).handler(() => ''),
    )
    const paths = await pathsOf(server)
    expect(paths['/a']?.get?.operationId).to.equal('lend_get_2')
    expect(paths['/b']?.get?.operationId).to.equal('lend_get')
  })

  it('is the same in whatever order it was bound', async () => {
    const bindings: ((server: Server) => unknown)[] = [
      (server) => server.get('/b', function b() {}),
      (server) => server.post('/a', function b() {}),
      (server) => server.get('/a', function b() {}),
      (server) => server.get('/names/:a', function b() {}),
      (server) => server.put('/names/:b', function b() {}),
      (server) => server.domain('a.example').get('/shop', function a() {}),
      (server) => server.domain('b.example').get('/shop', function b() {}),
    ]
    const documents = [bindings, bindings.toReversed()].map(async (order) => {
      const server = new Server()
      for (const bind of order) bind(server)
      return JSON.stringify(await server.openapiDocument(options))
    })
    const [one, other] = await Promise.all(documents)
    expect(one).to.equal(other)
  })

  it('follows layers, by its version and its ETag', async () => {
    const server = new Server({ port: 0 })
    server.get('/a', () => '')
    server.openapi(options)
    await server.start()
    const read = () => server.inject('/openapi.json')
    const first = await read()
    expect(first.json()).to.not.have.property('x-version')
    expect(
      (await server.inject({ url: '/openapi.json', headers: { 'if-none-match': first.headers.etag as string } }))
        .status,
    ).to.equal(304)
    await server.layer('more').replace((routes) => routes.get('/b', () => ''))
    const second = await read()
    expect(second.json()).to.have.property('x-version', server.version)
    expect(Object.keys((second.json() as Told).paths as object)).to.deep.equal(['/a', '/b'])
    expect(second.headers.etag).to.not.equal(first.headers.etag)
    await server.layer('more').replace((routes) => routes.get('/b', () => ''))
    expect((await read()).headers.etag).to.not.equal(second.headers.etag)
    await server.layer('more').remove()
    expect((await read()).text()).to.equal(first.text())
    await server.stop()
  })

  it('may be bound in a layer, and goes with it', async () => {
    const server = new Server({ port: 0 })
    server.get('/a', () => '')
    await server.start()
    await server.layer('docs').replace((routes) => routes.openapi(options))
    expect(Object.keys(((await server.inject('/openapi.json')).json() as Told).paths as object)).to.deep.equal(['/a'])
    await server.layer('docs').remove()
    expect((await server.inject('/openapi.json')).status).to.equal(404)
    await server.stop()
  })
})

describe('openapi()', () => {
  const refused: readonly [options: object, message: RegExp][] = [
    [{}, /option "info" is required/],
    [{ info: { title: 'T' } }, /option "info.version" is required/],
    [{ info: { ...info, licence: 'MIT' } }, /unknown option "info.licence", did you mean "info.license"/],
    [{ info, path: 'openapi.json' }, /option "path" must be a path without parameters/],
    [{ info, path: '/:name' }, /option "path" must be a path without parameters/],
    [{ info, page: '/openapi.json' }, /option "page" must be another path than "path"/],
    [{ info, page: true }, /option "page" must be false, or a path/],
    [{ info, servers: ['/'] }, /option "servers" must be an array of objects, each with a url/],
    [{ info, securitySchemes: { a: {} } }, /option "securitySchemes" must be/],
    [{ info, tag: [] }, /unknown option "tag", did you mean "tags"/],
  ]
  for (const [given, message] of refused)
    it(`refuses ${JSON.stringify(given)}`, async () => {
      const server = new Server()
      expect(() => server.openapi(given as OpenapiOptions)).to.throw(ConfigError, message)
      expect(server.routes()).to.be.empty
      const error = await server.openapiDocument(given as OpenapiOptions).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(ConfigError)
    })

  it('tells once of security that no scheme describes', async () => {
    const warnings: string[] = []
    const none = () => {}
    const logger = { debug: none, info: none, warn: (message: string) => void warnings.push(message), error: none }
    const server = new Server({ logger })
    server.get(
      '/x',
      declaration({ security: ['sesion'] }).handler(() => ''),
    )
    server.openapi({ ...options, securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'sid' } } })
    await server.inject('/openapi.json')
    await server.inject('/openapi.json')
    expect(warnings).to.deep.equal([
      'openapi: operations declare the security "sesion", which "securitySchemes" doesn\'t have, did you mean "session"?',
    ])
  })

  it('refuses a path that is bound', () => {
    const server = new Server().get('/openapi.json', () => '')
    expect(() => server.openapi(options)).to.throw(DuplicateRouteError)
    expect(server.routes()).to.have.length(1)
  })

  it('says what it is among the routes', () => {
    const server = new Server().openapi({ info })
    expect(server.routes().map(({ method, route, name }) => `${method} ${route} ${name}`)).to.deep.equal([
      'GET /openapi.json openapiDocument',
      'GET /docs openapiPage',
      'GET /docs/:file openapiPage',
    ])
  })
})

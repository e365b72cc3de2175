import { expect } from 'chai'
import { ConfigError, declaration, DuplicateRouteError, type OpenapiOptions, Server } from 'tribind'
import { z } from 'zod'
import { createEverything } from './everything.ts'

const info = { title: 'T', version: '1' }
const options: OpenapiOptions = { info, page: false }

type Operation = Record<string, any>
type Paths = Record<string, Record<string, Operation>>

const pathsOf = async (server: Pick<Server, 'openapiDocument'>, more: Partial<OpenapiOptions> = {}): Promise<Paths> =>
  (await server.openapiDocument({ ...options, ...more })).paths as Paths

describe('the operations of an OpenAPI document', () => {
  let paths: Paths
  let document: Operation
  before(async () => {
    document = (await createEverything().inject('/openapi.json')).json() as Operation
    paths = document.paths
  })

  it('are those of handlers, object methods and controller methods', () => {
    expect(Object.keys(paths)).to.deep.equal([
      '/any/{segment}/{path}',
      '/api/loan/{id}',
      '/arktype',
      '/books/{id}/loans',
      '/comments',
      '/files/{name}.{type}',
      '/files/{path}',
      '/inside',
      '/loans',
      '/loans/{id}',
      '/odd',
      '/offers',
      '/photo',
      '/search',
      '/shelf',
      '/shelves',
      '/shelves/find',
      '/shelves/index',
      '/shelves/list',
      '/table',
      '/twice',
      '/valibot',
    ])
  })

  it('tells GET and POST of ALL, and leaves out QUERY, CONNECT, and the HEAD of a GET', () => {
    expect(Object.keys(paths['/files/{name}.{type}'] ?? {})).to.deep.equal(['get', 'post'])
    expect(Object.keys(paths['/odd'] ?? {})).to.deep.equal(['options', 'patch'])
    expect(Object.keys(paths['/search'] ?? {})).to.deep.equal(['get'])
  })

  it('has the path as bound in x-pattern, and says of a * what it is', () => {
    expect(paths['/files/{path}']?.get?.['x-pattern']).to.equal('/files/*path')
    expect(paths['/any/{segment}/{path}']?.get?.['x-pattern']).to.equal('/any/:/*')
    const [segment, rest] = paths['/any/{segment}/{path}']?.get?.parameters as Operation[]
    expect(segment).to.deep.equal({ name: 'segment', in: 'path', required: true, schema: { type: 'string' } })
    expect(rest?.description).to.match(/the rest of the path, as "\*" does/)
  })

  it('tells of two in one place the one that matches first', () => {
    expect(paths['/loans/{id}']?.get?.operationId).to.equal('LoanController_show')
    expect(paths['/twice']?.get).to.include({ operationId: 'forShop_get' })
    expect(paths['/twice']?.get?.servers).to.deep.equal([{ url: '//shop.example' }])
  })

  it('has one path for paths that differ in the names of their parameters alone', () => {
    const removed = paths['/loans/{id}']?.delete
    expect(removed).to.include({ operationId: 'removeLoan_delete', 'x-pattern': '/loans/:loan' })
    expect(removed?.parameters).to.deep.equal([{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }])
  })

  it('has the domains in servers', () => {
    expect(paths['/offers']?.get?.servers).to.deep.equal([
      { url: '//shop.example' },
      { url: '//{subdomain}.shop.example', variables: { subdomain: { default: 'www' } } },
    ])
  })

  it('has unique ids: declared, or of class and method, or of function and method', () => {
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId as string),
    )
    expect(new Set(ids).size).to.equal(ids.length)
    expect(ids).to.include.members([
      'lendBook',
      'changeLoan',
      'changeLoan_2',
      'LoanController_store',
      'offers_get',
      'get_shelves_list',
      'get_any_segment_path',
      'odd_patch',
    ])
  })

  it('tells the whole of a declaration', () => {
    const lend = paths['/books/{id}/loans']?.post
    const int = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
    expect(lend).to.deep.include({
      summary: 'Lends a book',
      description: 'To a reader.',
      tags: ['books'],
      operationId: 'lendBook',
      security: [{ session: [] }, { bearer: [] }],
    })
    expect(lend?.parameters).to.deep.equal([
      { name: 'id', in: 'path', required: true, schema: int },
      { name: 'days', in: 'query', schema: { default: 14, type: 'number', maximum: 30 } },
      { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
      { name: 'idempotency-key', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'shop', in: 'cookie', description: 'The shop.', schema: { type: 'string', description: 'The shop.' } },
    ])
    expect(lend?.requestBody.required).to.equal(true)
    expect(Object.keys(lend?.requestBody.content as object)).to.deep.equal([
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ])
    expect(Object.keys(lend?.responses as object)).to.deep.equal(['201', '400', '401', '403', '409', '413', '415'])
    expect(lend?.responses[201]).to.deep.equal({
      description: 'Lent',
      headers: { location: { required: true, schema: { type: 'string' } } },
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Loan' } } },
    })
    expect(paths['/loans/{id}']?.put).to.include({ deprecated: true })
  })

  it('has a default response for what declares none', () => {
    expect(paths['/shelves/list']?.get?.responses).to.deep.equal({ default: { description: 'Any response.' } })
  })

  it('says how a body comes', () => {
    const types = (path: string, method: string) => Object.keys(paths[path]?.[method]?.requestBody.content as object)
    expect(types('/table', 'put')).to.deep.equal(['text/csv'])
    expect(types('/photo', 'post')).to.deep.equal(['multipart/form-data'])
    expect(types('/comments', 'post')).to.deep.equal(['application/json'])
  })

  it('takes schemas of any library, and leaves open what it does not know', () => {
    expect(paths['/arktype']?.get?.parameters).to.deep.equal([
      { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'page', in: 'query', schema: { type: 'number' } },
    ])
    expect(paths['/valibot']?.get?.parameters).to.deep.equal([{ name: 'q', in: 'query', schema: {} }])
    expect(paths['/search']?.get?.parameters[0]).to.deep.include({
      name: 'query',
      schema: { type: 'object', additionalProperties: true },
    })
  })

  it('has the envelopes of mapResults around what they map, and nothing of errors that mapErrors writes', () => {
    const { responses } = paths['/api/loan/{id}']?.get ?? {}
    expect(responses[200].content['application/json'].schema).to.deep.equal({
      type: 'object',
      properties: { code: { type: 'integer' }, data: { $ref: '#/components/schemas/Loan' } },
      required: ['code', 'data'],
    })
    expect(responses[204]).to.deep.equal({ description: 'No Content' })
    expect(responses[400]).to.deep.equal({ description: 'Bad Request' })
  })

  it('has those schemas as components that have a name and are used twice, or contain themselves', () => {
    const { schemas, securitySchemes } = document.components
    expect(Object.keys(schemas as object)).to.deep.equal([
      'ATrouble',
      'Comment',
      'CommentInput',
      'Loan',
      'LoanInput',
      'Schema',
    ])
    expect(schemas.Loan.required).to.deep.equal(['id', 'reader', 'state'])
    expect(schemas.LoanInput.required).to.deep.equal(['id', 'reader'])
    expect(schemas.CommentInput.properties.answers.items).to.deep.equal({ $ref: '#/components/schemas/CommentInput' })
    expect(Object.keys(securitySchemes as object)).to.deep.equal(['session', 'bearer'])
  })
})

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
        const [told] = Object.keys(responses[status].content as object)
        expect(answer.headers['content-type']).to.match(new RegExp(`^${told?.replace('+', '\\+')}`))
      }
    })

  it('have the members that are told', async () => {
    const server = build(true)
    const document = (await server.openapiDocument(options)) as unknown as Operation
    const answer = await server.inject({
      method: 'POST',
      url: '/x/a',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const { schema } = document.paths['/x/{id}'].post.responses[400].content['application/problem+json']
    const told = Object.keys(schema.properties as object)
    const members = Object.keys(answer.json() as object)
    expect(told).to.include.members(members)
    expect(members).to.include.members(schema.required as string[])
    expect(members).to.include('issues')
  })
})

describe('what a document tells of', () => {
  it('is that of a group, a domain or an entry point alone, with whole paths', async () => {
    const server = createEverything()
    const named = async (part: Parameters<typeof pathsOf>[0]) => Object.keys(await pathsOf(part))
    expect((await server.inject('/api/openapi.json')).json()).to.deep.include({ servers: [{ url: '..' }] })
    expect(Object.keys(((await server.inject('/api/openapi.json')).json() as Operation).paths as object)).to.deep.equal(
      ['/api/loan/{id}'],
    )
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

  it('is the same in whatever order it was bound', async () => {
    const bindings: ((server: Server) => unknown)[] = [
      (server) => server.get('/b', function b() {}),
      (server) => server.post('/a', function b() {}),
      (server) => server.get('/a', function b() {}),
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
    expect(Object.keys((second.json() as Operation).paths as object)).to.deep.equal(['/a', '/b'])
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
    expect(Object.keys(((await server.inject('/openapi.json')).json() as Operation).paths as object)).to.deep.equal([
      '/a',
    ])
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

import { expect } from 'chai'
import { Controller, declaration, declareMethods, HttpError, reply, Server, UploadFile } from 'tribind'
import { createTestClient, createTestServer } from 'tribind/testing'
import { z } from 'zod'
import { libraries } from './libraries.ts'
import { silent } from './silent.ts'

const create = () => new Server({ logger: silent })
const echoed = z.record(z.string(), z.unknown())

/** Everything that a request can have. */
const everything = declaration({
  operationId: 'everything',
  params: z.object({ id: z.coerce.number().int(), path: z.string() }),
  query: z.object({
    days: z.coerce.number().default(14),
    tags: z.array(z.string()).optional(),
    since: z.coerce.date(),
  }),
  headers: z.object({ 'idempotency-key': z.string(), accept: z.string().optional() }),
  cookies: z.object({ shop: z.string() }),
  body: z.object({ reader: z.string() }),
  responses: { 200: echoed },
})

async function rejection(promise: Promise<unknown>): Promise<Error & { failure?: string }> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as Error & { failure?: string },
  )
}

describe('client.call', () => {
  it('sends every part as its schema reads it, encoded, before and after the start', async () => {
    const build = (server: Server) =>
      server.put(
        '/books/:id/a b/*path',
        everything.handler(({ params, query, headers, cookies, body, request }) => ({
          params,
          query,
          cookies,
          body,
          url: request.url,
          key: headers['idempotency-key'],
          kept: request.cookie.get('kept'),
          token: request.header('authorization'),
        })),
      )
    await using running = await createTestServer(build)
    const server = create()
    build(server)
    for (const client of [createTestClient(server), running.client()]) {
      client.cookies.set('kept', 'x')
      const answer = await client.call(everything, {
        params: { id: 7, path: 'ü/x y' },
        query: { tags: ['a&b', 'c'], since: new Date(0) },
        headers: { 'idempotency-key': 'k', Authorization: 'Bearer t' },
        cookies: { shop: 'a; b=ß' },
        body: { reader: 'Ann' },
      })
      expect(answer.json()).to.deep.equal({
        params: { id: 7, path: 'ü/x y' },
        query: { days: 14, tags: ['a&b', 'c'], since: '1970-01-01T00:00:00.000Z' },
        cookies: { shop: 'a; b=ß' },
        body: { reader: 'Ann' },
        url: '/books/7/a%20b/%C3%BC/x%20y?tags=a%26b&tags=c&since=1970-01-01T00%3A00%3A00.000Z',
        key: 'k',
        kept: 'x',
        token: 'Bearer t',
      })
      expect(answer.url).to.match(/^\/books\/7\/a%20b\//)
    }
  })

  for (const { name, id, query, body, loan } of libraries)
    it(`takes the schemas of ${name}`, async () => {
      const lend = declaration({ params: id, query, body, responses: { 201: loan } })
      const server = create().post(
        '/books/:id/loans',
        lend.handler(({ params }) => reply(201, { ...(params as { id: number }), state: 'lent' })),
      )
      const input = { params: { id: 7 }, query: { days: 3, tags: ['a', 'b'] }, body: { reader: 'Ann' } }
      const answer = await createTestClient(server).call(lend, input)
      expect([answer.status, answer.json()]).to.deep.equal([201, { id: 7, state: 'lent' }])
      const wrong = declaration({ responses: { 200: loan } })
      const liar = create().get(
        '/',
        wrong.handler(() => ({ id: 'x' }) as object),
      )
      expect((await rejection(createTestClient(liar).call(wrong))).message).to.match(
        /^call: GET \/ answered 200, which doesn't fit the declaration of responses, .*: body.id: .*\{"id":"x"\}$/,
      )
    })

  it('finds methods of controllers and objects, and of several bindings the first in matching order', async () => {
    const [show, list, both] = ['show', 'list', 'both'].map((operationId) => declaration({ operationId }))
    class Books extends Controller {
      show() {
        return `show ${this.request.path}`
      }
    }
    const shelves = { list: ({ path }: { path: string }) => `list ${path}` }
    declareMethods(Books, { show: show! })
    declareMethods(shelves, { list: list! })
    const handler = both!.handler(({ request }) => `${request.method} ${request.host} ${request.path}`)
    const server = create()
      .bindController('/books', Books)
      .bindObjectMethod('POST:/shelves', shelves, 'list')
      .bindHandler('/later', handler)
      .bindHandler('DELETE,PATCH:/longer/path', handler)
    const client = createTestClient(server)
    expect((await client.call(show!)).text()).to.equal('show /books/show')
    expect((await client.call(list!)).text()).to.equal('list /shelves/list')
    expect((await client.call(both!)).text()).to.equal('DELETE localhost /longer/path')
  })

  it('sends requests to the domain and the entry point where the endpoint is', async () => {
    const [shop, any, inside] = ['shop', 'any', 'inside'].map((operationId) => declaration({ operationId }))
    const server = new Server({ logger: silent, entryPoints: { default: '127.0.0.1:0', inside: '127.0.0.1:0' } })
    server.domain('shop.example').get(
      '/',
      shop!.handler(({ request }) => request.host),
    )
    server.domain('*.shop.example').get(
      '/',
      any!.handler(({ request }) => request.host),
    )
    server.entryPoint('inside').get(
      '/',
      inside!.handler(({ request }) => request.entryPoint),
    )
    const client = createTestClient(server)
    expect((await client.call(shop!)).text()).to.equal('shop.example')
    expect((await client.call(any!)).text()).to.equal('www.shop.example')
    expect((await client.call(any!, { headers: { host: 'de.shop.example' } })).text()).to.equal('de.shop.example')
    const german = createTestClient(server, { headers: { host: 'de.shop.example:8080' } })
    expect((await german.call(any!)).text()).to.equal('de.shop.example')
    expect((await client.call(inside!)).text()).to.equal('inside')
    await using running = await createTestServer(server)
    expect((await running.client().call(inside!)).text()).to.equal('inside')
  })

  it('finds what a layer has, and is bound after the client was made', async () => {
    const page = declaration({ operationId: 'page', query: z.object({ n: z.coerce.number() }) })
    await using running = await createTestServer(() => {})
    const client = running.client()
    expect((await rejection(client.call(page, { query: { n: 1 } }))).message).to.contain('has the declaration "page"')
    await running.server.layer('pages').replace((layer) =>
      layer.bindHandler(
        '/page',
        page.handler(({ query }) => query),
      ),
    )
    expect((await client.call(page, { query: { n: 1 } })).json()).to.deep.equal({ n: 1 })
  })

  it('encodes bodies by the type that is declared, and forms as forms', async () => {
    const text = declaration({ body: { type: 'text/csv', schema: z.string() } })
    const patch = declaration({ body: { type: 'application/merge-patch+json', schema: z.object({ a: z.null() }) } })
    const fields = z.object({ n: z.coerce.number(), tags: z.array(z.string()) })
    const form = declaration({ body: { type: 'application/x-www-form-urlencoded', schema: fields } })
    const upload = declaration({ body: z.object({ photo: z.instanceof(UploadFile) }) })
    const parts = declaration({ body: { type: 'multipart/form-data', schema: fields } })
    const server = create()
    const tell = ({ body, request }: { body: unknown; request: { header(name: string): string | undefined } }) => ({
      body,
      type: request.header('content-type')?.split(';')[0],
    })
    server.post('/text', text.handler(tell)).post('/patch', patch.handler(tell)).post('/form', form.handler(tell))
    server.post(
      '/upload',
      upload.handler(({ body: { photo } }) => `${photo.filename} ${photo.size}`),
    )
    server.post('/parts', parts.handler(tell))
    const client = createTestClient(server)
    expect((await client.call(text, { body: 'a;b' })).json()).to.deep.equal({ body: 'a;b', type: 'text/csv' })
    expect((await client.call(patch, { body: { a: null } })).json()).to.deep.equal({
      body: { a: null },
      type: 'application/merge-patch+json',
    })
    const body = { n: 1, tags: ['a'] }
    expect((await client.call(form, { body })).json()).to.deep.equal({
      body,
      type: 'application/x-www-form-urlencoded',
    })
    expect((await client.call(parts, { body })).json()).to.deep.equal({ body, type: 'multipart/form-data' })
    const files = new FormData()
    files.append('photo', new Blob(['abc']), 'a.png')
    expect((await client.call(upload, { body: files })).text()).to.equal('a.png 3')
  })

  it('rejects where the status is not declared, with what was answered', async () => {
    const lend = declaration({ operationId: 'lendBook', responses: { 201: z.string(), 404: {} } })
    const server = create().get(
      '/',
      lend.handler(() => {
        throw new HttpError(409, 'Ann has it')
      }),
    )
    const error = await rejection(createTestClient(server).call(lend))
    expect(error.failure).to.equal('ERR_TRIBIND_RESPONSE_UNDECLARED')
    expect(error.message).to.equal(
      'call: GET / answered 409, which doesn\'t fit the declaration "lendBook": 409 is not declared: 201, 404 are. Its body: Ann has it',
    )
  })

  it('takes the status and body of errors as declared, problems too', async () => {
    const Problem = z.object({ status: z.literal(409), detail: z.string() })
    const lend = declaration({ responses: { 200: z.string(), 409: Problem, 410: { description: 'Gone' } } })
    const fail = (status: number) => () => {
      throw new HttpError(status, 'Ann has it')
    }
    for (const problems of [true, false]) {
      const server = new Server({ logger: silent, problems }).get('/', lend.handler(fail(409)))
      const call = createTestClient(server).call(lend)
      if (problems) expect((await call).status).to.equal(409)
      else expect((await rejection(call)).message).to.match(/body: .*Its body: Ann has it/)
    }
    const gone = create().get('/', lend.handler(fail(410)))
    expect((await createTestClient(gone).call(lend)).status).to.equal(410)
  })

  it('checks what JSON keeps of a body, and nothing where no responses are declared', async () => {
    const dates = declaration({ responses: { 200: z.object({ at: z.date(), n: z.number() }) } })
    const at = new Date(0)
    const client = (n: unknown) =>
      createTestClient(
        create().get(
          '/',
          dates.handler(() => ({ at, n: n as number })),
        ),
      )
    expect((await client(1).call(dates)).json()).to.deep.equal({ at: '1970-01-01T00:00:00.000Z', n: 1 })
    expect((await rejection(client('x').call(dates))).message)
      .to.contain('body.n: ')
      .and.not.contain('body.at')
    const free = declaration({ summary: 'Anything' })
    const failing = create().get(
      '/',
      free.handler(() => reply(418, 'tea')),
    )
    expect((await createTestClient(failing).call(free)).status).to.equal(418)
  })

  it('reads no body of 204 and HEAD, and leaves those alone that mapResults changed', async () => {
    const list = declaration({ responses: { 200: z.array(z.number()), 204: {} } })
    const head = create().bindHandler(
      'HEAD:/',
      list.handler(() => [1]),
    )
    expect((await createTestClient(head).call(list)).status).to.equal(200)
    const none = create().get(
      '/',
      list.handler(() => reply(204)),
    )
    expect((await createTestClient(none).call(list)).status).to.equal(204)
    const mapped = create()
      .mapResults((data) => ({ data }))
      .get(
        '/',
        list.handler(() => [1]),
      )
    expect((await createTestClient(mapped).call(list)).json()).to.deep.equal({ data: [1] })
  })

  it('follows no redirects', async () => {
    const go = declaration({ responses: { 303: { description: 'To the book' } } })
    const server = create().get(
      '/',
      go.handler(({ request }) => request.response.redirectTo('/b', 303)),
    )
    expect((await createTestClient(server, { redirects: 3 }).call(go)).status).to.equal(303)
  })

  it('names the declaration that is bound nowhere', async () => {
    const nowhere = declaration({ query: z.object({}), responses: {} })
    const client = createTestClient(create())
    const error = await rejection(client.call(everything, {} as never))
    expect(error.failure).to.equal('ERR_TRIBIND_ROUTE_DECLARATION_UNBOUND')
    expect(error.message).to.match(/^call: no endpoint of server ".*" has the declaration "everything": bind what /)
    expect((await rejection(client.call(nowhere))).message).to.contain(
      'the declaration of query, responses, which has no operationId',
    )
    expect((await rejection(client.call({} as never))).message).to.match(
      /must be what declaration\(\) returned, got \{\}/,
    )
  })

  for (const [input, message] of [
    [{ params: {} }, /pattern "\/books\/:id": parameter "id" must have a value/],
    [{ params: { id: '..' } }, /must match the path of its values/],
    [{ params: { id: 1 }, query: { a: 1 } }, /the declaration "one" has no "query", so it isn't read/],
    [{ params: { id: 1 }, body: { a: 1 } }, /the declaration "one" has no "body"/],
    [{ params: { id: 1 }, querry: { a: 1 } }, /unknown option "querry"/],
    [{ params: { id: { a: 1 } } }, /"params.id" must be text, a number, a boolean, a date or an array of them/],
    [{ params: 'x' }, /option "params" must be an object of values by name/],
  ] as const)
    it(`refuses ${JSON.stringify(input)}`, async () => {
      const one = declaration({ operationId: 'one' })
      const server = create().get(
        '/books/:id',
        one.handler(() => ''),
      )
      expect((await rejection(createTestClient(server).call(one, input as never))).message).to.match(message)
    })
})

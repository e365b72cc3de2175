import { expect } from 'chai'
import { Controller, declaration, declareMethods, HttpError, reply, Server, StateError, ValidationError } from 'tribind'
import { z } from 'zod'
import { aFile, libraries } from './libraries.ts'

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Serves one endpoint that answers with its input. */
function echo(parts: Parameters<typeof declaration>[0], pattern = 'ALL:/x'): Server {
  const server = new Server({ logger: silent })
  server.bindHandler(
    pattern,
    declaration(parts).handler(({ request: _, ...input }) => input),
  )
  return server
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

async function send(server: Server, url: string, options: object = {}): Promise<{ status: number; value: any }> {
  const { status, text } = await server.inject({ url, ...options }).then((r) => ({ status: r.status, text: r.text() }))
  return { status, value: text.startsWith('{') ? JSON.parse(text) : text }
}

describe('the input of declared endpoints', () => {
  for (const { name, tells, id, query, body } of libraries) {
    describe(`by ${name}`, () => {
      const server = echo({ params: id, query, body }, 'POST:/books/:id')
      const post = (url: string, value: object) =>
        send(server, url, { method: 'POST', headers: json, body: JSON.stringify(value) })

      it('is what the schemas return', async () => {
        const { status, value } = await post('/books/7?days=3', { reader: 'Ada' })
        expect([status, value]).to.deep.equal([200, { params: { id: 7 }, query: { days: 3 }, body: { reader: 'Ada' } }])
        expect((await post('/books/7', { reader: 'Ada' })).value.query).to.deep.equal({ days: 14 })
      })

      it('has arrays for names that come twice, and where an array is asked for', async () => {
        expect((await post('/books/7?tags=a&tags=b', { reader: 'Ada' })).value.query.tags).to.deep.equal(['a', 'b'])
        const one = await post('/books/7?tags=a', { reader: 'Ada' })
        if (tells) expect(one.value.query.tags).to.deep.equal(['a'])
        else expect(one.status).to.equal(400)
      })

      if (tells)
        it('counts an empty text as missing where a number is asked for', async () => {
          expect((await post('/books/7?days=', { reader: 'Ada' })).value.query).to.deep.equal({ days: 14 })
        })

      it('is refused with the issues of all parts at once', async () => {
        const caught: ValidationError[] = []
        const own = echo({ params: id, query, body }, 'POST:/books/:id')
        own.mapErrors((error) => void caught.push(error as ValidationError))
        const refused = await send(own, '/books/x?days=few', {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ note: 5 }),
        })
        expect(refused.status).to.equal(400)
        const [error] = caught
        expect(error).to.be.instanceOf(ValidationError)
        for (const issue of error?.issues ?? []) {
          expect(Object.keys(issue)).to.have.members(['message', 'path'])
          expect(issue.message).to.be.a('string')
        }
        const paths = (error?.issues ?? []).map(({ path }) => path?.join('.'))
        expect(paths).to.include.members(['params.id', 'query.days', 'body.reader', 'body.note'])
      })
    })
  }

  it('has no part that is not declared, and does not read its body', async () => {
    const server = echo({ query: z.object({ a: z.string() }) })
    const broken = { method: 'POST', headers: json, body: '{' }
    expect(await send(server, '/x?a=1', broken)).to.deep.equal({ status: 200, value: { query: { a: '1' } } })
  })

  it('has header fields and cookies', async () => {
    const server = echo({
      headers: z.object({
        'idempotency-key': z.string(),
        'x-tags': z.array(z.string()),
        'x-max': z.coerce.number().optional(),
      }),
      cookies: z.object({ lang: z.string(), size: z.coerce.number().default(3) }),
    })
    const headers = { 'Idempotency-Key': 'k', 'X-Tags': 'a, "b,c" ,', 'X-Max': '', Cookie: 'lang=de; size=' }
    expect((await send(server, '/x', { headers })).value).to.deep.equal({
      headers: { 'idempotency-key': 'k', 'x-tags': ['a', '"b,c"'] },
      cookies: { lang: 'de', size: 3 },
    })
    const { value } = await send(server, '/x')
    expect(value).to.match(/headers\.idempotency-key: .*cookies\.lang: /)
  })

  it('takes forms, urlencoded and multipart, with files under their names', async () => {
    const body = z.object({
      n: z.coerce.number().default(5),
      all: z.array(z.string()),
      cover: aFile.optional(),
      pages: z.array(aFile).optional(),
    })
    const server = new Server({ logger: silent })
    server.post(
      '/x',
      declaration({ body }).handler(({ body: { cover, pages, ...fields } }) => ({
        ...fields,
        cover: cover?.filename,
        pages: pages?.map(({ size }) => size),
      })),
    )
    expect((await send(server, '/x', { method: 'POST', headers: form, body: 'n=&all=a' })).value).to.deep.equal({
      n: 5,
      all: ['a'],
    })
    const data = new FormData()
    data.append('n', '2')
    data.append('all', 'a')
    data.append('all', 'b')
    data.append('cover', new Blob(['x']), 'c.png')
    data.append('pages', new Blob(['four']), 'p1')
    const request = new Request('http://x/', { method: 'POST', body: data })
    const multipart = {
      method: 'POST',
      headers: { 'content-type': request.headers.get('content-type') },
      body: Buffer.from(await request.arrayBuffer()),
    }
    expect((await send(server, '/x', multipart)).value).to.deep.equal({
      n: 2,
      all: ['a', 'b'],
      cover: 'c.png',
      pages: [4],
    })
  })

  it('takes types of JSON, and charsets', async () => {
    const server = echo({ body: z.object({ a: z.string() }) })
    const patch = { method: 'POST', headers: { 'content-type': 'application/merge-patch+json; charset=latin1' } }
    const latin = { ...patch, body: Buffer.from('{"a":"\u00e9"}', 'latin1') }
    expect((await send(server, '/x', latin)).value).to.deep.equal({ body: { a: '\u00e9' } })
  })

  it('answers 415 for a body of another type than declared', async () => {
    const csv = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a;b' }
    const server = echo({ body: z.object({ a: z.string() }) })
    expect((await send(server, '/x', csv)).status).to.equal(415)
    expect((await send(server, '/x', { method: 'POST', body: Buffer.from('a'), headers: {} })).status).to.equal(415)
    const typed = echo({ body: { type: 'text/csv', schema: z.string().min(3) } })
    expect((await send(typed, '/x', csv)).value).to.deep.equal({ body: 'a;b' })
    expect(
      (await send(typed, '/x', { ...csv, headers: { 'content-type': 'Text/CSV; charset=utf-8' } })).status,
    ).to.equal(200)
    expect((await send(typed, '/x', { ...csv, headers: json })).status).to.equal(415)
    expect((await send(typed, '/x', { ...csv, body: 'a' })).value).to.match(/body: /)
  })

  it('answers 400 for a body that is missing where it must be there, and for one that is broken', async () => {
    const server = echo({ body: z.object({ a: z.string() }) })
    const missing = await send(server, '/x', { method: 'POST', headers: json })
    expect(missing).to.deep.equal({ status: 400, value: 'The input is not valid: body: The body is missing' })
    expect((await send(server, '/x', { method: 'POST', headers: json, body: '{' })).status).to.equal(400)
    const free = echo({ body: z.object({ a: z.string() }).optional() })
    expect(await send(free, '/x')).to.deep.equal({ status: 200, value: {} })
  })

  it('waits for schemas that are async', async () => {
    const isKnown = async (id: string) => Promise.resolve(id === '1')
    const server = echo({ query: z.object({ id: z.string().refine(isKnown, 'is not known') }) })
    expect((await send(server, '/x?id=1')).value).to.deep.equal({ query: { id: '1' } })
    expect((await send(server, '/x?id=2')).value).to.equal('The input is not valid: query.id: is not known')
  })

  it('leaves unknown fields to the schema', async () => {
    const strict = echo({ query: z.strictObject({ a: z.string() }) })
    expect((await send(strict, '/x?a=1&b=2')).status).to.equal(400)
    const loose = echo({ query: z.looseObject({ a: z.string() }) })
    expect((await send(loose, '/x?a=1&b=2')).value).to.deep.equal({ query: { a: '1', b: '2' } })
  })

  it('has no name that reaches a prototype, in any part', async () => {
    const all = z.looseObject({})
    const server = new Server({ logger: silent })
    const seen: object[] = []
    server.all(
      '/x',
      declaration({ query: all, headers: all, cookies: all, body: all.optional() }).handler(
        ({ request: _, ...input }) => {
          seen.push(...Object.values(input as object).filter((part) => typeof part === 'object'))
          return {}
        },
      ),
    )
    const evil = { url: '/x?__proto__=1&__proto__[a]=1', headers: { cookie: '__proto__=1; a=b', __proto__x: '1' } }
    expect((await server.inject(evil)).status).to.equal(200)
    expect(
      (await server.inject({ ...evil, method: 'POST', headers: { ...evil.headers, ...form }, body: 'a=1' })).status,
    ).to.equal(200)
    for (const part of seen) {
      expect(Object.keys(part)).to.not.include('__proto__')
      expect([Object.prototype, null]).to.include(Object.getPrototypeOf(part))
    }
    expect(seen).to.have.lengthOf(7)
    const post = (headers: object, body: string) =>
      server.inject({ method: 'POST', url: '/x', headers: headers as Record<string, string>, body })
    expect((await post(form, '__proto__=1')).status).to.equal(400)
    expect((await post(json, '{"a":{"__proto__":{"b":1}}}')).status).to.equal(400)
  })

  it('is bounded in depth, as recursive schemas need it', async () => {
    interface Node {
      next?: Node | undefined
    }
    const Nested: z.ZodType<Node> = z.lazy(() => z.object({ next: Nested.optional() }))
    const server = echo({ body: Nested })
    const nest = (depth: number) => '{"next":'.repeat(depth) + '{}' + '}'.repeat(depth)
    const post = (body: string) => send(server, '/x', { method: 'POST', headers: json, body })
    expect((await post(nest(90))).status).to.equal(200)
    expect(await post(nest(200_000))).to.deep.equal({ status: 400, value: 'The body is nested deeper than 100 levels' })
    expect((await post('['.repeat(200_000) + ']'.repeat(200_000))).status).to.equal(400)
  })

  it('is bounded in size', async () => {
    const server = new Server({ logger: silent, maxBodySize: 100 })
    server.post(
      '/x',
      declaration({ body: z.unknown() }).handler(() => 'never'),
    )
    const large = { method: 'POST', headers: json, body: JSON.stringify('a'.repeat(200)) }
    expect((await send(server, '/x', large)).status).to.equal(413)
  })

  it('tells no more than 1,000 issues, and no value', async () => {
    const caught: ValidationError[] = []
    const server = echo({ body: z.array(z.number()) })
    server.mapErrors((error) => void caught.push(error as ValidationError))
    const body = JSON.stringify(Array.from({ length: 3000 }, () => 'secret'))
    const { value } = await send(server, '/x', { method: 'POST', headers: json, body })
    expect(caught[0]?.issues).to.have.lengthOf(1000)
    expect(value + JSON.stringify(caught[0]?.issues)).to.not.include('secret')
  })
})

describe('declared methods', () => {
  const lend = declaration({ params: z.object({ id: z.coerce.number() }), body: z.object({ reader: z.string() }) })
  const steps: string[] = []
  class Books extends Controller {
    override init(): void {
      steps.push('init')
    }
    lend(): object {
      const { params, body } = this.request.input(lend)
      steps.push('lend')
      return { id: params.id + 1, reader: body.reader, again: this.request.input(lend).params.id }
    }
    override shut(): void {
      steps.push('shut')
    }
  }
  declareMethods(Books, { lend })
  const post = { method: 'POST', headers: json, body: '{"reader":"Ada"}' }

  beforeEach(() => void (steps.length = 0))

  it('of controllers have their input between init and the method', async () => {
    const server = new Server({ logger: silent }).bindController('POST:/books/:id', Books)
    expect((await send(server, '/books/1/lend', post)).value).to.deep.equal({ id: 2, reader: 'Ada', again: 1 })
    expect(steps).to.deep.equal(['init', 'lend', 'shut'])
    steps.length = 0
    expect((await send(server, '/books/x/lend', { ...post, body: '{}' })).status).to.equal(400)
    expect(steps).to.deep.equal(['init', 'shut'])
  })

  it('are checked however they are bound', async () => {
    const get = declaration({ query: z.object({ a: z.coerce.number() }) })
    class Resource {
      get(request: { input(of: typeof get): { query: { a: number } } }): number {
        return request.input(get).query.a
      }
      show(request: { input(of: typeof get): { query: { a: number } } }): number {
        return request.input(get).query.a
      }
    }
    declareMethods(Resource, { get })
    declareMethods(Resource, { show: get })
    const object = new Resource()
    const server = new Server({ logger: silent })
    server
      .bindController('/c', Resource)
      .bindControllerMethod('/cm', Resource, 'get')
      .bindControllerRest('/cr', Resource)
    server.bindObject('/o', object).bindObjectMethod('/om', object, ['show']).bindObjectRest('/or', object)
    server.bindResource('/r', Resource)
    for (const url of ['/c/get', '/c/show', '/cm/get', '/cr', '/o/get', '/om/show', '/or', '/r/5']) {
      expect(await send(server, `${url}?a=7`), url).to.deep.equal({ status: 200, value: '7' })
      expect((await send(server, `${url}?a=x`)).status, url).to.equal(400)
    }
  })

  it('are inherited, may be replaced, and those of an object are its own', async () => {
    const other = declaration({ query: z.object({ n: z.coerce.number() }) })
    class Base {
      a(): string {
        return 'a'
      }
      b(): string {
        return 'b'
      }
    }
    class Sub extends Base {}
    const needs = declaration({ query: z.object({ s: z.string() }) })
    declareMethods(Base, { a: needs, b: needs })
    declareMethods(Sub, { b: other })
    const object = new Base()
    declareMethods(object, { a: other })
    const server = new Server({ logger: silent })
      .bindController('/base', Base)
      .bindController('/sub', Sub)
      .bindObject('/o', object)
    const statuses = async (url: string) => [
      (await send(server, `${url}?s=1`)).status,
      (await send(server, `${url}?n=1`)).status,
    ]
    expect(await statuses('/base/b')).to.deep.equal([200, 400])
    expect(await statuses('/sub/a')).to.deep.equal([200, 400])
    expect(await statuses('/sub/b')).to.deep.equal([400, 200])
    expect(await statuses('/o/a')).to.deep.equal([400, 200])
    expect(await statuses('/o/b')).to.deep.equal([200, 400])
  })

  it('that are not there are refused when they are bound', () => {
    class Small {
      lend(): void {}
    }
    declareMethods(Small, { lnd: lend } as object)
    const bind = () => new Server().bindController('/x/:id', Small)
    expect(bind)
      .to.throw('the controller Small has no public method "lnd"')
      .with.property('failure', 'ERR_TRIBIND_ROUTE_MEMBER_UNKNOWN')
    expect(() => declareMethods(Small, { lend: {} } as object)).to.throw('"lend" must be what declaration() returned')
    expect(() => declareMethods('x' as never, {})).to.throw('must be a class or an object, got "x"')
  })

  it('refuse parameters that the pattern lacks', () => {
    const server = new Server()
    const handler = lend.handler(() => reply(204))
    expect(() => server.bindHandler('POST:/books/:isbn', handler)).to.throw(
      'pattern "POST:/books/:isbn": the declaration has the parameters "id", the route has "isbn": it lacks "id"',
    )
    expect(() => server.bindController('POST:/books', Books))
      .to.throw('it lacks "id"')
      .with.property('failure', 'ERR_TRIBIND_ROUTE_PARAM_UNKNOWN')
    server.bindHandler('POST:/books/:id/:more', handler)
  })

  it('have an input by their own declaration alone, and not before the check', async () => {
    const failures: unknown[] = []
    const note = (act: () => unknown) => {
      try {
        act()
      } catch (error) {
        failures.push(error instanceof StateError && error.failure)
      }
    }
    const server = new Server({ logger: silent })
    server.use(async (request, next) => {
      note(() => request.input(lend))
      await next()
      expect(request.input(lend).params).to.deep.equal({ id: 1 })
    })
    server.post(
      '/x/:id',
      lend.handler(({ request }) => {
        note(() => request.input(declaration({})))
        return 'done'
      }),
    )
    expect((await send(server, '/x/1', post)).value).to.equal('done')
    expect(failures).to.deep.equal(['ERR_TRIBIND_INPUT_UNCHECKED', 'ERR_TRIBIND_INPUT_UNCHECKED'])
  })
})

describe('declaration', () => {
  it('names the part that is wrong', () => {
    const wrong = (parts: object) => () => declaration(parts)
    expect(wrong({ quary: z.string() })).to.throw('declaration: unknown option "quary", did you mean "query"?')
    expect(wrong({ query: {} })).to.throw('declaration: option "query" must be a Standard Schema')
    expect(wrong({ body: { type: 'csv', schema: z.string() } })).to.throw('option "body" must be')
    expect(wrong({ responses: { 99: z.string() } })).to.throw('"responses" must be integers from 200 to 599, got "99"')
    expect(wrong({ responses: { 200: 5 } })).to.throw('option "responses.200" must be a Standard Schema')
    expect(wrong({ responses: { 200: { bdy: z.string() } } })).to.throw(
      'unknown option "responses.200.bdy", did you mean "responses.200.body"?',
    )
    expect(wrong({ tags: 'a' })).to.throw('option "tags" must be an array of non-empty strings')
    expect(() => declaration({}).handler('x' as never)).to.throw('handler: the argument must be a function')
  })

  it('shows handlers under the name of their function', () => {
    const server = new Server().get(
      '/x',
      declaration({}).handler(function lendBook() {
        return ''
      }),
    )
    expect(server.routes()[0]?.name).to.equal('lendBook')
  })

  it('lets what the function throws answer as ever', async () => {
    const server = new Server({ logger: silent }).get(
      '/x',
      declaration({ responses: { 200: z.string() } }).handler(() => {
        throw new HttpError(418, 'tea')
      }),
    )
    expect(await send(server, '/x')).to.deep.equal({ status: 418, value: 'tea' })
  })
})

import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { declaration, Server, type ValidationError } from 'tribind'
import { z } from 'zod'
import { aFile, libraries } from './libraries.ts'
import { form, json, send } from './send.ts'
import { silent } from './silent.ts'

/** Serves one endpoint that answers with its input. */
function echo(parts: Parameters<typeof declaration>[0], pattern = 'ALL:/x'): Server {
  const server = new Server({ logger: silent })
  server.bindHandler(
    pattern,
    declaration(parts).handler(({ request, ...input }) => (request.isExited() ? undefined : input)),
  )
  return server
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
        expect(error?.name).to.equal('ValidationError')
        for (const issue of error?.issues ?? []) {
          expect(Object.keys(issue)).to.have.members(['message', 'path'])
          expect(issue.message).to.be.a('string')
        }
        const paths = (error?.issues ?? []).map(({ path }) => path?.map(String).join('.'))
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

  it('has header fields under the names of the schema, whatever their case', async () => {
    const server = echo({ headers: z.object({ 'X-Token': z.string(), 'X-Tags': z.array(z.string()) }) })
    const headers = { 'x-token': 't', 'X-TAGS': 'a, b' }
    expect((await send(server, '/x', { headers })).value).to.deep.equal({
      headers: { 'X-Token': 't', 'X-Tags': ['a', 'b'] },
    })
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
        ({ query, headers, cookies, body }) => {
          seen.push(...[query, headers, cookies, body].filter((part) => part !== undefined))
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

  it('ends with one failure where a check that takes time fails too, and no rejection is left over', async () => {
    const left: unknown[] = []
    const listeners = process.listeners('unhandledRejection')
    const keep = (reason: unknown) => void left.push(reason)
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', keep)
    try {
      const by = (validate: () => never | Promise<never>) => ({
        '~standard': { version: 1 as const, vendor: 'test', validate },
      })
      const late = by(async () => {
        await wait(5)
        throw new Error('the database is gone')
      })
      const never = by(() => {
        throw new Error('not this one')
      })
      const deep = { method: 'POST', headers: json, body: '['.repeat(101) + ']'.repeat(101) }
      expect((await send(echo({ query: late, body: z.unknown() }), '/x', deep)).status).to.equal(400)
      expect((await send(echo({ query: late, headers: never }), '/x')).status).to.equal(500)
      await wait(20)
      expect(left).to.deep.equal([])
    } finally {
      process.off('unhandledRejection', keep)
      for (const listener of listeners) process.on('unhandledRejection', listener)
    }
  })

  it('tells no more than 1,000 issues, and no value', async () => {
    const caught: ValidationError[] = []
    const server = echo({ body: z.array(z.number()) })
    server.mapErrors((error) => void caught.push(error as ValidationError))
    const body = JSON.stringify(Array.from({ length: 3000 }, () => 'secret'))
    const { value } = await send(server, '/x', { method: 'POST', headers: json, body })
    expect(caught[0]?.issues).to.have.lengthOf(1000)
    expect(value + JSON.stringify(caught[0]?.issues)).to.not.include('secret')
    expect(value).to.match(/; and 2990 more$/)
  })
})

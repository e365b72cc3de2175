import { expect } from 'chai'
import { type CheckResponses, Controller, declaration, declareMethods, reply, Server } from 'tribind'
import { z } from 'zod'
import { get, Loan, serve } from './answer.ts'
import { libraries } from './libraries.ts'
import { keepLog, silent } from './silent.ts'

const jsonType = 'application/json; charset=utf-8'

describe('what declared endpoints return', () => {
  for (const { name, loan } of libraries)
    it(`is the body of the first 2xx response, by ${name}`, async () => {
      const responses = { 404: z.object({}), 201: { description: 'Lent', body: loan }, 202: loan }
      const warnings: string[] = []
      const handler = declaration({ responses }).handler(async () => ({ id: 1, state: 'lent' }))
      const server = serve(handler, { logger: keepLog('warn', warnings) })
      expect(await get(server)).to.deep.equal({ status: 201, type: jsonType, text: '{"id":1,"state":"lent"}' })
      expect(warnings).to.deep.equal([])
      const wrong = declaration({ responses }).handler(() => ({ id: 'x', state: 'lent' }) as object)
      expect((await get(serve(wrong, { logger: keepLog('warn', warnings) }))).text).to.equal(
        '{"id":"x","state":"lent"}',
      )
      expect(warnings.join()).to.match(
        /^GET \/x: the response 201 does not fit the declaration of its endpoint: body\.id: /,
      )
    })

  it('is JSON, texts too, unless another type is set', async () => {
    const text = declaration({ responses: { 200: z.string() } })
    expect(await get(serve(text.handler(() => 'a')))).to.deep.equal({ status: 200, type: jsonType, text: '"a"' })
    const csv = text.handler(({ request }) => {
      request.response.setHeader('Content-Type', 'text/csv')
      return 'a;b'
    })
    expect(await get(serve(csv))).to.deep.equal({ status: 200, type: 'text/csv', text: 'a;b' })
    const number = declaration({ responses: { 200: z.number() } }).handler(() => reply(200, 5))
    expect(await get(serve(number))).to.deep.equal({ status: 200, type: jsonType, text: '5' })
  })

  it('goes out empty where nothing is declared for it, and with 200 without any 2xx', async () => {
    const warnings: string[] = []
    const empty = declaration({ responses: { 202: { description: 'Taken' } } })
    const server = serve(
      empty.handler(() => 'text' as never),
      { logger: keepLog('warn', warnings) },
    )
    expect(await get(server)).to.deep.equal({ status: 202, type: undefined, text: '' })
    expect(warnings.join()).to.contain(
      'the response 202 does not fit the declaration of its endpoint: body: none is declared',
    )
    expect((await get(serve(empty.handler(() => {})))).status).to.equal(202)
    const other = declaration({ responses: { 404: z.object({}) } }).handler(() => ({ a: 1 }))
    expect(await get(serve(other))).to.deep.equal({ status: 200, type: jsonType, text: '{"a":1}' })
    const none = declaration({ summary: 'x' }).handler(() => 'plain')
    expect((await get(serve(none))).text).to.equal('plain')
  })

  it('is what reply chooses, with header fields', async () => {
    const responses = { 201: Loan, 409: z.object({ title: z.string() }), 204: {} }
    const lend = declaration({ responses, query: z.object({ how: z.string() }) })
    const server = serve(
      lend.handler(async ({ query: { how } }) => {
        if (how === 'none') return reply(204)
        if (how === 'bad') return reply(409, { title: 'Lent' }, { headers: { 'Retry-After': 5 } })
        return reply(201, { id: 1, state: 'lent' }, { headers: { Location: '/loans/1', 'Set-Cookie': ['a=1', 'b=2'] } })
      }),
    )
    const good = await server.inject({ url: '/x?how=good' })
    expect([good.status, good.headers.location, good.headers['set-cookie']]).to.deep.equal([
      201,
      '/loans/1',
      ['a=1', 'b=2'],
    ])
    const bad = await server.inject({ url: '/x?how=bad' })
    expect([bad.status, bad.headers['retry-after'], bad.text()]).to.deep.equal([409, '5', '{"title":"Lent"}'])
    expect(await get(server, '/x?how=none')).to.deep.equal({ status: 204, type: undefined, text: '' })
  })

  it('stays what the function answered through the response', async () => {
    const lend = declaration({ responses: { 201: Loan, 202: {} } })
    const html = serve(lend.handler(({ request }) => request.response.writeHtml('<p>')))
    expect(await get(html)).to.deep.equal({ status: 200, type: 'text/html; charset=utf-8', text: '<p>' })
    const status = serve(lend.handler(({ request }) => void (request.response.status = 202)))
    expect((await get(status)).status).to.equal(202)
    const file = serve(lend.handler(({ request }) => request.response.serveFile('package.json')))
    expect((await get(file)).text).to.contain('"tribind"')
    const chosen = serve(
      lend.handler(({ request }) => {
        request.response.status = 200
        return { id: 1, state: 'lent' }
      }),
    )
    expect((await get(chosen)).status).to.equal(200)
  })

  it('may answer by itself: streams, bytes, a Response', async () => {
    const lend = declaration({ responses: { 201: Loan } })
    const stream = lend.handler(async function* () {
      yield 'a'
      yield 'b'
    })
    expect(await get(serve(stream))).to.deep.include({ status: 201, text: 'ab' })
    const web = lend.handler(() => new Response('web', { status: 201 }))
    expect(await get(serve(web))).to.deep.include({ status: 201, text: 'web' })
  })

  it('fits objects and controllers in the same way', async () => {
    const lend = declaration({ responses: { 201: Loan, 404: { body: z.string() } } })
    class Books extends Controller {
      async lend(): Promise<object> {
        return { id: 1, state: 'lent' }
      }
      lost(): object {
        return reply(404, 'lost')
      }
      override shut(): void {
        this.response.setHeader('X-Status', String(this.response.status))
      }
    }
    declareMethods(Books, { lend, lost: lend })
    const server = new Server({ logger: silent }).bindController('/c', Books).bindObject('/o', {
      plain: () => reply(418, { a: 1 }),
    })
    const lent = await server.inject({ url: '/c/lend' })
    expect([lent.status, lent.headers['x-status'], lent.json()]).to.deep.equal([201, '201', { id: 1, state: 'lent' }])
    expect(await get(server, '/c/lost')).to.deep.equal({ status: 404, type: jsonType, text: '"lost"' })
    expect(await get(server, '/o/plain')).to.deep.equal({ status: 418, type: jsonType, text: '{"a":1}' })
  })
})

describe('reply', () => {
  it('answers in any handler and middleware', async () => {
    const server = new Server({ logger: silent })
    server.get('/text', () => reply(202, 'text', { headers: { 'X-A': 'b' } }))
    server.get('/empty', async () => reply(404))
    server.bindMiddleware('/guarded', () => reply(403, { title: 'No' }))
    expect(await get(server, '/text')).to.deep.equal({ status: 202, type: 'text/plain; charset=utf-8', text: 'text' })
    expect((await server.inject({ url: '/text' })).headers['x-a']).to.equal('b')
    expect(await get(server, '/empty')).to.deep.equal({ status: 404, type: undefined, text: '' })
    expect(await get(server, '/guarded')).to.deep.equal({ status: 403, type: jsonType, text: '{"title":"No"}' })
  })

  it('is refused with a status or field that HTTP has not', async () => {
    expect((await get(serve(() => reply(99, 'x')))).status).to.equal(500)
    expect((await get(serve(() => reply(200, 'x', { headers: { 'X-A': 'a\r\nB: c' } })))).status).to.equal(500)
  })
})

describe('checkResponses', () => {
  const responses = { 200: { body: Loan, headers: z.object({ etag: z.string() }) }, 409: Loan }
  const wrong = declaration({ responses })
  const handlers = {
    body: wrong.handler(() =>
      reply(200, { id: 'secret' } as unknown as z.infer<typeof Loan>, { headers: { ETag: '"a"' } }),
    ),
    status: wrong.handler(() => reply(418 as never, { id: 1, state: 'a' })),
    headers: wrong.handler(async () => ({ id: 1, state: 'a' })),
    response: wrong.handler(({ request }) => void (request.response.status = 202)),
  }
  const serveAll = (checkResponses: CheckResponses | undefined, logger = silent) => {
    const server = new Server({ logger, ...(checkResponses && { checkResponses }) })
    for (const [name, handler] of Object.entries(handlers)) server.get(`/${name}`, handler)
    return server
  }
  const statusesOf = async (server: Server) =>
    Promise.all(Object.keys(handlers).map(async (name) => (await get(server, `/${name}`)).status))

  it('logs what does not fit, and sends it', async () => {
    for (const option of ['log', undefined] as const) {
      const warnings: string[] = []
      expect(await statusesOf(serveAll(option, keepLog('warn', warnings)))).to.deep.equal([200, 418, 200, 202])
      expect(warnings.map((text) => text.replace(/.*its endpoint: /, '').replace(/: .*/, '')).sort()).to.deep.equal([
        'body.id',
        'headers.etag',
        'status',
        'status',
      ])
      expect(warnings.join()).to.contain('418 is not declared: 200, 409 are').and.not.contain('secret')
    }
  })

  it('finds header fields under the names of the schema, whatever their case', async () => {
    const shout = declaration({ responses: { 200: { body: Loan, headers: z.object({ ETag: z.string() }) } } })
    const handler = shout.handler(() => reply(200, { id: 1, state: 'a' }, { headers: { etag: '"a"' } }))
    expect((await get(serve(handler, { checkResponses: 'fail' }))).status).to.equal(200)
  })

  it('answers 500 where it is fail', async () => {
    const errors: string[] = []
    const server = serveAll('fail', keepLog('error', errors))
    expect(await statusesOf(server)).to.deep.equal([500, 500, 500, 500])
    expect((await server.inject({ url: '/body' })).headers).to.not.have.property('etag')
    expect(errors).to.have.lengthOf(5)
  })

  it('does not look where it is off, as it is in production', async () => {
    const before = process.env['NODE_ENV']
    const warnings: string[] = []
    process.env['NODE_ENV'] = 'production'
    try {
      for (const option of ['off', undefined] as const)
        expect(await statusesOf(serveAll(option, keepLog('warn', warnings)))).to.deep.equal([200, 418, 200, 202])
    } finally {
      if (before === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = before
    }
    expect(warnings).to.deep.equal([])
  })

  it('leaves out what a schema makes into something else, and takes defaults', async () => {
    const warnings: string[] = []
    const body = z.object({ n: z.string().transform(Number) })
    const transformed = declaration({ responses: { 200: body } }).handler(() => ({ n: 5 }))
    const defaults = declaration({ responses: { 200: z.object({ n: z.coerce.number().default(1) }) } })
    const logger = keepLog('warn', warnings)
    expect((await get(serve(transformed, { logger }))).text).to.equal('{"n":5}')
    expect(
      (
        await get(
          serve(
            defaults.handler(() => ({ n: 5 })),
            { logger },
          ),
        )
      ).text,
    ).to.equal('{"n":5}')
    expect(warnings).to.deep.equal([])
  })

  it('waits for schemas that are async', async () => {
    const body = z.object({ n: z.number().refine(async (n) => Promise.resolve(n > 5), 'is small') })
    const handler = declaration({ responses: { 200: body } }).handler(() => ({ n: 5 }))
    expect((await get(serve(handler, { checkResponses: 'fail' }))).status).to.equal(500)
  })
})

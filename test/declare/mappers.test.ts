import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { Controller, declaration, declareMethods, HttpError, reply, Server, StateError } from 'tribind'
import { z } from 'zod'
import { keepLog, silent } from './silent.ts'

const json = async (server: Server, url: string, options: object = {}) => {
  const result = await server.inject({ url, ...options })
  const text = result.text()
  return [result.status, text.startsWith('{') ? (JSON.parse(text) as unknown) : text]
}

const wrap = (name: string) => (value: unknown) => ({ [name]: value })

describe('mapResults', () => {
  it('maps what all endpoints below its scope return, the innermost first', async () => {
    const server = new Server({ logger: silent, entryPoints: { web: '127.0.0.1:0' } })
    class Books extends Controller {
      show(): string {
        return 'book'
      }
    }
    server.get('/plain', () => 'a')
    server.get('/async', async () => ({ a: 1 }))
    server.bindController('/books', Books)
    server.bindObject('/o', { show: async () => 'object' })
    server.group('/', (group) => {
      group.mapResults(wrap('group'))
      group.get('/grouped', () => 'b')
      group.group('/inner', (inner) => {
        inner.mapResults(wrap('inner'))
        inner.get('/x', () => 'c')
      })
    })
    const domain = server.domain('shop.example')
    domain.get('/domain', () => 'd')
    domain.mapResults(wrap('domain'))
    server
      .entryPoint('web')
      .get('/web', () => 'e')
      .mapResults(wrap('web'))
    server.mapResults(wrap('outer')).mapResults(async (value, request) => ({ second: value, path: request.path }))
    const second = (value: unknown, path: string) => ({ outer: { second: value, path } })
    expect(await json(server, '/plain')).to.deep.equal([200, second('a', '/plain')])
    expect(await json(server, '/async')).to.deep.equal([200, second({ a: 1 }, '/async')])
    expect(await json(server, '/books/show')).to.deep.equal([200, second('book', '/books/show')])
    expect(await json(server, '/o/show')).to.deep.equal([200, second('object', '/o/show')])
    expect(await json(server, '/grouped')).to.deep.equal([200, second({ group: 'b' }, '/grouped')])
    expect(await json(server, '/inner/x')).to.deep.equal([200, second({ group: { inner: 'c' } }, '/inner/x')])
    const atShop = { headers: { host: 'shop.example' } }
    expect(await json(server, '/domain', atShop)).to.deep.equal([200, second({ domain: 'd' }, '/domain')])
    const atWeb = { entryPoint: 'web' }
    expect(await json(server, '/web', atWeb)).to.deep.equal([200, second({ web: 'e' }, '/web')])
    expect(server.routes().map(({ type }) => type)).to.not.include('middleware')
  })

  it('maps declared bodies and replies, with their statuses', async () => {
    const Loan = z.object({ id: z.number() })
    const lend = declaration({ responses: { 201: Loan, 409: z.object({ title: z.string() }) } })
    const server = new Server({ logger: silent, checkResponses: 'fail' })
    server.post(
      '/lend',
      lend.handler(() => ({ id: 1, secret: 2 })),
    )
    server.post(
      '/again',
      lend.handler(() => reply(409, { title: 'Lent' }, { headers: { 'X-A': 'b' } })),
    )
    server.get('/plain', () => reply(202, 'a'))
    class Books {
      lend(): object {
        return { id: 2, secret: 3 }
      }
    }
    declareMethods(Books, { lend })
    server.bindController('/books', Books)
    const mapped = (value: unknown) => ({ code: 0, data: value, extra: 1 })
    const envelope = (data: object) => ({
      type: 'object',
      properties: { code: { type: 'integer' }, data },
    })
    server.mapResults(mapped, { envelope })
    expect(await json(server, '/lend', { method: 'POST' })).to.deep.equal([201, { code: 0, data: { id: 1 } }])
    expect(await json(server, '/again', { method: 'POST' })).to.deep.equal([409, { code: 0, data: { title: 'Lent' } }])
    expect(await json(server, '/books/lend')).to.deep.equal([201, { code: 0, data: { id: 2 } }])
    expect(await json(server, '/plain')).to.deep.equal([202, { code: 0, data: 'a', extra: 1 }])
  })

  it('leaves out 204, what is no value, and what was written', async () => {
    const server = new Server({ logger: silent })
    const none = declaration({ responses: { 204: {} } })
    server
      .get('/none', () => reply(204))
      .get(
        '/declared',
        none.handler(() => {}),
      )
    server.get('/status', ({ response }) => {
      response.status = 204
      return 'dropped'
    })
    server.get('/written', ({ response }) => response.write('text'))
    server.get('/nothing', () => undefined)
    server.get('/bytes', () => Buffer.from('bytes'))
    server.get('/stream', async function* () {
      yield 'stream'
    })
    server.get('/web', () => new Response('web'))
    server.mapResults(() => ({ mapped: true }))
    expect(await json(server, '/none')).to.deep.equal([204, ''])
    expect(await json(server, '/declared')).to.deep.equal([204, ''])
    expect((await server.inject({ url: '/status' })).text()).to.not.contain('mapped')
    expect(await json(server, '/written')).to.deep.equal([200, 'text'])
    expect(await json(server, '/nothing')).to.deep.equal([200, ''])
    expect(await json(server, '/bytes')).to.deep.equal([200, 'bytes'])
    expect(await json(server, '/stream')).to.deep.equal([200, 'stream'])
    expect(await json(server, '/web')).to.deep.equal([200, 'web'])
  })

  it('fails the request where it throws, and takes functions and its option only', async () => {
    const server = new Server({ logger: silent }).get('/x', () => 'a')
    server.mapResults(() => {
      throw new HttpError(503, 'no')
    })
    expect(await json(server, '/x')).to.deep.equal([503, 'no'])
    expect(() => server.mapResults('x' as never)).to.throw('mapResults: the argument must be a function')
    expect(() => server.mapResults(() => 1, { envelop: 1 } as object)).to.throw('mapResults: unknown option "envelop"')
    expect(() => server.mapErrors(5 as never)).to.throw('mapErrors: the argument must be a function')
  })

  it('comes with a layer, and goes with it', async () => {
    const server = new Server({ logger: silent, port: 0 }).get('/x', () => 'a')
    await server.start()
    try {
      await server.layer('wrapped').replace((routes) => void routes.mapResults(wrap('layer')))
      expect(await json(server, '/x')).to.deep.equal([200, { layer: 'a' }])
      await server.layer('wrapped').remove()
      expect(await json(server, '/x')).to.deep.equal([200, 'a'])
    } finally {
      await server.stop()
    }
  })
})

describe('mapErrors', () => {
  it('answers for what nothing serves, too', async () => {
    const server = new Server({ logger: silent, methodNotAllowed: true })
    server.post('/post', () => '')
    server.group('/api', (group) => {
      group.mapErrors(() => undefined)
    })
    server.mapErrors(async (error) =>
      error instanceof HttpError ? { value: { told: error.message }, status: error.status } : undefined,
    )
    expect(await json(server, '/api/nothing')).to.deep.equal([404, { told: 'Not Found' }])
    expect(await json(server, '/post')).to.deep.equal([405, { told: 'Method Not Allowed' }])
    expect((await server.inject('/post')).headers['allow']).to.equal('POST')
  })

  it('answers in place of errors, the innermost first, and not through mapResults', async () => {
    const server = new Server({ logger: silent })
    const fail = (status: number) => () => {
      throw new HttpError(status, `failed ${status}`, { headers: { 'X-A': 'b' } })
    }
    server.mapResults(wrap('never'))
    server.mapErrors(async (error) => {
      await setImmediate()
      return error instanceof HttpError && error.status === 500
        ? undefined
        : { value: { outer: String(error) }, status: 200 }
    })
    server.get('/outer', fail(404))
    server.get('/usual', fail(500))
    server.bindHookHandler('/hook', 'BeforeServe', () => {
      throw new StateError('secret', { failure: 'ERR_TRIBIND_STATE' })
    })
    server.get('/hook', () => 'never')
    server.group('/g', (group) => {
      group.mapErrors((error) =>
        error instanceof HttpError && error.status === 409 ? { value: { inner: 1 } } : undefined,
      )
      group.get('/inner', fail(409)).get('/outer', fail(400))
    })
    const body = declaration({ query: z.object({ a: z.string() }) }).handler(() => 'never')
    server.get('/checked', body)
    expect(await json(server, '/outer')).to.deep.equal([200, { outer: 'HttpError: failed 404' }])
    expect((await server.inject({ url: '/outer' })).headers).to.include({ 'x-a': 'b' })
    expect(await json(server, '/usual')).to.deep.equal([500, 'failed 500'])
    expect(await json(server, '/hook')).to.deep.equal([200, { outer: 'StateError: secret' }])
    expect(await json(server, '/g/inner')).to.deep.equal([409, { inner: 1 }])
    expect(await json(server, '/g/outer')).to.deep.equal([200, { outer: 'HttpError: failed 400' }])
    const [, checked] = await json(server, '/checked')
    expect(JSON.stringify(checked)).to.contain('ValidationError: The input is not valid: query.a: ')
  })

  it('that fail leave the usual answer, and are logged', async () => {
    for (const act of [() => Promise.reject(new Error('async')), () => ({ value: 1, status: 99 })]) {
      const errors: string[] = []
      const server = new Server({ logger: keepLog('error', errors) })
      server.mapErrors(act)
      server.get('/x', () => {
        throw new HttpError(404, 'usual')
      })
      expect(await json(server, '/x')).to.deep.equal([404, 'usual'])
      expect(errors).to.deep.equal(['mapErrors failed for GET /x'])
    }
  })

  it('go before status handlers', async () => {
    const server = new Server({ logger: silent })
    server.mapErrors(async () => ({ value: 'mapped', status: 418 }))
    server.bindStatusHandler(418, ({ response }) => response.write(' and handled'))
    server.get('/x', () => {
      throw new Error('x')
    })
    expect(await json(server, '/x')).to.deep.equal([418, 'mapped and handled'])
  })
})

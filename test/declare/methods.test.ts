import { expect } from 'chai'
import { Controller, declaration, declareMethods, HttpError, reply, Server, StateError } from 'tribind'
import { z } from 'zod'
import { json, send } from './send.ts'
import { silent } from './silent.ts'

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

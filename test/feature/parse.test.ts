import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { type Request, type Server, ValidationError } from 'tribind'
import { z } from 'zod'
import { bothWays } from './both-ways.ts'
import { encodeMultipart, multipart } from './multipart-body.ts'

const json = { 'content-type': 'application/json' }
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }

/** Accepts whatever comes, and shows it. */
const anything: StandardSchemaV1<unknown, Record<string, unknown>> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Record<string, unknown> }) },
}

function bind(server: Server): void {
  server.all('/users/:id', async (request) => {
    const input = await request.parse(anything)
    return { input, isBare: Object.getPrototypeOf(input) === null, polluted: Reflect.get({}, 'polluted') ?? null }
  })
  server.get('/alive', () => 'alive')
}

describe('parse(schema)', () => {
  bothWays('lays params over the body over the query', bind, async (send) => {
    const url = '/users/7?id=q&a=q&b=q&c=1&c=2'
    const get = await send(url)
    expect(get.json()).to.deep.equal({
      input: { id: '7', a: 'q', b: 'q', c: ['1', '2'] },
      isBare: true,
      polluted: null,
    })
    const bodies: [Record<string, string>, string | Uint8Array, unknown][] = [
      [json, '{"id":"j","a":"j","n":1}', { id: '7', a: 'j', b: 'q', c: ['1', '2'], n: 1 }],
      [urlencoded, 'id=f&a=f&n=1&n=2', { id: '7', a: 'f', b: 'q', c: ['1', '2'], n: ['1', '2'] }],
      [multipart, encodeMultipart([{ name: 'a', content: 'm' }]), { id: '7', a: 'm', b: 'q', c: ['1', '2'] }],
      [json, '[1,2]', [1, 2]],
      [json, 'null', null],
      [json, '', { id: '7', a: 'q', b: 'q', c: ['1', '2'] }],
    ]
    for (const [headers, body, input] of bodies.slice(0, 3)) {
      expect((await send({ method: 'POST', url, headers, body })).json()).to.deep.include({ input })
    }
  })

  bothWays(
    'gives a body that is no object as it is',
    (server) =>
      server.post('/', async (request) => ({ is: await request.parse(z.union([z.array(z.number()), z.null()])) })),
    async (send) => {
      expect((await send({ method: 'POST', url: '/?a=1', headers: json, body: '[1,2]' })).text).to.equal('{"is":[1,2]}')
      expect((await send({ method: 'POST', url: '/', headers: json, body: 'null' })).text).to.equal('{"is":null}')
      expect((await send({ method: 'POST', url: '/', headers: json, body: '"text"' })).status).to.equal(400)
    },
  )

  bothWays('refuses other types, broken bodies and names that reach a prototype', bind, async (send) => {
    const cases: [Record<string, string>, string, number][] = [
      [{ 'content-type': 'text/plain' }, 'a', 415],
      [{}, 'a', 415],
      [json, '{', 400],
      [json, '{"__proto__":{"polluted":1}}', 400],
      [urlencoded, '__proto__=1', 400],
    ]
    for (const [headers, body, status] of cases) {
      expect((await send({ method: 'POST', url: '/users/1', headers, body })).status, body).to.equal(status)
      expect((await send('/alive')).text).to.equal('alive')
    }
    const answer = await send('/users/1?__proto__=a&__proto__=b&constructor=c')
    expect(answer.json()).to.deep.equal({ input: { id: '1', constructor: 'c' }, isBare: true, polluted: null })
  })

  const user = z.object({ id: z.coerce.number().int(), name: z.string().min(1) })
  const asyncUser = user.refine(async ({ name }) => {
    await Promise.resolve()
    return name !== 'taken'
  }, 'This name is taken')

  for (const [kind, schema] of Object.entries({ sync: user, async: asyncUser })) {
    bothWays(
      `works with a ${kind} validator, and answers 400 with the issues`,
      (server) => {
        server.post('/users/:id', (request) => request.parse(schema))
        server.get('/alive', () => 'alive')
      },
      async (send, _, { log }) => {
        const ask = (id: string, body: object) =>
          send({ method: 'POST', url: `/users/${id}`, headers: json, body: JSON.stringify(body) })
        expect((await ask('7', { name: 'Ann', more: 1 })).json()).to.deep.equal({ id: 7, name: 'Ann' })
        const refused = await ask('x', { name: '' })
        expect(refused.status).to.equal(400)
        expect(refused.text).to.match(/^The input is not valid: id: .*; name: /)
        if (kind === 'async') expect((await ask('7', { name: 'taken' })).text).to.include('This name is taken')
        expect((await send('/alive')).text).to.equal('alive')
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
    )
  }

  bothWays(
    'throws a ValidationError that a middleware can answer in its own way',
    (server) => {
      server.use(async (request, next) => {
        try {
          await next()
        } catch (error) {
          if (!(error instanceof ValidationError)) throw error
          request.response.status = 422
          request.response.writeJson({ code: error.code, status: error.status, issues: error.issues })
        }
      })
      server.get('/', (request) => request.parse(z.object({ a: z.string('a is missing') })))
    },
    async (send) => {
      const answer = await send('/')
      expect(answer.status).to.equal(422)
      const { code, status, issues } = answer.json() as { code: string; status: number; issues: object[] }
      expect([code, status]).to.deep.equal(['ERR_TRIBIND_VALIDATION', 400])
      expect(issues[0]).to.deep.include({ message: 'a is missing', path: ['a'] })
    },
  )

  it('names ten issues, and how many there are besides', () => {
    const issues = Array.from({ length: 12 }, (_, i) => ({ message: 'no', path: ['list', { key: i }] }))
    const { message, issues: all } = new ValidationError(issues)
    expect(message).to.match(/^The input is not valid: list\.0: no; .*list\.9: no; and 2 more$/)
    expect(all).to.equal(issues)
    expect(new ValidationError([{ message: 'no' }]).message).to.equal('The input is not valid: no')
  })

  it('has the type of what the schema gives', () => {
    const use = (request: Request) => request.parse(user)
    expectTypeOf(use).returns.resolves.toEqualTypeOf<{ id: number; name: string }>()
  })
})

import { type } from 'arktype'
import { expectTypeOf } from 'expect-type'
import {
  Controller,
  type Declaration,
  declaration,
  type DeclaredInput,
  declareMethods,
  reply,
  type Request,
  Server,
  UploadFile,
} from 'tribind'
import * as v from 'valibot'
import { z } from 'zod'

// What declared endpoints take and return. Checked by tsc, never run.

const Loan = z.object({ id: z.number(), state: z.enum(['lent', 'back']), tags: z.array(z.string()) })
const Problem = z.object({ title: z.string() })
const lend = declaration({
  summary: 'Lends a book',
  tags: ['books'],
  security: ['session'],
  params: z.object({ id: z.coerce.number() }),
  query: z.object({ days: z.coerce.number().default(14) }),
  body: z.object({ reader: z.string(), cover: z.instanceof(UploadFile).optional() }),
  responses: { 201: { description: 'Lent', body: Loan }, 204: {}, 409: Problem },
})

lend.handler(async ({ params, query, body, request }) => {
  expectTypeOf(params).toEqualTypeOf<{ id: number }>()
  expectTypeOf(query).toEqualTypeOf<{ days: number }>()
  expectTypeOf(body.reader).toEqualTypeOf<string>()
  expectTypeOf(body.cover).toEqualTypeOf<UploadFile | undefined>()
  expectTypeOf(request).toEqualTypeOf<Request>()
  if (query.days > 30) return reply(409, { title: 'Too long' })
  if (query.days === 0) return reply(204)
  if (query.days === 1) return { id: params.id, state: 'back', tags: [] }
  return reply(201, { id: params.id, state: 'lent', tags: [] }, { headers: { Location: '/' } })
})
lend.handler(({ request }) => request.response.writeHtml('<p>'))
lend.handler(() => new Response('web'))
lend.handler(async function* () {
  yield 'a'
})

// @ts-expect-error -- a part that isn't declared isn't there
lend.handler(({ headers }) => reply(204, headers))
// @ts-expect-error -- a status that isn't declared
lend.handler(async () => reply(202))
// @ts-expect-error -- nor in a handler that isn't async
lend.handler(() => reply(202, { id: 1 }))
// @ts-expect-error -- a body that doesn't fit
lend.handler(async () => reply(201, { id: '1', state: 'lent', tags: [] }))
// @ts-expect-error -- a body that belongs to another status
lend.handler(async () => reply(409, { id: 1, state: 'lent', tags: [] }))
// @ts-expect-error -- a body that is missing
lend.handler(async () => reply(201))
// @ts-expect-error -- a body where none is declared
lend.handler(async () => reply(204, { a: 1 }))
// @ts-expect-error -- a result that doesn't fit the first 2xx response
lend.handler(async () => ({ id: 1, state: 'lost', tags: [] }))
// @ts-expect-error -- one of another response needs its status
lend.handler(async () => ({ title: 'Too long' }))

// Without a 2xx response, any value goes out with 200, and any status must be declared.
const failing = declaration({ responses: { 409: Problem } })
failing.handler(() => ({ a: 1 }))
failing.handler(async () => [1])
failing.handler(async () => 'text')
// @ts-expect-error -- not declared
failing.handler(() => reply(200, 'a'))
declaration({ summary: 'Any' }).handler(() => reply(418, 'a'))

// Each library, another type of body, and what `request.input` returns.
const ofValibot = declaration({ query: v.object({ n: v.pipe(v.string(), v.transform(Number)) }) })
expectTypeOf<DeclaredInput<(typeof ofValibot)['parts']>['query']>().toEqualTypeOf<{ n: number }>()
const ofArktype = declaration({ body: type({ n: 'string.numeric.parse' }), responses: { 200: type({ id: 'number' }) } })
ofArktype.handler(({ body }) => {
  expectTypeOf(body).toEqualTypeOf<{ n: number }>()
  return { id: body.n }
})
// @ts-expect-error -- a text is no number
ofArktype.handler(({ body }) => ({ id: String(body.n) }))
declaration({ body: { type: 'text/csv', schema: z.string() } }).handler(({ body }) => {
  expectTypeOf(body).toEqualTypeOf<string>()
})
declare const request: Request
expectTypeOf(request.input(lend).params).toEqualTypeOf<{ id: number }>()
expectTypeOf(request.input(ofArktype).body).toEqualTypeOf<{ n: number }>()
// @ts-expect-error -- not declared
request.input(lend).headers

// @ts-expect-error -- misspelt
declaration({ quary: z.object({}) })
// @ts-expect-error -- misspelt beside others
declaration({ query: z.object({}), sumary: 'x' })
// @ts-expect-error -- no schema
declaration({ query: {} })
// @ts-expect-error -- no schema
declaration({ responses: { 200: 'text' } })

// Any declaration, where it doesn't matter of what.
const any: Declaration = lend
declaration(any.parts)

// Handlers of declarations are bound as any others.
new Server()
  .bindHandler(
    'POST:/books/:id',
    lend.handler(() => reply(204)),
  )
  .group('/:shelf')
  .post(
    '/:id',
    lend.handler(() => reply(204)),
  )

class Books extends Controller {
  lend(): object {
    return {}
  }
  protected hidden(): void {}
  override init(): void {}
  readonly size = 1
}
declareMethods(Books, { lend })
declareMethods(Books, {})
declareMethods(new Books(), { lend })
declareMethods({ show: () => 'a' }, { show: lend })
// @ts-expect-error -- misspelt
declareMethods(Books, { lnd: lend })
// @ts-expect-error -- misspelt beside another
declareMethods(Books, { lend, lnd: lend })
// @ts-expect-error -- protected
declareMethods(Books, { hidden: lend })
// @ts-expect-error -- never bound
declareMethods(Books, { init: lend })
// @ts-expect-error -- no method
declareMethods(Books, { size: lend })
// @ts-expect-error -- not a declaration
declareMethods(Books, { lend: {} })
// @ts-expect-error -- misspelt
declareMethods(new Books(), { lnd: lend })

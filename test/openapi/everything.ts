import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import { Controller, declaration, declareMethods, reply, type Request, Server, type ServerOptions } from 'tribind'
import * as v from 'valibot'
import { z } from 'zod'

const Loan = z
  .object({ id: z.int(), reader: z.string(), state: z.enum(['open', 'over']).default('open') })
  .meta({ id: 'Loan' })
const Shelf = z.object({
  name: z.string(),
  get inside() {
    return z.array(Shelf)
  },
})
const Comment = z
  .object({
    text: z.string(),
    get answers() {
      return z.array(Comment).optional()
    },
  })
  .meta({ id: 'Comment' })
const Trouble = z.object({ code: z.string() }).meta({ title: 'A trouble' })

const lendBook = declaration({
  summary: 'Lends a book',
  description: 'To a reader.',
  tags: ['books'],
  operationId: 'lendBook',
  security: ['session', 'bearer'],
  params: z.object({ id: z.coerce.number().int() }),
  query: z.object({ days: z.coerce.number().max(30).default(14), tag: z.array(z.string()).optional() }),
  headers: z.object({ 'idempotency-key': z.string(), authorization: z.string() }),
  cookies: z.object({ shop: z.string().describe('The shop.').optional() }),
  body: z.object({ reader: z.string().min(2) }),
  responses: {
    201: { description: 'Lent', body: Loan, headers: z.object({ location: z.string() }) },
    409: Trouble,
  },
})

class LoanController extends Controller {
  async index() {}
  show() {}
  store() {
    return reply(201, { id: 1, reader: 'Ada', state: 'open' as const })
  }
  update() {}
  _private() {}
}
declareMethods(LoanController, {
  store: declaration({ body: Loan, responses: { 201: Loan } }),
  update: declaration({ deprecated: true, operationId: 'changeLoan', body: Loan, responses: { 200: Loan, 204: {} } }),
})

const shelves = { list() {}, find(_request: Request) {}, index() {} }

/** An application with everything that a document tells of, and that it doesn't. */
export function register(server: Server): void {
  server.post(
    '/books/:id/loans',
    lendBook.handler(({ params, body }) =>
      reply(201, { id: params.id, reader: body.reader, state: 'open' }, { headers: { location: '/loans/1' } }),
    ),
  )
  server.bindResource('/loans', LoanController)
  server.bindObject('/shelves', shelves)
  server.all('/files/{name}.{type}', () => {})
  server.get('/files/*path', function listFiles() {})
  server.get('/any/:/*', () => {})
  server.bindHandler('QUERY,CONNECT,PATCH,OPTIONS:/odd', function odd() {})
  server.get('/loans/*rest', function hiddenBehindShow() {})
  server.delete('/loans/:loan', function removeLoan() {})
  server.get(
    '/hidden',
    declaration({ hidden: true }).handler(() => ''),
  )
  server.post(
    '/comments',
    declaration({ body: Comment, responses: { 200: Comment, 404: Trouble } }).handler(() => ({ text: '' })),
  )
  server.post(
    '/shelf',
    declaration({ body: Shelf }).handler(() => ''),
  )
  server.put(
    '/table',
    declaration({ body: { type: 'text/csv', schema: z.string() }, responses: { 204: {} } }).handler(() => reply(204)),
  )
  server.post(
    '/photo',
    declaration({ body: z.object({ photo: z.file(), title: z.string() }) }).handler(() => ''),
  )
  server.get(
    '/valibot',
    declaration({
      query: v.object({ q: v.string() }),
      responses: { 200: toStandardJsonSchema(v.pipe(v.object({ hits: v.number() }), v.title('Hits'))) },
    }).handler(() => ({ hits: 1 })),
  )
  server.get(
    '/arktype',
    declaration({
      query: type({ q: 'string', 'page?': 'number' }),
      responses: { 200: type({ hits: 'number' }) },
    }).handler(() => ({ hits: 1 })),
  )
  server.get(
    '/search',
    declaration({ query: z.record(z.string(), z.string()) }).handler(() => ''),
  )
  server.domain('shop.example, *.shop.example').get('/offers', function offers() {})
  server.get('/twice', function forAll() {})
  server.domain('shop.example').get('/twice', function forShop() {})
  const api = server.group('/api')
  api.mapResults((data) => ({ code: 0, data }), {
    envelope: (data) => ({
      type: 'object',
      properties: { code: { type: 'integer' }, data },
      required: ['code', 'data'],
    }),
  })
  api.mapErrors(() => ({ value: { code: 1 }, status: 400 }))
  api.get(
    '/loan/:id',
    declaration({ params: z.object({ id: z.string() }), responses: { 200: Loan, 204: {}, 205: Loan } }).handler(() =>
      reply(204),
    ),
  )
  api.openapi({ info: { title: 'The API', version: '2' }, page: false })
  server.bindHookHandler('/*', 'BeforeServe', () => {})
  server.use((_, next) => next())
  server.bindWebSocket('/live', () => {})
  server.serveStatic('/static', new URL('.', import.meta.url))
  server.mount('/other', new Server())
  server.openapi({
    info: { title: 'The <library>', version: '1.2.0', license: { name: 'MIT', identifier: 'MIT' } },
    tags: [{ name: 'books', description: 'Books.' }],
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'sid' },
      bearer: { type: 'http', scheme: 'bearer' },
    },
  })
}

/** Returns the application on a server of its own. */
export function createEverything(options: ServerOptions = {}): Server {
  const server = new Server({ port: 0, entryPoints: { inside: '127.0.0.1:0' }, ...options })
  register(server)
  server.entryPoint('inside').get('/inside', function inside() {})
  return server
}

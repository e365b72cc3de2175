// The applications that are checked, by what is compared: for each contestant a function that writes the endpoint of a number.

/** Both have the same schemas, and the same endpoints by the same handlers: one declares them, one parses. */
const schemas = (i) => `
const Params${i} = z.object({ id: z.coerce.number().int() })
const Query${i} = z.object({ days: z.coerce.number().max(30).default(14), tag${i}: z.array(z.string()).optional() })
const Body${i} = z.object({ reader: z.string(), note${i}: z.string().optional(), parts: z.array(z.object({ n: z.number() })) })
const Loan${i} = z.object({ id: z.number(), state: z.enum(['lent', 'back']), due${i}: z.string() })
const Problem${i} = z.object({ title: z.string(), at${i}: z.number() })`

const declared = (i) => `${schemas(i)}
const lend${i} = declaration({
  summary: 'Lends ${i}', tags: ['books'], params: Params${i}, query: Query${i}, body: Body${i},
  responses: { 201: { description: 'Lent', body: Loan${i} }, 409: Problem${i} },
})
server.bindHandler('POST:/books${i}/:id', lend${i}.handler(async ({ params, query, body }) => {
  if (query.days > 30) return reply(409, { title: body.reader, at${i}: 1 })
  return reply(201, { id: params.id, state: 'lent', due${i}: body.note${i} ?? '' })
}))`

const plain = (i) => `${schemas(i)}
server.bindHandler('POST:/books${i}/:id', async (request) => {
  const params = Params${i}.parse(request.params)
  const query = Query${i}.parse(request.query)
  const body = Body${i}.parse(await request.json())
  if (query.days > 30) {
    request.response.status = 409
    return { title: body.reader, at${i}: 1 } satisfies z.infer<typeof Problem${i}>
  }
  request.response.status = 201
  return { id: params.id, state: 'lent', due${i}: body.note${i} ?? '' } satisfies z.infer<typeof Loan${i}>
})`

/** Ways to bind, which routes take in turn. The parameters are read by their names, so that their types are needed. */
const bindings = [
  (i) => ['server.get', `/shelves${i}/:shelf/books/:book`, 'shelf', 'book'],
  (i) => ['server.bindHandler', `PUT:/shelves${i}/:shelf@example.com`, 'shelf'],
  (i) => ['server.post', `/authors${i}/{first}-{last}`, 'first', 'last'],
  (i) => ['shop.delete', `/orders${i}/:order/items/:item`, 'order', 'item'],
  (i) => ['server.get', `/files${i}/*path`, 'path'],
]

const bound = (type) => (i) => {
  const [call, pattern, ...names] = bindings[i % bindings.length](i)
  return `${call}('${pattern}', (${type}) => {
  request.response.setHeader('X-Number', '${i}')
  return { number: ${i}, names: [${names.map((name) => `request.params.${name}`)}].join(), path: request.path }
})`
}

/** For each comparison, the contestants; ratios are to the first. */
export const comparisons = {
  declarations: {
    endpoints: 300,
    maxRatio: 2,
    head: `import { declaration, reply, Server } from 'tribind'
import { z } from 'zod'
export const server = new Server()
void [declaration, reply]`,
    contestants: { plain, declared },
  },
  handlers: {
    endpoints: 500,
    maxRatio: 1.5,
    head: `import { type Request, Server } from 'tribind'
export type Any = Request
export const server = new Server()
export const shop = server.group('/shops/:shop')`,
    // The second checks what handlers do, and has no types of its own for their parameters.
    contestants: { untyped: bound('request: any'), annotated: bound('request: Request'), typed: bound('request') },
  },
}

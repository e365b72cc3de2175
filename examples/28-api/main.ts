// The lending library as an API: declared endpoints, their documentation, and a front end with a client that was generated from them.
//
//   curl http://127.0.0.1:8199/api/books?text=emma
//   curl -i --json '{"reader":"Ann"}' http://127.0.0.1:8199/api/books/1/loan
//   curl -i --json '{"reader":"Bob"}' http://127.0.0.1:8199/api/books/1/loan     # 409, a problem
//   curl -i --json '{"reader":5}' http://127.0.0.1:8199/api/books/1/loan         # 400, with the issues
//   curl -i -X DELETE http://127.0.0.1:8199/api/books/1/loan
//   curl -i -H 'Authorization: Bearer open-sesame' --json '{"title":"Persuasion","author":"Jane Austen"}' http://127.0.0.1:8199/api/books
//
// In a browser: http://127.0.0.1:8199/docs, and the front end at http://127.0.0.1:8199/ once it is built:
//
//   npx vite build examples/28-api/web
//
// After a change of a declaration, its client is written anew:
//
//   node --import=tsx bin/tribind.mjs client examples/28-api/main.ts --out examples/28-api/web/api.ts
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HttpError, type Middleware, reply, Server } from 'tribind'
import 'tribind/openapi'
import { BookController } from './books.ts'
import { lendBook, returnBook } from './declarations.ts'
import { Library } from './library.ts'

const built = fileURLToPath(new URL('web/dist', import.meta.url))

function register(server: Server): void {
  const library = new Library()
  server.registerService('library', library)
  const api = server.group('/api')
  api.bindMiddleware('POST:/books', librariansOnly)
  api.bindResource('/books', BookController)
  api.post(
    '/books/:id/loan',
    lendBook.handler(({ params, body }) => library.lend(params.id, body.reader)),
  )
  api.delete(
    '/books/:id/loan',
    returnBook.handler(({ params }) => {
      library.takeBack(params.id)
      return reply(204)
    }),
  )
  server.openapi({
    info: { title: 'The lending library', version: '1.0.0' },
    securitySchemes: { librarian: { type: 'http', scheme: 'bearer' } },
  })
}

/** @param web the folder of the built front end */
export function build(web: string = built): Server {
  const server = new Server({ problems: true })
  register(server)
  if (existsSync(web)) server.serveStatic('/', web)
  return server
}

const librariansOnly: Middleware = (request, next) => {
  if (request.header('authorization') !== `Bearer ${process.env['ADMIN_TOKEN'] ?? 'open-sesame'}`)
    throw new HttpError(401, 'For librarians only')
  return next()
}

/** What `tribind openapi` and `tribind client` tell of. */
export const server: Server = build()

if (import.meta.filename === process.argv[1]) {
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/docs`))
  server.registerSignalHook()
  await server.run()
}

// Every kind of segment, and which route serves where several match. Each answer names its pattern and parameters.
//
//   curl http://127.0.0.1:8199/user/list
//   curl http://127.0.0.1:8199/user/ann
//   curl http://127.0.0.1:8199/user/list/3.html
//   curl http://127.0.0.1:8199/files/css/site.css
//   curl -X POST http://127.0.0.1:8199/user/list
//   curl http://127.0.0.1:8199/routes             # the whole table, in matching order
import { Server } from 'tribind'

const PATTERNS = [
  '/user/list', //                   plain text: before every pattern with parameters
  'POST:/user/list', //              a method of its own: before the same route without one
  '/user/:name', //                  :name is one whole segment
  '/user/:name/edit', //             the more segments, the earlier
  '/user/list/{page}.html', //       {field} is a part of a segment
  '/course/{class}-{course}', //     several fields, with text between them
  '/course/:code', //                behind the fields: less plain text
  '/archive/{name}.{type}', //       a field takes as much as it can, from the left
  '/files/*path', //                 *path is the rest, with its slashes, also none at all
  '/repos/*path/raw/:file', //       * in the middle
  'GET, PUT:/either', //             some methods, not all
  '/größe/:wert', //                 any script; what is compared is the decoded segment
  '/any/:/thing', //                 without a name: matches, and is not kept
  '/*', //                           everything else
]

export function build(): Server {
  const server = new Server()
  for (const pattern of PATTERNS) {
    server.bindHandler(pattern, (request) => ({ pattern, params: request.params }))
  }
  server.get('/routes', () => server.routes().map(({ method, route }) => `${method} ${route}`))
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/user/list/3.html`))
  server.registerSignalHook()
  await server.run()
}

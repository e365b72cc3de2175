// The smallest program: a pattern, and a function that answers it.
//
//   curl http://127.0.0.1:8199/
//   curl http://127.0.0.1:8199/hello/Ann
import { Server } from 'tribind'

export function build(): Server {
  const server = new Server()
  server.bindHandler('/', () => 'hello, world')
  // The type of `params` comes from the pattern: `params.nmae` would not compile.
  server.get('/hello/:name', (request) => `hello, ${request.params.name}`)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/hello/Ann`))
  server.registerSignalHook()
  await server.run()
}

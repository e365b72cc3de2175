// Three handlers: plain functions, each bound to a pattern.
//
//   curl http://127.0.0.1:8199/apple
//   curl http://127.0.0.1:8199/pen
//   curl http://127.0.0.1:8199/apple-pen
import { type Request, Server } from 'tribind'

function apple(request: Request): void {
  request.response.write('Apple')
}

function pen(request: Request): void {
  request.response.write('Pen')
}

// What a handler writes lands in a buffer, so handlers compose like any other functions.
function applePen(request: Request): void {
  apple(request)
  request.response.write('-')
  pen(request)
}

export function build(): Server {
  const server = new Server()
  server.bindHandler('/apple', apple)
  server.bindHandler('/pen', pen)
  server.bindHandler('/apple-pen', applePen)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/apple-pen`))
  server.registerSignalHook()
  await server.run()
}

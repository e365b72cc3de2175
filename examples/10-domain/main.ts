// One path, another answer for each domain. The nearest domain wins: its exact name, then `*.`, then none.
//
//   curl http://localhost:8199/hello
//   curl http://127.0.0.1:8199/hello
//   curl -H 'Host: shop.example.com' http://127.0.0.1:8199/hello
//   curl -H 'Host: any.example.com' http://127.0.0.1:8199/hello
import { Server } from 'tribind'

export function build(): Server {
  const server = new Server()
  server.bindHandler('/hello', () => 'hello, whoever you are')
  server.domain('localhost').bindHandler('/hello', () => 'hello, localhost')
  server.domain('shop.example.com, store.example.com').bindHandler('/hello', () => 'hello, customer')
  // A pattern may name its domain itself.
  server.bindHandler('/hello@*.example.com', (request) => `hello, ${request.host}`)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/hello`))
  server.registerSignalHook()
  await server.run()
}

// A REST object: like a REST controller, but one instance for all requests, so it may hold the state itself.
//
//   curl http://127.0.0.1:8199/counter
//   curl -X POST http://127.0.0.1:8199/counter
//   curl -X DELETE http://127.0.0.1:8199/counter
//   curl -i -X PUT http://127.0.0.1:8199/counter  # 404: the object has no `put`
import { type Request, Server } from 'tribind'

class Counter {
  count = 0

  get(): { count: number } {
    return { count: this.count }
  }

  post(): { count: number } {
    this.count++
    return this.get()
  }

  delete(request: Request): void {
    this.count = 0
    request.response.status = 204
  }

  hello(): string {
    return 'never reached'
  }
}

export function build(): Server {
  const server = new Server()
  server.bindObjectRest('/counter', new Counter())
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/counter`))
  server.registerSignalHook()
  await server.run()
}

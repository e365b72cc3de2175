// A REST controller: one address, and a method for each HTTP method.
//
//   curl http://127.0.0.1:8199/user
//   curl -X POST http://127.0.0.1:8199/user
//   curl -X DELETE http://127.0.0.1:8199/user
//   curl -i -X PUT http://127.0.0.1:8199/user     # 404: the class has no `put`
//   curl -i http://127.0.0.1:8199/user/hello      # 404: no HTTP method is called `hello`
import { Controller, Server } from 'tribind'

class UserController extends Controller {
  get(): string {
    return 'RESTful GET'
  }

  post(): string {
    this.response.status = 201
    return 'RESTful POST'
  }

  delete(): string {
    return 'RESTful DELETE'
  }

  hello(): string {
    return 'never reached'
  }
}

export function build(): Server {
  const server = new Server()
  server.bindControllerRest('/user', UserController)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/user`))
  server.registerSignalHook()
  await server.run()
}

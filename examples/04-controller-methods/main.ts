// A controller of which only chosen methods become routes.
//
//   curl http://127.0.0.1:8199/method/name
//   curl http://127.0.0.1:8199/method/age
//   curl -i http://127.0.0.1:8199/method/info     # 404: not in the list
//   curl -X POST http://127.0.0.1:8199/account/rename
import { Controller, Server } from 'tribind'

class MethodController extends Controller {
  name(): string {
    return 'John'
  }

  age(): string {
    return '42'
  }

  info(): string {
    return this.describe()
  }

  rename(): string {
    return this.describe()
  }

  // `private` ends with the compiler; at run time this is a method like the others. That is why a class with private
  // members compiles only with a list: without one, /method/describe would be a route.
  private describe(): string {
    return `${this.name()}, ${this.age()}`
  }
}

export function build(): Server {
  const server = new Server()
  // The list is checked: 'name, aeg' would not compile.
  server.bindController('/method', MethodController, 'name, age')
  server.bindControllerMethod('POST:/account', MethodController, 'rename')
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/method/name`))
  server.registerSignalHook()
  await server.run()
}

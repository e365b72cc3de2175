// A controller: every public method becomes a route, and every request gets an instance of its own.
//
//   curl http://127.0.0.1:8199/user/name
//   curl http://127.0.0.1:8199/user/age
//   curl http://127.0.0.1:8199/user/count-calls
//   curl http://127.0.0.1:8199/clock/year
import { Controller, type Request, Server } from 'tribind'

class UserController extends Controller {
  // Safe to write to: no other request ever sees this instance.
  user = { name: '', age: 0 }
  calls = 0

  override init(): void {
    this.user = { name: 'John', age: 42 }
  }

  name(): void {
    this.response.write('name: ', this.user.name)
  }

  age(): string {
    return `age: ${this.user.age}`
  }

  /** Answers 1 forever. Compare `total` in 06-object. */
  countCalls(): string {
    this.calls++
    return `calls: ${this.calls}`
  }
}

/** Nothing has to be extended: a method that takes the request will do. */
class ClockController {
  year(request: Request): string {
    return `${request.path} says ${new Date().getFullYear()}`
  }
}

export function build(): Server {
  const server = new Server()
  server.bindController('/user', UserController)
  server.bindController('/clock', ClockController)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/user/name`))
  server.registerSignalHook()
  await server.run()
}

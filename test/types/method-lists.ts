import { Controller, type Request, Server } from 'tribind'

// A list names public methods of the class or object. Checked by tsc, never run.

class User extends Controller {
  count = 0
  #secret = ''
  static create() {}
  override init(request: Request) {
    this.#secret = request.path
  }
  name() {
    return this.#secret + this.own()
  }
  async age(_request: Request) {}
  index(): number {
    return 1
  }
  arrow = () => 'text'
  get reading() {
    return 1
  }
  _hidden() {}
  protected kept() {}
  private own() {
    return 'text'
  }
}

const server = new Server()

// One text, whatever the blanks, or an array.
server.bindController('/user', User, 'name')
server.bindController('/user', User, 'name,age')
server.bindController('/user', User, ' name ,  age, index ')
server.bindController('/user', User, 'arrow')
server.bindController('/user', User, ['name', 'age'])
server.bindController('/user', User, ['name', 'age'] as const)
server.bindControllerMethod('/user', User, 'name, age')
server.bindControllerMethod('/user', User, ['index'])
server.bindObject('/user', new User(), 'name, age')
server.bindObjectMethod('/user', new User(), 'name, age')
server.bindObjectMethod('/user', { show1() {}, show2: async () => 'text' }, 'show1, show2')
server.domain('a.com').bindObjectMethod('/user', new User(), 'name')
server.group('/g').bindControllerMethod('/:id', User, 'name')

// @ts-expect-error there is no such method
server.bindController('/user', User, 'nope')
// @ts-expect-error there is no such method
server.bindController('/user', User, 'name, nope')
// @ts-expect-error there is no such method
server.bindController('/user', User, ['name', 'nope'])
// @ts-expect-error the case matters
server.bindControllerMethod('/user', User, 'Name')
// @ts-expect-error there is no such method
server.bindObject('/user', new User(), 'name,nope')
// @ts-expect-error there is no such method
server.bindObjectMethod('/user', { show1() {} }, 'show1, show2')
// @ts-expect-error there is no such method
server.domain('a.com').bindObjectMethod('/user', new User(), 'nope')
// @ts-expect-error there is no such method
server.group('/g').bindControllerMethod('/:id', User, 'nope')

// Never a route: what brackets a method, what is hidden, what is no method.
// @ts-expect-error runs before the method
server.bindController('/user', User, 'init')
// @ts-expect-error runs after the method
server.bindController('/user', User, 'name, shut')
// @ts-expect-error makes the object
server.bindController('/user', User, 'constructor')
// @ts-expect-error begins with _
server.bindController('/user', User, '_hidden')
// @ts-expect-error is private
server.bindController('/user', User, 'own')
// @ts-expect-error is protected
server.bindController('/user', User, ['kept'])
// @ts-expect-error is static
server.bindController('/user', User, 'create')
// @ts-expect-error is a number
server.bindController('/user', User, 'count')
// @ts-expect-error is an accessor
server.bindController('/user', User, 'reading')
// @ts-expect-error is of Controller
server.bindController('/user', User, 'exit')
// @ts-expect-error runs before the method, also of an object
server.bindObjectMethod('/user', { init() {}, show() {} }, 'init')
// @ts-expect-error names nothing
server.bindObjectMethod('/user', new User(), '')
// @ts-expect-error there is no list
server.bindObjectMethod('/user', new User())
// @ts-expect-error there is no list
server.bindControllerMethod('/user', User)

// A list that is only known when it runs is checked then.
declare const list: string
declare const names: string[]
declare const readonlyNames: readonly string[]
server.bindController('/user', User, list)
server.bindControllerMethod('/user', User, names)
server.bindObject('/user', new User(), readonlyNames)
server.bindObjectMethod('/user', new User(), list)
// @ts-expect-error a number is no list
server.bindObjectMethod('/user', new User(), 7)

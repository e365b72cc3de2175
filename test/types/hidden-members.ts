import { Controller, Server } from 'tribind'

// `private` and `protected` end at compile time: without a list, such methods would become routes. Never run.

class Plain {
  show() {
    return 'text'
  }
}

class WithPrivate {
  show() {
    return this.own()
  }
  private own() {
    return 'text'
  }
}

class WithProtected extends Controller {
  show() {
    return this.kept()
  }
  protected kept() {
    return 'text'
  }
}

class WithPrivateField {
  private readonly text = 'text'
  show() {
    return this.text
  }
}

class WithParameterless extends WithProtected {
  more() {}
}

class Pages extends Controller {
  index() {}
  async show() {
    return this.request.path
  }
}

abstract class Base {
  show() {}
}

class NeedsArgument {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  show() {}
}

const server = new Server()
const domain = server.domain('a.com')
const group = server.group('/g')

// Nothing hidden: no list is needed.
server.bindObject('/', new Plain())
server.bindObject('/', { show() {}, text: 'text' })
server.bindController('/', Plain)
server.bindController('/', Pages)
server.bindObjectRest('/', new Plain())
server.bindControllerRest('/', Pages)
domain.bindController('/', Pages)
group.bindController('/', Pages)
server.bindController('/', class extends Controller {})

// Something hidden: refused without a list …
// @ts-expect-error has a private method
server.bindObject('/', new WithPrivate())
// @ts-expect-error has a private method
server.bindController('/', WithPrivate)
// @ts-expect-error has a protected method
server.bindObject('/', new WithProtected())
// @ts-expect-error has a protected method
server.bindController('/', WithProtected)
// @ts-expect-error has a private field, which may hold a function
server.bindController('/', WithPrivateField)
// @ts-expect-error inherits a protected method
server.bindController('/', WithParameterless)
// @ts-expect-error has a private method
domain.bindObject('/', new WithPrivate())
// @ts-expect-error has a private method
group.bindController('/', WithPrivate)

// … and accepted with one.
server.bindObject('/', new WithPrivate(), 'show')
server.bindController('/', WithPrivate, 'show')
server.bindObject('/', new WithProtected(), ['show'])
server.bindController('/', WithProtected, 'show')
server.bindController('/', WithPrivateField, 'show')
server.bindController('/', WithParameterless, 'show, more')
server.bindObjectMethod('/', new WithPrivate(), 'show')
server.bindControllerMethod('/', WithProtected, 'show')
domain.bindObject('/', new WithPrivate(), 'show')
group.bindController('/', WithPrivate, 'show')

// What no instance can be made of is no controller.
// @ts-expect-error is abstract
server.bindController('/', Base)
// @ts-expect-error needs an argument
server.bindController('/', NeedsArgument)
// @ts-expect-error is an instance
server.bindController('/', new Plain())
// @ts-expect-error is a function that makes nothing
server.bindController('/', () => new Plain())
// @ts-expect-error is no object
server.bindObject('/', 'text')

// Of a resource, the actions alone serve requests.
class Shelf {
  index() {
    return this.count()
  }
  private count() {
    return 1
  }
}

class Archive {
  index() {
    return this.show()
  }
  private show() {
    return 1
  }
}

server.bindResource('/shelf', Shelf).bindResource('/shelf', new Shelf())
// @ts-expect-error -- show would serve requests
server.bindResource('/archive', Archive)
// @ts-expect-error -- show would serve requests
server.bindResource('/archive', new Archive())
// @ts-expect-error -- its constructor needs an argument
server.bindResource('/needy', NeedsArgument)

import { expect } from 'chai'
import { DuplicateRouteError, RouteError, Server, TribindError } from 'tribind'
import { callUntyped, collectingLogger, sendByInject, thrownBy } from './both-ways.ts'

const create = (options: object = {}) => new Server({ logger: collectingLogger(), ...options })

/** The call must throw a RouteError that names all the parts, and leave nothing behind. */
function refuses(name: string, parts: string[], method: string, ...args: unknown[]) {
  it(name, () => {
    const server = create()
    const error = thrownBy(() => callUntyped(server, method, ...args))
    expect(error).to.be.instanceOf(RouteError)
    expect(error).to.be.instanceOf(TribindError)
    expect(error.code).to.match(/^ERR_TRIBIND_[A-Z_]+$/)
    for (const part of parts) expect(error.message).to.include(part)
    expect(server.routes()).to.deep.equal([])
  })
}

class Shows {
  static helper() {}
  value = 'text'
  init() {}
  shut() {}
  show() {}
  other() {}
  _hidden() {}
  get accessor(): () => void {
    throw new Error('read')
  }
}

const handler = () => 'ok'

describe('registration errors: patterns', () => {
  refuses('an unknown method', ['FETCH:/x', 'FETCH'], 'bindHandler', 'FETCH:/x', handler)
  refuses('an unknown method in a list', ['GET,FETCH:/x', 'FETCH'], 'bindHandler', 'GET,FETCH:/x', handler)
  refuses('a route that does not begin with /', ['user/list'], 'bindHandler', 'user/list', handler)
  refuses('the same after a method', ['GET:user'], 'bindHandler', 'GET:user', handler)
  refuses('an unclosed {', ['/user/{id'], 'bindHandler', '/user/{id', handler)
  refuses('an unclosed { after a field', ['/{a}-{b'], 'bindHandler', '/{a}-{b', handler)
  refuses('two fields without text between them', ['/{a}{b}'], 'bindHandler', '/{a}{b}', handler)
  refuses('a bad name of a field', ['/{a b}', 'a b'], 'bindHandler', '/{a b}', handler)
  refuses('a field without a name', ['/x{}'], 'bindHandler', '/x{}', handler)
  refuses('a bad name after :', ['/:a+b', 'a+b'], 'bindHandler', '/:a+b', handler)
  refuses('a bad name after *', ['/*a!', 'a!'], 'bindHandler', '/*a!', handler)
  refuses('one name twice, :', ['/:id/x/:id', 'id'], 'bindHandler', '/:id/x/:id', handler)
  refuses('one name twice, : and {}', ['/:id/{id}.html', 'id'], 'bindHandler', '/:id/{id}.html', handler)
  refuses('one name twice, {} and *', ['/{id}-x/*id', 'id'], 'bindHandler', '/{id}-x/*id', handler)
  refuses('one name twice in a segment', ['/{id}-{id}', 'id'], 'bindHandler', '/{id}-{id}', handler)
  refuses(
    'a call without a pattern',
    ['the pattern must be a string, got undefined'],
    'bindHandler',
    undefined,
    handler,
  )
  refuses('a handler in its place', ['the pattern must be a string, got [Function: handler]'], 'get', handler)
  refuses('middleware in its place', ['the pattern must be a string, got [Function'], 'bindMiddleware', handler)
  refuses('an object in its place', ['the pattern must be a string, got { a: 1 }'], 'bindObject', { a: 1 })
  refuses('an array of patterns', ["the pattern must be a string, got [ '/a' ]"], 'group', ['/a'])

  it('name no pattern that is not there', () => {
    for (const pattern of [undefined, 5, handler]) {
      const error = thrownBy(() => callUntyped(create(), 'bindHandler', pattern, handler))
      expect(error.message).to.match(/^the pattern must be a string, got /)
    }
  })

  refuses('in a hook', ['/{id', '{id'], 'bindHookHandler', '/{id', 'BeforeServe', handler)
  refuses('in a middleware', ['/{id', '{id'], 'bindMiddleware', '/{id', handler)
  refuses('in an object', ['/{id', '{id'], 'bindObject', '/{id', new Shows())
  refuses('in a controller', ['NOPE:/x', 'NOPE'], 'bindController', 'NOPE:/x', Shows)
})

describe('registration errors: what is bound', () => {
  refuses('a handler that is no function', ['/x'], 'bindHandler', '/x', 'text')
  refuses('no handler at all', ['/x'], 'bindHandler', '/x')
  refuses('a shorthand without a function', ['/x'], 'get', '/x', {})
  refuses('a hook that is no function', ['/x', 'BeforeServe'], 'bindHookHandler', '/x', 'BeforeServe', null)
  refuses('an unknown event', ['/x', 'BeforeLunch'], 'bindHookHandler', '/x', 'BeforeLunch', handler)
  refuses('an event of the prototype', ['/x', 'toString'], 'bindHookHandler', '/x', 'toString', handler)
  refuses('an unknown event in a map', ['/x', 'BeforeLunch'], 'bindHookHandlerByMap', '/x', {
    BeforeServe: handler,
    BeforeLunch: handler,
  })
  refuses('middleware that is no function', ['/x'], 'bindMiddleware', '/x', handler, 5)

  refuses('a method that is not there', ['/x', 'nope'], 'bindObject', '/x', new Shows(), 'show, nope')
  refuses('a method in the wrong case', ['/x', 'Show'], 'bindObjectMethod', '/x', new Shows(), 'Show')
  refuses('a value that is no function', ['/x', 'value'], 'bindObjectMethod', '/x', new Shows(), 'show, value')
  refuses('init', ['/x', 'init'], 'bindObjectMethod', '/x', new Shows(), 'init')
  refuses('shut', ['/x', 'shut'], 'bindControllerMethod', '/x', Shows, 'show, shut')
  refuses('constructor', ['/x', 'constructor'], 'bindObjectMethod', '/x', new Shows(), 'constructor')
  refuses('a name with _ before it', ['/x', '_hidden'], 'bindController', '/x', Shows, '_hidden')
  refuses('a static function', ['/x', 'helper'], 'bindControllerMethod', '/x', Shows, 'helper')
  refuses('an accessor, unread', ['/x', 'accessor'], 'bindObjectMethod', '/x', new Shows(), 'accessor')
  refuses('a method of Object', ['/x', 'toString'], 'bindObjectMethod', '/x', new Shows(), 'toString')
  refuses('an empty list', ['/x'], 'bindObjectMethod', '/x', new Shows(), '')
  refuses('a list of blanks', ['/x'], 'bindObject', '/x', new Shows(), '  ')
  refuses('an empty list for a controller', ['/x'], 'bindControllerMethod', '/x', Shows, '')
  refuses('an object without methods', ['/x'], 'bindObject', '/x', { a: 1 })
  refuses('an object with nothing but init and shut', ['/x'], 'bindObject', '/x', { init() {}, shut() {} })
  refuses('an object without HTTP methods', ['/x'], 'bindObjectRest', '/x', { hello() {} })
  refuses('a controller without methods', ['/x'], 'bindController', '/x', class {})
  refuses('a controller without HTTP methods', ['/x', 'Shows'], 'bindControllerRest', '/x', Shows)
  refuses(
    'a class for an object',
    ['/x', 'class Shows', 'pass an instance', 'bindController'],
    'bindObject',
    '/x',
    Shows,
  )
  refuses('a class with a list', ['pass an instance'], 'bindObjectMethod', '/x', Shows, 'show')
  refuses('a class for REST', ['pass an instance'], 'bindObjectRest', '/x', Shows)
  refuses('a function for an object', ['/x', 'the function handler'], 'bindObject', '/x', handler)
  refuses('null for an object', ['/x'], 'bindObject', '/x', null)
  refuses('a text for an object', ['/x'], 'bindObject', '/x', 'text')
  refuses(
    'an instance for a controller',
    ['/x', 'an object of class Shows', 'pass its class', 'bindObject'],
    'bindController',
    '/x',
    new Shows(),
  )
  refuses('a function without a name', ['got a function without a name'], 'bindController', '/x', () => 'ok')
  refuses('an arrow function for a controller', ['/x'], 'bindController', '/x', handler)
  refuses('undefined for a controller', ['/x'], 'bindControllerRest', '/x', undefined)
  refuses('a status handler that is no function', ['404'], 'bindStatusHandler', 404, 'text')
})

describe('registration errors: names that are misspelt', () => {
  const before = 'did you mean "BeforeServe"?'
  refuses('an event', ['/x', '"beforeServ"', before], 'bindHookHandler', '/x', 'beforeServ', handler)
  refuses('an event in a map', ['/x', before], 'bindHookHandlerByMap', '/x', { BeforServe: handler })
  refuses('a method of an object', ['"shwo"', 'did you mean "show"?'], 'bindObject', '/x', new Shows(), 'shwo')
  refuses('a method in the wrong case', ['"Other"', 'did you mean "other"?'], 'bindController', '/x', Shows, 'Other')
  refuses('a method of HTTP', ['"DELTE"', 'did you mean "DELETE"?'], 'bindHandler', 'DELTE:/x', handler)

  it('are not guessed where nothing is near', () => {
    const error = thrownBy(() => callUntyped(create(), 'bindHookHandler', '/x', 'Lunch', handler))
    expect(error.message).to.not.include('did you mean')
  })
})

describe('registration errors: duplicates', () => {
  const file = 'registration-errors.test.ts'
  const lineOf = () => Number(/registration-errors\.test\.ts:(\d+)/.exec(new Error().stack?.split('\n')[2] ?? '')?.[1])

  function duplicate(act: () => unknown, ...parts: (string | number)[]) {
    const error = thrownBy(act)
    expect(error).to.be.instanceOf(DuplicateRouteError)
    expect(error).to.be.instanceOf(TribindError)
    expect(error.code).to.equal('ERR_TRIBIND_DUPLICATE_ROUTE')
    for (const part of parts) expect(error.message).to.include(typeof part === 'number' ? `${file}:${part}` : part)
  }

  it('name both, and where each was bound', () => {
    const server = create()
    const first = lineOf() + 1
    server.bindHandler('GET:/user/:id', handler)
    const second = lineOf() + 1
    duplicate(() => server.bindHandler('GET:/user/:name', handler), '/user/:id', '/user/:name', first, second)
    expect(server.routes()).to.have.length(1)
  })

  it('also of objects, controllers, shorthands and groups', () => {
    const server = create()
    const first = lineOf() + 1
    server.bindObject('/x', new Shows())
    const second = lineOf() + 1
    duplicate(() => server.bindController('/x', Shows), '/x/show', first, second)
    const third = lineOf() + 1
    duplicate(() => server.all('/x/other', handler), '/x/other', first, third)
    const group = server.group('/x')
    const fourth = lineOf() + 1
    duplicate(() => group.bindObjectMethod('/', { show() {} }, 'show'), '/x/show', first, fourth)
  })

  it('with method and domain', () => {
    const server = create()
    server.domain('a.example').post('/x/:id', handler)
    duplicate(
      () => server.bindHandler('POST:/x/:n@b.example,A.example', handler),
      'POST',
      '/x/:n',
      '/x/:id',
      'a.example',
    )
  })

  it('whatever the parameters are called, and however the pattern is written', () => {
    const pairs = [
      ['/a/:x', '/a/:y'],
      ['/a/:x', '/a/:'],
      ['/a/*x', '/a/*'],
      ['/a/{x}-{y}.html', '/a/{p}-{q}.html'],
      ['/a', '/a/'],
      ['/a', 'ALL: /a'],
      ['get:/a', 'GET:/a'],
      ['GET:/a', 'POST,GET:/a'],
      ['/a@x.example', '/a@X.Example'],
      ['/a@x.example', '/a@y.example,x.example'],
      ['/a@*.x.example', '/a@*.X.example'],
    ] as const
    for (const [first, second] of pairs) {
      const server = create()
      server.bindHandler(first, handler)
      duplicate(() => server.bindHandler(second, handler))
      expect(server.routes(), `${first} ${second}`).to.have.length(1)
    }
  })

  it('but other methods, other domains and other kinds of parameter are no duplicates', () => {
    const server = create()
    const patterns = [
      '/a/:x',
      'GET:/a/:x',
      'POST:/a/:x',
      '/a/{x}',
      '/a/*x',
      '/a/:x@a.example',
      '/a/:x@*.a.example',
      '/A/:x',
    ]
    for (const pattern of patterns) server.bindHandler(pattern, handler)
    expect(server.routes()).to.have.length(patterns.length)
  })

  it('are twice in one call, too', () => {
    const server = create({ nameToUri: 'lower' })
    duplicate(() => server.bindObject('/x', { showAll() {}, showall() {} }), '/x/showall')
    expect(server.routes()).to.deep.equal([])
  })

  it('are no error under routeOverwrite: the later one serves', async () => {
    const server = create({ routeOverwrite: true })
    server.bindHandler('/a/:x', () => 'first')
    server.bindHandler('/a/:y', (request) => `second ${request.params.y}`)
    expect((await sendByInject(server)('/a/1')).text).to.equal('second 1')
    expect(server.routes()).to.have.length(1)
  })

  it('hooks and middleware may be bound to one pattern as often as you like', () => {
    const server = create()
    for (let i = 0; i < 3; i++) {
      server.bindHookHandler('/x', 'BeforeServe', () => {})
      server.bindMiddleware('/x', (_request, next) => next())
    }
  })
})

describe('registration errors: nothing of a failing call is bound', () => {
  it('a list of which one name is missing', async () => {
    const server = create()
    thrownBy(() => callUntyped(server, 'bindObject', '/x', new Shows(), 'show, nope'))
    thrownBy(() => callUntyped(server, 'bindControllerMethod', '/x', Shows, 'show, nope'))
    expect((await sendByInject(server)('/x/show')).status).to.equal(404)
  })

  it('a list of methods or domains of which one is a duplicate', async () => {
    const server = create()
    server.bindHandler('GET:/a@a.example', handler)
    thrownBy(() => server.bindHandler('POST,GET:/a@b.example,a.example', handler))
    const send = sendByInject(server)
    expect((await send({ url: '/a', host: 'a.example' })).status).to.equal(200)
    expect((await send({ method: 'POST', url: '/a', host: 'a.example' })).status).to.equal(404)
    expect((await send({ url: '/a', host: 'b.example' })).status).to.equal(404)
  })

  it('an object of which one method is a duplicate', async () => {
    const server = create()
    server.bindHandler('/x/show', () => 'handler')
    thrownBy(() => server.bindObject('/x', new Shows()))
    const send = sendByInject(server)
    expect((await send('/x/show')).text).to.equal('handler')
    expect((await send('/x/other')).status).to.equal(404)
  })

  it('hooks, middleware and status handlers of which one is bad', async () => {
    const server = create()
    const seen: string[] = []
    const note = () => {
      seen.push('ran')
    }
    thrownBy(() => callUntyped(server, 'bindHookHandlerByMap', '/*', { BeforeServe: note, AfterServe: 'text' }))
    thrownBy(() => callUntyped(server, 'bindMiddleware', '/*', note, 'text'))
    thrownBy(() => callUntyped(server, 'use', note, null))
    thrownBy(() => callUntyped(server, 'bindStatusHandlerByMap', { 404: note, 500: 'text' }))
    expect((await sendByInject(server)('/x')).status).to.equal(404)
    expect(seen).to.deep.equal([])
  })

  it('while the server runs', async () => {
    const server = create({ port: 0 })
    server.bindHandler('/a', handler)
    const group = server.group('/g')
    await server.start()
    try {
      const calls: [object, string, ...unknown[]][] = [
        [server, 'bindHandler', '/late', handler],
        [server, 'bindObject', '/late', new Shows()],
        [server, 'bindController', '/late', Shows],
        [server, 'bindHookHandler', '/late', 'BeforeServe', handler],
        [server, 'bindMiddleware', '/late', handler],
        [server, 'bindStatusHandler', 404, handler],
        [server.domain('a.example'), 'bindHandler', '/late', handler],
        [group, 'bindHandler', '/late', handler],
      ]
      for (const [target, method, ...args] of calls) {
        expect(
          thrownBy(() => callUntyped(target, method, ...args)),
          method,
        ).to.be.instanceOf(RouteError)
      }
      expect(server.routes()).to.have.length(1)
      expect(thrownBy(() => server.bindHandler('/late', handler)).message).to.equal(
        'pattern "/late": nothing can be bound on the server itself after it was started: bind before the start, or bind in a layer, server.layer(name).replace((routes) => …)',
      )
      expect(thrownBy(() => server.entryPoint('default').group('/g').bindHandler('/late', handler)).message).to.equal(
        'pattern "/g": nothing can be bound on entry point "default" after the server was started: bind before the start, or bind in a layer, server.layer(name).replace((routes) => routes.entryPoint("default")…)',
      )
    } finally {
      await server.stop()
    }
  })
})

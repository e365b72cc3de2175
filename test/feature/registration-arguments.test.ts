import { expect } from 'chai'
import { RouteError, Server } from 'tribind'
import { callUntyped, collectingLogger, thrownBy } from './both-ways.ts'

const create = () => new Server({ logger: collectingLogger() })
const handler = () => 'ok'

class Shows {
  show() {}
}

describe('registration errors: arguments too many', () => {
  const guard = (_request: unknown, next: () => unknown) => next()
  const calls: [method: string, ...args: unknown[]][] = [
    ...['get', 'post', 'put', 'patch', 'delete', 'all', 'bindHandler'].map((verb): [string, ...unknown[]] => [
      verb,
      '/x',
      handler,
    ]),
    ['bindObject', '/x', new Shows(), 'show'],
    ['bindObjectMethod', '/x', new Shows(), 'show'],
    ['bindObjectRest', '/x', { get: handler }],
    ['bindController', '/x', Shows, 'show'],
    ['bindControllerMethod', '/x', Shows, 'show'],
    [
      'bindControllerRest',
      '/x',
      class {
        get() {}
      },
    ],
    ['bindWebSocket', '/x', handler, {}],
    ['bindUpgrade', '/x', handler],
    ['bindHookHandler', '/x', 'BeforeServe', handler],
    ['bindHookHandlerByMap', '/x', { BeforeServe: handler }],
    ['bindStatusHandler', 404, handler],
    ['bindStatusHandlerByMap', { 404: handler }],
    ['serveStatic', '/x', '.', {}],
    ['group', '/x', () => {}],
    ['domain', 'a.example'],
  ]
  for (const [method, ...args] of calls) {
    it(`${method} takes no more than ${args.length}, and binds nothing`, () => {
      const server = create()
      const error = thrownBy(() => callUntyped(server, method, ...args, guard))
      expect(error).to.be.instanceOf(RouteError).with.property('message').that.contains(method)
      if (typeof args[0] === 'string') expect(error.message).to.contain(`"${args[0]}"`)
      expect(server.routes()).to.deep.equal([])
    })

    it(`${method} takes that many, and undefined after them`, () => {
      callUntyped(create(), method, ...args, undefined)
    })
  }

  it('also on groups and domains, and what is bound before stays', () => {
    const server = create()
    for (const place of [server.group('/g'), server.domain('a.example')]) {
      callUntyped(place, 'get', '/x', handler)
      const error = thrownBy(() => callUntyped(place, 'get', '/secret', guard, handler))
      expect(error)
        .to.be.instanceOf(RouteError)
        .with.property('message')
        .that.matches(/get.*"\/secret".*bindMiddleware/)
    }
    expect(server.routes()).to.have.length(2)
  })

  it('but middleware may be as much as you like', () => {
    const server = create()
    callUntyped(server, 'bindMiddleware', '/x', guard, guard, guard)
    callUntyped(server, 'use', guard, guard)
    expect(server.routes()).to.have.length(5)
  })
})

describe('registration errors: texts', () => {
  const cases: [act: (server: Server) => unknown, text: string][] = [
    [(server) => server.get('user', handler), 'user'],
    [(server) => server.get('/:id/:id', handler), '/:id/:id'],
    [(server) => server.group('/g').get('/{id', handler), '/{id'],
    [(server) => server.bindController('NOPE:/x', Shows), 'NOPE:/x'],
    [(server) => server.domain('a.example').get('/x@b.example', handler), '/x@b.example'],
    [(server) => server.get('GET:/x', handler), 'GET:/x'],
    [(server) => server.get('/x', 5 as never), '/x'],
  ]
  for (const [act, text] of cases) {
    it(`name "${text}" once, as it was written`, () => {
      const { message } = thrownBy(() => act(create()))
      expect(message.split(`"${text}"`), message).to.have.length(2)
      expect(message.match(/pattern "/g), message).to.have.length(1)
    })
  }
})

describe('registration errors: arguments of a wrong kind', () => {
  class Show {
    show() {}
  }
  const connect = (_request: unknown, _response: unknown, next: () => void) => next()
  const calls: [method: string, culprit: string, ...args: unknown[]][] = [
    ['group', '"str"', '/x', 'str'],
    ['group', 'async', '/x', async () => {}],
    ['bindHookHandlerByMap', 'undefined', '/x'],
    ['bindHookHandlerByMap', 'null', '/x', null],
    ['bindStatusHandlerByMap', 'undefined'],
    ['bindStatusHandlerByMap', '5', 5],
    ['bindStatusHandlerByMap', 'status must be an integer from 200 to 599, got "x"', { x: handler }],
    ['bindStatusHandlerByMap', 'got ""', { '': handler }],
    ['bindStatusHandlerByMap', 'got 600', { 600: handler }],
    ['bindStatusHandler', 'status must be an integer from 200 to 599, got "404"', '404', handler],
    ['bindStatusHandler', 'got "BeforeServe"', 'BeforeServe', handler],
    ['bindHookHandler', 'got 404', '/x', 404, handler],
    ['bindHookHandler', 'got "middleware"', '/x', 'middleware', handler],
    ['bindController', '5', '/x', Show, 5],
    ['bindObjectMethod', 'a: 1', '/x', new Show(), { a: 1 }],
    ['serveStatic', 'undefined', '/x'],
    ['use', 'fromConnect', connect],
    ['bindMiddleware', 'fromConnect', '/x', connect],
  ]
  for (const [method, culprit, ...args] of calls) {
    it(`${method} names ${culprit}, and binds nothing`, () => {
      const server = create()
      const error = thrownBy(() => callUntyped(server, method, ...args))
      expect(error).to.be.instanceOf(RouteError).with.property('message').that.contains(culprit)
      expect(error.message).to.contain(args[0] === '/x' ? '"/x"' : method)
      expect(server.routes()).to.deep.equal([])
    })
  }

  it('an async function of a group that fails later ends no process', async () => {
    const later = async () => {
      await Promise.resolve()
      throw new Error('too late')
    }
    expect(thrownBy(() => callUntyped(create(), 'group', '/x', later))).to.be.instanceOf(RouteError)
    await new Promise((resolve) => setImmediate(resolve))
  })
})

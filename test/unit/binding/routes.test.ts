import { expect } from 'chai'
import { DuplicateRouteError, RouteError } from 'tribind'
import { Routes, type RoutesOptions } from '../../../lib/binding/routes.ts'
import { thrownBy } from '../../feature/both-ways.ts'

class Show {
  listAll() {}
}

function bindAll(options?: RoutesOptions) {
  const routes = new Routes(options)
  routes
    .get('/a/:id', function one() {})
    .bindController('/c', Show)
    .bindWebSocket('/ws', function open() {})
    .serveStatic('/files', import.meta.dirname)
    .use(function guard(_request, next) {
      return next()
    })
  routes.domain('a.example').post('/d', function inDomain() {})
  routes.group('/g', (group) => group.put('/x', function inGroup() {}))
  return routes
}

describe('binding/routes', () => {
  it('binds and lists without a server', () => {
    const listed = bindAll({ nameToUri: 'camel' })
      .routes()
      .map(({ type, method, route, domain, name }) => [type, `${method}:${route}@${domain}`, name])
    expect(listed).to.deep.equal([
      ['handler', 'POST:/d@a.example', 'inDomain'],
      ['controller', 'ALL:/c/listAll@', 'Show.listAll'],
      ['handler', 'PUT:/g/x@', 'inGroup'],
      ['handler', 'GET:/a/:id@', 'one'],
      ['websocket', 'GET:/ws@', 'open'],
      ['static', 'GET:/files/*@', import.meta.dirname],
      ['middleware', 'ALL:/*@', 'guard'],
    ])
  })

  it('refuses every call once it is frozen, also on the groups and domains made before', () => {
    const routes = bindAll()
    const calls = [routes, routes.domain('b.example'), routes.group('/late')]
    const count = routes.routes().length
    routes.freeze()
    for (const binder of calls) {
      expect(thrownBy(() => binder.get('/late', () => {}))).to.be.instanceOf(RouteError)
      expect(thrownBy(() => binder.use((_request, next) => next()))).to.be.instanceOf(RouteError)
      expect(thrownBy(() => binder.group('/more'))).to.be.instanceOf(RouteError)
    }
    expect(routes.routes()).to.have.length(count)
  })

  it('hands out what is bound as data that no later call changes', () => {
    const routes = bindAll()
    const before = routes.bindings
    routes.get('/later', () => {}).bindHookHandler('/*', 'BeforeServe', () => {})
    const frozen = routes.freeze()
    expect([before.routes.length, frozen.routes.length]).to.deep.equal([4, 5])
    expect([before.interceptors.length, frozen.interceptors.length]).to.deep.equal([1, 2])
    for (const part of [frozen, frozen.routes, frozen.webSockets, frozen.statics, frozen.interceptors])
      expect(part).to.be.frozen
  })

  it('says of each route, hook, middleware and status handler where it was bound', () => {
    const routes = bindAll()
      .bindHookHandler('/*', 'BeforeServe', function hook() {})
      .bindStatusHandler(404, function missing() {})
    const { interceptors, ...endpoints } = routes.freeze()
    const bound = [...Object.values(endpoints).flat(), ...interceptors]
    expect(bound).to.have.length(9)
    for (const { value } of bound) expect(value.origin.toString(), value.name).to.match(/routes\.test\.ts:\d+$/)
    expect(interceptors.map(({ value }) => value.name)).to.deep.equal(['guard', 'hook', 'missing'])
  })

  it('replaces a route bound twice under routeOverwrite alone', () => {
    const bind = (options?: RoutesOptions) => bindAll(options).get('/a/:name', function two() {})
    expect(thrownBy(() => bind())).to.be.instanceOf(DuplicateRouteError)
    expect(
      bind({ routeOverwrite: true })
        .routes()
        .filter(({ route }) => route.startsWith('/a/')),
    ).to.have.length(1)
  })

  it('warns once of a :name within a segment', () => {
    const routes = new Routes()
    routes.get('/a-:id', () => {}).post('/a-:id', () => {})
    routes.get('/at/12:30', () => {}).get('/:id/{x}:y', () => {})
    expect(routes.warnings).to.have.length(1)
    expect(routes.warnings[0]).to.match(/"\/a-:id" at .*routes\.test\.ts:\d+: .*"\{id\}"/)
  })
})

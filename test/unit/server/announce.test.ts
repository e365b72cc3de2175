import { expect } from 'chai'
import { Controller, Server } from 'tribind'
import { formatRoutes } from '../../../lib/server/announce.ts'

describe('server/announce', () => {
  it('is a table as wide as its widest cells, in the order of the routes', () => {
    class User extends Controller {
      show() {}
    }
    const server = new Server()
    server.bindController('/user', User)
    server.domain('a.example.com').get('/:id', function one() {})
    server.bindHookHandler('/*', 'BeforeServe', function guard() {})
    server.bindStatusHandler(404, function missing() {})
    server.use(function log(_request, next) {
      return next()
    })
    expect(formatRoutes(server.routes()).split('\n')).to.deep.equal([
      'METHOD | ROUTE      | DOMAIN        | HANDLER   | TYPE',
      '-------|------------|---------------|-----------|-----------------',
      'GET    | /:id       | a.example.com | one       | handler',
      'ALL    | /user/show |               | User.show | controller',
      'ALL    | /*         |               | guard     | hook BeforeServe',
      'ALL    | /*         |               | missing   | status 404',
      'ALL    | /*         |               | log       | middleware',
    ])
  })

  it('has a column for entry points where something is bound on one', () => {
    const server = new Server({ port: 0, entryPoints: { ops: '127.0.0.1:0' } })
    server.entryPoint('ops').get('/health', function health() {})
    server.get('/', function index() {})
    expect(formatRoutes(server.routes()).split('\n')).to.deep.equal([
      'METHOD | ROUTE   | DOMAIN | HANDLER | TYPE    | ENTRY POINT',
      '-------|---------|--------|---------|---------|------------',
      'GET    | /health |        | health  | handler | ops',
      'GET    | /       |        | index   | handler |',
    ])
  })

  it('has a head alone where nothing is registered', () => {
    expect(formatRoutes([]).split('\n')).to.have.length(2)
  })
})

import { expect } from 'chai'
import { Controller, type Server } from 'tribind'
import { rejected, sendToPort, thrownBy, until } from './both-ways.ts'
import { ask, create, local, portAt, start, stopAll } from './entry-point-world.ts'
import { connect } from './websocket-client.ts'

const entryPoints = { web: local, ops: local }

const inject = async (server: Server, entryPoint: string, url = '/') =>
  (await server.inject({ entryPoint, url })).text()

describe('what is bound on an entry point', () => {
  afterEach(stopAll)

  it('serves there only', async () => {
    const server = await start({ port: 0, entryPoints }, (s) => s.entryPoint('ops').get('/health', () => 'well'))
    expect(await ask(server, 'ops', '/health')).to.equal('well')
    expect(await ask(server, 'web', '/health')).to.equal('Not Found')
    expect(await ask(server, 'default', '/health')).to.equal('Not Found')
    expect([await inject(server, 'ops', '/health'), await inject(server, 'web', '/health')]).to.deep.equal([
      'well',
      'Not Found',
    ])
    expect((await server.inject('/health')).status).to.equal(404)
  })

  it('serves before what is bound on the server with the same method, domain and route', async () => {
    const server = await start({ entryPoints }, (s) => {
      s.entryPoint('ops').get('/x/:id', () => 'ops')
      s.get('/x/:name', () => 'server')
      s.domain('127.0.0.1').get('/y', () => 'server')
      s.entryPoint('ops')
        .domain('127.0.0.1')
        .get('/y', () => 'ops')
    })
    for (const url of ['/x/1', '/y'])
      expect([await ask(server, 'ops', url), await ask(server, 'web', url)], url).to.deep.equal(['ops', 'server'])
  })

  it('stands behind a more specific route of the server', async () => {
    const server = await start({ entryPoints }, (s) => {
      s.entryPoint('ops').get('/x/:id', () => 'ops')
      s.get('/x/1', () => 'server')
    })
    expect([await ask(server, 'ops', '/x/1'), await ask(server, 'ops', '/x/2')]).to.deep.equal(['server', 'ops'])
  })

  it('may be bound twice under different entry points, and not under the same', () => {
    const server = create({ entryPoints })
    server.entryPoint('web').get('/', () => 'web')
    server.entryPoint('ops').get('/', () => 'ops')
    server.get('/', () => 'server')
    expect(thrownBy(() => server.entryPoint('web').get('/', () => 'again'))).to.include({ name: 'DuplicateRouteError' })
  })

  it('may be anything that is bound on the server', async () => {
    class Pages extends Controller {
      show() {
        this.response.write('page')
      }
    }
    const server = await start({ entryPoints }, (s) => {
      const ops = s.entryPoint('ops')
      ops.bindController('/pages', Pages)
      ops.bindObject('/object', {
        show: ({ response }: { response: { write(text: string): void } }) => response.write('object'),
      })
      ops.group('/group', (group) => group.get('/x', () => 'grouped'))
      ops.domain('127.0.0.1').get('/domain', () => 'of a domain')
      ops.serveStatic('/folder', 'test/tls')
      ops.use((request, next) => {
        request.response.setHeader('x-middleware', 'ops')
        return next()
      })
      ops.bindHookHandler('/*', 'BeforeServe', ({ response }) => {
        response.setHeader('x-hook', 'ops')
      })
      ops.bindStatusHandler(404, ({ response }) => {
        response.writeOver('nothing here')
      })
      ops.bindWebSocket('/socket', (socket) => {
        socket.send('hello')
      })
      s.get('/', () => 'server')
    })
    const paths = ['/pages/show', '/object/show', '/group/x', '/domain', '/missing']
    const texts = await Promise.all(paths.map((path) => ask(server, 'ops', path)))
    expect(texts).to.deep.equal(['page', 'object', 'grouped', 'of a domain', 'nothing here'])
    expect(await ask(server, 'ops', '/folder/cert.pem')).to.include('BEGIN CERTIFICATE')
    for (const path of [...paths, '/folder/cert.pem'])
      expect(await ask(server, 'web', path), path).to.equal('Not Found')
    for (const name of ['ops', 'web']) {
      const { header } = await sendToPort(portAt(server, name))('/')
      const expected = name === 'ops' ? 'ops' : undefined
      expect([header('x-middleware'), header('x-hook')], name).to.deep.equal([expected, expected])
    }
    const client = await connect(portAt(server, 'ops'), '/socket')
    await until(() => client.messages.length > 0, 'it has a message')
    client.socket.terminate()
    await rejected(connect(portAt(server, 'web'), '/socket'))
  })

  it('is listed by routes() with its name', () => {
    const server = create({ entryPoints })
    server.entryPoint('ops').get('/health', function health() {})
    server.get('/', function index() {})
    const listed = server.routes().map(({ name, entryPoint }) => [name, entryPoint])
    expect(listed).to.have.deep.members([
      ['health', 'ops'],
      ['index', undefined],
    ])
  })

  it('is a RouteError after the start', async () => {
    const server = await start({ entryPoints })
    expect(thrownBy(() => server.entryPoint('ops').get('/', () => ''))).to.include({ name: 'RouteError' })
  })

  it('serves again where it is closed and opened', async () => {
    const server = await start({ entryPoints }, (s) => s.entryPoint('ops').get('/health', () => 'well'))
    await server.closeEntryPoint('ops')
    await server.openEntryPoint('ops', local)
    expect(await ask(server, 'ops', '/health')).to.equal('well')
    await server.replaceEntryPoint('ops', String(server.entryPoint('ops').addresses[0]))
    expect(await ask(server, 'ops', '/health')).to.equal('well')
  })

  it('is served in process as at default, without a name', async () => {
    const server = create({ port: 0, entryPoints })
    server.entryPoint('default').get('/', () => 'default')
    server.get('/', () => 'server')
    expect((await server.inject('/')).text()).to.equal('default')
    expect(await inject(server, 'web')).to.equal('server')
  })
})

describe('inherits: false', () => {
  afterEach(stopAll)

  const options = { port: 0, entryPoints: { ops: { address: local, inherits: false } } }

  it('leaves what is bound on the server out: routes, hooks, middleware and status handlers', async () => {
    const server = await start(options, (s) => {
      s.get('/', () => 'server')
      s.use((request, next) => {
        request.response.setHeader('x-middleware', 'server')
        return next()
      })
      s.bindStatusHandler(404, ({ response }) => {
        response.writeOver('nothing here')
      })
      s.entryPoint('ops').get('/health', () => 'well')
    })
    expect([await ask(server, 'ops'), await ask(server, 'ops', '/health')]).to.deep.equal(['Not Found', 'well'])
    expect((await sendToPort(portAt(server, 'ops'))('/')).header('x-middleware')).to.equal(undefined)
    expect([await ask(server, 'default'), await ask(server, 'default', '/health')]).to.deep.equal([
      'server',
      'nothing here',
    ])
    expect(await inject(server, 'ops')).to.equal('Not Found')
  })

  it('may change with a replacement, also for requests in process', async () => {
    const server = await start(options, (s) => s.get('/', () => 'server'))
    expect([await ask(server, 'ops'), await inject(server, 'ops')]).to.deep.equal(['Not Found', 'Not Found'])
    const [address] = server.entryPoint('ops').addresses
    await server.replaceEntryPoint('ops', String(address))
    expect([await ask(server, 'ops'), await inject(server, 'ops')]).to.deep.equal(['server', 'server'])
  })
})

describe('a layer that is replaced', () => {
  afterEach(stopAll)

  it('serves at once at entry points that were opened before and after', async () => {
    const server = await start({ entryPoints: { web: local } })
    await server.openEntryPoint('ops', local)
    const replace = (text: string) =>
      server.layer('shop').replace((routes) => {
        routes.get('/', () => text)
        routes.entryPoint('ops').get('/ops', () => text)
      })
    await replace('first')
    await server.openEntryPoint('late', local)
    const [web] = server.entryPoint('web').addresses
    await server.replaceEntryPoint('web', String(web))
    for (const name of ['web', 'ops', 'late']) expect(await ask(server, name), name).to.equal('first')
    await replace('second')
    for (const name of ['web', 'ops', 'late']) expect(await ask(server, name), name).to.equal('second')
    expect([await ask(server, 'ops', '/ops'), await ask(server, 'web', '/ops')]).to.deep.equal(['second', 'Not Found'])
  })

  it('is a ConfigError where it binds on an entry point that does not exist', async () => {
    const server = await start({ entryPoints: { web: local } })
    const replaced = server.layer('shop').replace((routes) => {
      routes.entryPoint('missing').get('/', () => '')
    })
    expect(await rejected(replaced)).to.include({ name: 'ConfigError' })
  })
})

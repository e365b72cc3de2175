import { expect } from 'chai'
import type { Server } from 'tribind'
import { markHttpHandler } from '../../../lib/kit.ts'
import { type Entry, rejected, sendToPort } from '../../feature/both-ways.ts'
import { ask, create, local, portAt, start, stopAll } from '../../feature/entry-point-world.ts'
import { connect } from '../../feature/websocket-client.ts'

const tell = () => markHttpHandler(({ method, path }: { method: string; path: string }) => `${method} ${path}`)

describe('the handler of an entry point: one of requests', () => {
  afterEach(stopAll)

  const serve = (register: (server: Server) => unknown = () => {}) =>
    start({ entryPoints: { web: { address: local, handler: tell() }, plain: local } }, register)

  it('serves every path and method in place of the routes', async () => {
    const server = await serve((server) => {
      server.get('/', () => 'by route')
      server.bindHandler('/a', () => 'by route')
      server.serveStatic('/static', 'docs')
    })
    for (const path of ['/', '/a', '/a/b', '/static/README.md']) {
      expect(await ask(server, 'web', path)).to.equal(`GET ${path}`)
    }
    const send = sendToPort(portAt(server, 'web'))
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'PROPFIND'])
      expect((await send({ method, url: '/a' })).text).to.equal(`${method} /a`)
    expect(await ask(server, 'plain', '/a')).to.equal('by route')
  })

  it('is acted on by hooks, middleware and status handlers of the server and of the entry point', async () => {
    const seen: string[] = []
    const server = await serve((server) => {
      server.bindHookHandler('/*', 'BeforeServe', () => void seen.push('hook'))
      server.use((_request, next) => {
        seen.push('middleware')
        return next()
      })
      server.entryPoint('web').bindHookHandler('/a/*', 'BeforeServe', ({ response }) => {
        seen.push('own')
        response.writeStatus(418)
      })
      server.bindStatusHandler(418, ({ response }) => {
        response.write('teapot')
      })
    })
    await ask(server, 'web', '/b')
    expect(seen.splice(0)).to.deep.equal(['hook', 'middleware'])
    expect(await ask(server, 'web', '/a/b')).to.contain('teapot')
    expect(seen).to.include('own')
  })

  it('goes on when routes are replaced, and serves what is injected there', async () => {
    const server = await serve()
    await server.layer('shop').replace((routes) => void routes.get('/cart', () => 'by layer'))
    expect(await ask(server, 'web', '/cart')).to.equal('GET /cart')
    expect(await ask(server, 'plain', '/cart')).to.equal('by layer')
    expect((await server.inject({ url: '/cart', entryPoint: 'web' })).text()).to.equal('GET /cart')
    expect((await server.inject({ url: '/cart', entryPoint: 'plain' })).text()).to.equal('by layer')
  })

  it('leaves no WebSocket of the routes open', async () => {
    const server = await serve((server) => server.bindWebSocket('/ws', (socket) => socket.close()))
    const error = await rejected(connect(portAt(server, 'web'), '/ws'))
    expect(error.message).to.equal('Unexpected server response: 200')
  })

  it('takes turns with routes at the same address', async () => {
    const server = await serve((server) => server.get('/', () => 'by route'))
    const [address = ''] = server.entryPoint('web').addresses
    await server.replaceEntryPoint('web', address)
    expect(await ask(server, 'web')).to.equal('by route')
    expect((await server.inject({ url: '/', entryPoint: 'web' })).text()).to.equal('by route')
    await server.replaceEntryPoint('web', { address, handler: tell() })
    expect(await ask(server, 'web')).to.equal('GET /')
    expect((await server.inject({ url: '/', entryPoint: 'web' })).text()).to.equal('GET /')
  })

  it('tells which routes have no effect, and hooks have', async () => {
    const log: Entry[] = []
    const server = create({ entryPoints: { web: { address: local, handler: tell(), keepAliveTimeout: '1s' } } }, log)
    server.entryPoint('web').use((_request, next) => next())
    await server.start()
    expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([])
    const other = create({ entryPoints: { web: { address: local, handler: tell() } } }, log)
    other.entryPoint('web').get('/', () => '')
    await other.start()
    expect(log.filter(({ level }) => level === 'warn')).to.have.length(1)
  })
})

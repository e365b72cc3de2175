import { expect } from 'chai'
import { Server } from 'tribind'
import { bothWays, collectingLogger } from './both-ways.ts'

describe('layers: everything is layered', () => {
  bothWays(
    'hooks and middleware of a layer act on all requests that match, whatever layer serves them',
    (server) => server.get('/a', () => 'code'),
    async (send, _world, { server }) => {
      await server.layer('routes').replace((routes) => routes.get('/b', () => 'layer'))
      await server.layer('guards').replace((routes) => {
        routes.bindHookHandler('/*', 'BeforeServe', (request) => request.response.write('hook '))
        routes.bindMiddleware('PUT:/b', () => 'put')
        routes.bindMiddleware('/b', async (request, next) => {
          request.response.write('middleware ')
          await next()
        })
      })
      const texts = async () => Promise.all(['/a', '/b'].map(async (url) => (await send(url)).text))
      expect(await texts()).to.deep.equal(['hook code', 'hook middleware layer'])
      expect((await send({ url: '/b', method: 'PUT' })).text).to.equal('hook put')
      await server.layer('guards').remove()
      expect(await texts()).to.deep.equal(['code', 'layer'])
    },
  )

  bothWays(
    'also static folders and status handlers',
    (server) => server.bindStatusHandler(404, (request) => request.response.write(' code')),
    async (send, _world, { server }) => {
      await server.layer('x').replace((routes) => {
        routes.serveStatic('/files', import.meta.dirname)
        routes.bindStatusHandler(404, (request) => request.response.write(' layer'))
      })
      expect((await send('/files/answer.ts')).status).to.equal(200)
      expect((await send('/nowhere')).text).to.equal(' code layer')
      await server.layer('x').remove()
      expect((await send('/files/answer.ts')).text).to.equal(' code')
    },
  )

  bothWays(
    'the most specific route serves, HEAD as GET, 405 and preflights count over all layers',
    (server) => server.get('/a/:id', () => 'code'),
    async (send, _world, { server }) => {
      await server.layer('x').replace((routes) => {
        routes.post('/a/:id', () => 'post')
        routes.get('/a/b', () => 'specific')
        routes.group('/a', (group) => {
          group.put('/:id', () => 'put')
          group.use((request, next) => {
            if (request.method === 'OPTIONS') return request.response.writeStatus(204)
            return next()
          })
        })
      })
      expect([(await send('/a/b')).text, (await send('/a/c')).text]).to.deep.equal(['specific', 'code'])
      expect((await send({ url: '/a/c', method: 'HEAD' })).status).to.equal(200)
      const refused = await send({ url: '/a/c', method: 'DELETE' })
      expect([refused.status, refused.header('allow')]).to.deep.equal([405, 'GET, PUT, POST, HEAD'])
      const headers = { 'access-control-request-method': 'PUT' }
      expect((await send({ url: '/a/c', method: 'OPTIONS', headers })).status).to.equal(204)
      await server.layer('x').remove()
      expect((await send({ url: '/a/c', method: 'DELETE' })).header('allow')).to.equal('GET, HEAD')
    },
    { methodNotAllowed: true },
  )

  bothWays(
    'domains of all layers count under strictDomains',
    (server) => server.get('/', () => 'any'),
    async (send, _world, { server }) => {
      const at = async (host: string) => (await send({ url: '/', headers: { host } })).text
      expect(await at('a.example')).to.equal('any')
      await server.layer('x').replace((routes) => routes.get('/other@a.example,*.b.example', () => 'layer'))
      expect([await at('a.example'), await at('x.b.example'), await at('c.example')]).to.deep.equal([
        'Not Found',
        'Not Found',
        'any',
      ])
      await server.layer('x').remove()
      expect(await at('a.example')).to.equal('any')
    },
    { strictDomains: true },
  )

  it('and what is bound on an entry point serves there only, before what is bound on the server', async () => {
    const server = new Server({ entryPoints: { web: '127.0.0.1:0', ops: '127.0.0.1:0' }, logger: collectingLogger() })
    server.get('/x', () => 'server')
    await server.start()
    const text = async (index: number, url: string) => (await fetch(`http://${server.addresses[index]}${url}`)).text()
    const all = () => Promise.all([text(0, '/x'), text(1, '/x'), text(1, '/y'), text(0, '/y')])
    await server.layer('layer').replace((routes) => {
      routes.entryPoint('ops').get('/x', () => 'ops')
      routes.entryPoint('ops').get('/y', () => 'y')
    })
    expect(await all()).to.deep.equal(['server', 'ops', 'y', 'Not Found'])
    expect((await server.inject({ url: '/x', entryPoint: 'ops' })).text()).to.equal('ops')
    expect(
      server
        .layer('layer')
        .routes()
        .map(({ entryPoint }) => entryPoint),
    ).to.deep.equal(['ops', 'ops'])
    await server.layer('layer').remove()
    expect(await all()).to.deep.equal(['server', 'server', 'Not Found', 'Not Found'])
    await server.stop()
  })
})

import { expect } from 'chai'
import { addPrefix, ConfigError, type Middleware, replacePath, Server, stripPrefix } from 'tribind'
import { forward } from 'tribind/forward'
import { closeAfterEach, openFront, openNode } from '../forward/forward-world.ts'
import { bothWays, callUntyped, thrownBy } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('addPrefix, stripPrefix and replacePath', () => {
  closeAfterEach()
  const folder = temporaryFolder({ 'a.txt': 'a', 'sub/b.txt': 'b', 'sub/index.html': 'index' })

  bothWays(
    'change the path that is seen inside, and nothing else',
    (server) => {
      const outside: string[] = []
      const outer: Middleware = async (request, next) => {
        await next()
        outside.push(request.path)
      }
      const chains = {
        added: [addPrefix('/v2/')],
        stripped: [stripPrefix('/stripped/in')],
        replaced: [replacePath('/else/%78')],
        both: [stripPrefix('/both'), outer, addPrefix('/v1'), addPrefix('/v0')],
      }
      for (const [name, chain] of Object.entries(chains)) {
        server.group(`/${name}`, (group) => {
          group.use(outer, ...chain)
          group.get('/*rest', ({ path, route, params, url, response }) => {
            response.writeJson({ path, route, rest: params['rest'], url })
          })
        })
      }
      return outside
    },
    async (send, outside, { log }) => {
      const seen = async (url: string) => (await send(url)).json()
      const told = (path: string, url: string, rest: string) => ({
        path,
        url,
        rest,
        route: `/${url.split('/')[1]}/*rest`,
      })
      expect(await seen('/added/a%20b?q=1')).to.deep.equal(told('/v2/added/a b', '/added/a%20b?q=1', 'a b'))
      expect(await seen('/stripped/in/x/')).to.deep.equal(told('/x', '/stripped/in/x/', 'in/x'))
      expect(await seen('/stripped/in')).to.deep.equal(told('/', '/stripped/in', 'in'))
      expect(await seen('/stripped/%69n//x')).to.deep.equal(told('/x', '/stripped/%69n//x', 'in/x'))
      expect(await seen('/stripped/inner/x')).to.deep.equal(told('/stripped/inner/x', '/stripped/inner/x', 'inner/x'))
      expect(await seen('/replaced/x?q')).to.deep.equal(told('/else/x', '/replaced/x?q', 'x'))
      outside.length = 0
      expect(await seen('/both/x')).to.deep.equal(told('/v0/v1/x', '/both/x', 'x'))
      expect(outside).to.deep.equal(['/x', '/both/x'])
      await send('/both/y')
      expect(log.map(({ message }) => message).at(-1)).to.equal('GET /both/y 200')
    },
    { accessLog: true },
  )

  it('change what a node is asked for, and the prefix it is told of, which no client can set', async () => {
    const node = await openNode()
    const front = await openFront(node.url, { trustProxy: '127.0.0.2' }, (server, handler) => {
      server.group('/s', (group) => void group.use(stripPrefix('/s')).bindHandler('/*', handler))
      server.group('/t', (group) => {
        group.use(stripPrefix('/t'), stripPrefix('/u%20v'), addPrefix('/w')).bindHandler('/*', handler)
      })
      server.group('/r', (group) => void group.use(replacePath('/one')).bindHandler('/*', handler))
      server.bindHandler('/*', handler)
    })
    const asked = async (path: string) => {
      await front.exchange(`GET ${path} HTTP/1.1\r\nX-Forwarded-Prefix: /evil\r\nx_forwarded_prefix: /evil`)
      const { url, headers } = node.asked.at(-1) ?? expect.fail('it was not asked')
      return [url, headers['x-forwarded-prefix'], headers['x_forwarded_prefix']]
    }
    expect(await asked('/s/%61?q=/s')).to.deep.equal(['/%61?q=/s', '/s', undefined])
    expect(await asked('/s')).to.deep.equal(['/', '/s', undefined])
    expect(await asked('//s//evil.test/x')).to.deep.equal(['/evil.test/x', '/s', undefined])
    expect(await asked('/t/u%20v/x')).to.deep.equal(['/w/x', '/t, /u%20v', undefined])
    expect(await asked('/r/x?y')).to.deep.equal(['/one?y', undefined, undefined])
    expect(await asked('/plain')).to.deep.equal(['/plain', undefined, undefined])
    expect((await front.get('/s/..%2fx')).status, 'forward checks what it asks for').to.equal(400)
  })

  it('join the prefix of a trusted proxy', async () => {
    const node = await openNode()
    const front = await openFront(node.url, { trustProxy: true }, (server, handler) => {
      server.use(stripPrefix('/s')).bindHandler('/*', handler)
    })
    await front.exchange('GET /s/x HTTP/1.1\r\nX-Forwarded-Prefix: /outer')
    expect(node.asked[0]?.headers['x-forwarded-prefix']).to.equal('/outer, /s')
  })

  it('leave a target of * as it is', async () => {
    const node = await openNode()
    const front = await openFront(node.url, {}, (server, handler) => {
      server.use(addPrefix('/a'), stripPrefix('/b')).bindHandler('/*', handler)
    })
    await front.exchange('OPTIONS * HTTP/1.1')
    expect(node.asked[0]?.url).to.equal('*')
  })

  it('say which file of a folder is served', async () => {
    const server = new Server()
    server.serveStatic('/files', folder)
    server.bindMiddleware('/files/one', replacePath('/files/a.txt'))
    server.bindMiddleware('/files/deep/*', stripPrefix('/files/deep'))
    server.bindMiddleware('/files/up/*', stripPrefix('/files/up'), addPrefix('/sub'))
    const text = async (url: string) => (await server.inject({ url })).text()
    expect(await text('/files/one')).to.equal('a')
    expect(await text('/files/deep/sub/b.txt')).to.equal('b')
    expect(await text('/files/up/b.txt')).to.equal('b')
    expect(await text('/files/a.txt')).to.equal('a')
    const redirected = await server.inject({ url: '/files/deep/sub' })
    expect([redirected.status, redirected.headers['location']]).to.deep.equal([301, './sub/'])
    expect(await text('/files/deep/sub/')).to.equal('index')
  })

  it('hold through inject, and for a group', async () => {
    const node = await openNode()
    const server = new Server()
    server.group('/api', (api) => void api.use(stripPrefix('/api')).bindHandler('/*', forward(node.url)))
    expect((await server.inject({ url: '/api/x' })).text()).to.equal('ok')
    expect(node.asked[0]?.url).to.equal('/x')
    await server.stop()
  })

  it('take a path alone', () => {
    const makers = { addPrefix, stripPrefix, replacePath }
    const bad = [undefined, '', 'a', '/a?b', '/a#b', '/a/../b', '/%2e%2e/b', '/a\\b', '/\0', '/a b', '/%', 7, '/é']
    for (const name of ['addPrefix', 'stripPrefix', 'replacePath'] as const) {
      for (const path of bad) {
        const error = thrownBy(() => callUntyped(makers, name, path))
        expect(error, String(path)).to.be.instanceOf(ConfigError)
        expect(error.message).to.match(new RegExp(`^${name}: option "(prefix|path)"`))
      }
    }
    for (const name of ['addPrefix', 'stripPrefix'] as const)
      expect(thrownBy(() => callUntyped(makers, name, '/')).message).to.include('other than "/"')
    replacePath('/')
  })
})

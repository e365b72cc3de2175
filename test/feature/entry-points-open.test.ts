import { once } from 'node:events'
import http2 from 'node:http2'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { rejected, sendToPort, until } from './both-ways.ts'
import { ask, create, local, portAt, start, stopAll } from './entry-point-world.ts'
import { cert, files } from './key-pair.ts'

const hello = (server: Server) => server.get('/', () => 'hello')

describe('openEntryPoint', () => {
  afterEach(stopAll)

  it('resolves when it listens and serves', async () => {
    const server = await start({ port: 0 }, hello)
    await server.openEntryPoint('ops', { address: local, labels: { zone: 'a' } })
    expect(await ask(server, 'ops')).to.equal('hello')
    expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['default', 'ops'])
    expect(server.addresses).to.deep.equal(['default', 'ops'].flatMap((name) => server.entryPoint(name).addresses))
    expect(server.entryPoint('ops').status()).to.deep.include({ state: 'ready', labels: { zone: 'a' } })
    expect((await server.inject({ entryPoint: 'ops' })).text()).to.equal('hello')
  })

  it('opens TLS and HTTP/2', async () => {
    const server = await start({ port: 0 }, hello)
    await server.openEntryPoint('secure', { address: local, https: files, http2: true })
    const session = http2.connect(`https://127.0.0.1:${portAt(server, 'secure')}`, { ca: cert })
    const stream = session.request({ ':path': '/' })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).to.equal(200)
    session.destroy()
  })

  it('takes the limits of the server', async () => {
    const server = await start({ port: 0, maxHeaderSize: 2000 }, hello)
    await server.openEntryPoint('ops', local)
    expect(server.entryPoint('ops').options).to.include({ maxHeaderSize: 2000 })
    const answer = await sendToPort(portAt(server, 'ops'))({ url: '/', headers: { 'x-long': 'x'.repeat(4000) } })
    expect(answer.status).to.equal(431)
  })

  for (const [what, name, options, error] of [
    ['a name that is open already', 'web', local, 'ConfigError'],
    ['an option that is not known', 'ops', { address: local, prot: 1 }, 'ConfigError'],
    ['a bad address', 'ops', 'a b', 'ConfigError'],
    ['nothing', 'ops', undefined, 'ConfigError'],
    ['no name', '', local, 'ConfigError'],
    ['a name that is no text', 5 as never, local, 'ConfigError'],
    [
      'a certificate that is missing',
      'ops',
      { address: local, https: { key: '/missing', cert: '/missing' } },
      'ConfigError',
    ],
    ['an address that the machine has not', 'ops', '192.0.2.1:0', 'ListenError'],
    ['one such address of two', 'ops', `${local}, 192.0.2.1:0`, 'ListenError'],
  ] as const) {
    it(`changes nothing where it is refused: ${what}`, async () => {
      const server = await start({ entryPoints: { web: local } }, hello)
      const state = () => [server.addresses, server.entryPoints().map((one) => [one.name, one.status(), one.options])]
      const before = state()
      const count = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles().length
      expect(await rejected(server.openEntryPoint(name, options as never))).to.include({ name: error })
      expect(state()).to.deep.equal(before)
      expect(await ask(server, 'web')).to.equal('hello')
      await until(
        () => (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles().length <= count,
        'nothing else is open',
      )
    })
  }

  it('changes nothing where the address is in use, and can be tried again', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const [taken] = server.addresses
    expect(await rejected(server.openEntryPoint('ops', String(taken)))).to.include({ name: 'ListenError' })
    expect(() => server.entryPoint('ops')).to.throw('there is no entry point "ops"')
    await server.openEntryPoint('ops', local)
    expect(await ask(server, 'ops')).to.equal('hello')
  })

  it('is a StateError before the start, while it starts and after the stop', async () => {
    const server = create({ port: 0 })
    const all = async () => {
      for (const call of [
        server.openEntryPoint('ops', local),
        server.closeEntryPoint('default'),
        server.replaceEntryPoint('default', local),
      ])
        expect(await rejected(call)).to.include({ name: 'StateError' })
    }
    await all()
    const starting = server.start()
    await all()
    await starting
    await server.stop()
    await all()
  })

  it('may be called in a startup hook, and in a handler', async () => {
    const server = create({ port: 0 })
    server.registerStartupHook((s) => s.openEntryPoint('hook', local))
    server.get('/open', async () => {
      await server.openEntryPoint('handler', local)
      return 'open'
    })
    hello(server)
    await server.start()
    expect(await ask(server, 'default', '/open')).to.equal('open')
    expect([await ask(server, 'hook'), await ask(server, 'handler')]).to.deep.equal(['hello', 'hello'])
  })

  it('calls for one name run one after another, those for others beside them', async () => {
    const server = await start({ port: 0 }, hello)
    const outcomes = await Promise.allSettled([
      server.openEntryPoint('ops', local),
      server.openEntryPoint('ops', local),
      server.closeEntryPoint('ops'),
      server.openEntryPoint('ops', local),
      server.replaceEntryPoint('ops', local),
      server.openEntryPoint('web', local),
    ])
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect([await ask(server, 'ops'), await ask(server, 'web')]).to.deep.equal(['hello', 'hello'])
  })

  it('rejects where the server is stopped meanwhile, and leaves nothing open', async () => {
    const server = await start({ port: 0 }, hello)
    const opening = server.openEntryPoint('ops', local)
    const stopping = server.stop()
    expect(await rejected(opening)).to.include({ name: 'StateError', failure: 'ERR_TRIBIND_SERVER_STOPPED' })
    await stopping
    expect(() => server.entryPoint('ops')).to.throw('there is no entry point "ops"')
  })
})

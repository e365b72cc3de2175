import { expect } from 'chai'
import type { Server } from 'tribind'
import { gate, openRaw, rejected, sendToPort, until } from './both-ways.ts'
import { ask, local, messages, portAt, start, stopAll } from './entry-point-world.ts'
import { keepConnecting } from './keep-connecting.ts'
import { files } from './key-pair.ts'

const hello = (server: Server) => server.get('/', () => 'hello')

/** The address of an entry point, as it is bound. */
const addressOf = (server: Server, name: string) => String(server.entryPoint(name).addresses[0])

describe('replaceEntryPoint', () => {
  afterEach(stopAll)

  it('serves at another address, and then no more at the one before', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, hello)
    const before = portAt(server, 'web')
    await server.replaceEntryPoint('web', { address: local, labels: { zone: 'b' } })
    expect(portAt(server, 'web')).to.not.equal(before)
    expect([await ask(server, 'web'), await ask(server, 'ops')]).to.deep.equal(['hello', 'hello'])
    expect(await rejected(sendToPort(before)('/'))).to.include({ code: 'ECONNREFUSED' })
    expect(server.entryPoint('web').labels).to.deep.equal({ zone: 'b' })
    expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['web', 'ops'])
  })

  it('opens the other address before the one before is closed', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const client = keepConnecting(portAt(server, 'web'))
    await until(() => client.answered() > 0, 'it is answered')
    expect(await rejected(server.replaceEntryPoint('web', '192.0.2.1:0'))).to.include({ name: 'ListenError' })
    expect(await client.end()).to.deep.equal([])
  })

  it('takes a new port for port 0', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const before = portAt(server, 'web')
    await server.replaceEntryPoint('web', local)
    expect(portAt(server, 'web')).to.not.equal(before)
  })

  it('lets requests under way end as they began, at another address and at the same', async () => {
    for (const isSame of [false, true]) {
      const [entered, go] = [gate(), gate()]
      const server = await start({ entryPoints: { web: local } }, (s) =>
        s.get('/', async ({ response }) => {
          response.write('begun, ')
          entered.open()
          await go.opened
          return 'late'
        }),
      )
      const answer = sendToPort(portAt(server, 'web'))('/')
      await entered.opened
      await server.replaceEntryPoint('web', isSame ? addressOf(server, 'web') : local)
      go.open()
      expect((await answer).text, String(isSame)).to.equal('begun, late')
    }
  })

  it('ends event streams, and cuts what is left after stopTimeout, where an address is given up', async () => {
    const server = await start({ stopTimeout: 100, entryPoints: { web: local } }, (s) =>
      s
        .get('/', ({ response }) => {
          void response.sse().send({ data: 'begun' })
        })
        .get('/never', () => new Promise(() => {})),
    )
    const open = (path: string) => openRaw(portAt(server, 'web'), `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const [stream, never] = [await open('/'), await open('/never')]
    await until(() => stream.received().includes('begun'), 'it has begun')
    await server.replaceEntryPoint('web', local)
    await Promise.all([stream.closed, never.closed])
    const again = await open('/')
    await until(() => again.received().includes('begun'), 'it has begun')
    again.socket.destroy()
  })

  it('tells that it is ready where it listens now', async () => {
    const server = await start({ entryPoints: { web: local } })
    const [first] = server.entryPoint('web').addresses
    await server.replaceEntryPoint('web', local)
    expect(messages(server, 'web')).to.deep.equal([
      'service web is running',
      'service web is ready',
      `service web is listening on ${first}`,
      `service web is listening on ${addressOf(server, 'web')}`,
    ])
  })

  for (const [what, name, options, error] of [
    ['an unknown name', 'missing', local, 'ConfigError'],
    ['one that is closed', 'ops', local, 'ConfigError'],
    ['an unknown option', 'web', { address: local, prot: 1 }, 'ConfigError'],
    ['a bad certificate', 'web', { address: local, https: { key: files.key, cert: files.key } }, 'ConfigError'],
    ['an address that the machine has not', 'web', `${local}, 192.0.2.1:0`, 'ListenError'],
  ] as const) {
    it(`changes nothing where it is refused: ${what}`, async () => {
      const server = await start({ entryPoints: { web: local, ops: local } }, hello)
      await server.closeEntryPoint('ops')
      const state = () => [server.addresses, server.entryPoints().map((one) => [one.name, one.status(), one.options])]
      const before = state()
      expect(await rejected(server.replaceEntryPoint(name, options as never))).to.include({ name: error })
      expect(state()).to.deep.equal(before)
      expect(await ask(server, 'web')).to.equal('hello')
    })
  }

  it('changes nothing at the same address either where the certificate is bad, or another address is in use', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, hello)
    const [web, ops] = [addressOf(server, 'web'), addressOf(server, 'ops')]
    const https = { key: '/missing', cert: '/missing' }
    expect(await rejected(server.replaceEntryPoint('web', { address: web, https }))).to.include({ name: 'ConfigError' })
    expect(await rejected(server.replaceEntryPoint('web', `${web}, ${ops}`))).to.include({ name: 'ListenError' })
    expect([await ask(server, 'web'), await ask(server, 'ops')]).to.deep.equal(['hello', 'hello'])
  })

  it('rejects where the server is stopped meanwhile', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const replacing = server.replaceEntryPoint('web', addressOf(server, 'web'))
    const stopping = server.stop()
    expect(await rejected(replacing)).to.include({ name: 'StateError', failure: 'ERR_TRIBIND_SERVER_STOPPED' })
    await stopping
  })
})

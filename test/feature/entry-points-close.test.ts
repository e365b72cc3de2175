import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { type Entry, gate, openRaw, rejected, sendToPort, until } from './both-ways.ts'
import { ask, create, local, messages, portAt, start, stopAll } from './entry-point-world.ts'
import { askKeepingAlive } from './keep-alive.ts'
import { cert, files } from './key-pair.ts'

const hello = (server: Server) => server.get('/', () => 'hello')

/** Whether a client is refused at a port. */
async function isRefused(port: number): Promise<boolean> {
  return ((await rejected(sendToPort(port)('/'))) as NodeJS.ErrnoException).code === 'ECONNREFUSED'
}

describe('closeEntryPoint', () => {
  afterEach(stopAll)

  it('takes no more connections there, and leaves all others alone', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, hello)
    const port = portAt(server, 'ops')
    expect(await server.closeEntryPoint('ops')).to.deep.equal({ cut: 0 })
    expect(await isRefused(port)).to.equal(true)
    expect(await ask(server, 'web')).to.equal('hello')
    expect(server.addresses).to.deep.equal(server.entryPoint('web').addresses)
    expect([server.entryPoint('ops').addresses, server.state]).to.deep.equal([[], 'ready'])
    expect(messages(server, 'ops').at(-1)).to.equal('service ops is closed')
  })

  it('leaves kept connections of others open, and their requests under way', async () => {
    const go = gate()
    const server = await start({ entryPoints: { web: local, ops: local } }, (s) => {
      hello(s).get('/slow', () => go.opened.then(() => 'late'))
    })
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const get = (url: string) =>
      new Promise<http.IncomingMessage>((resolve, reject) => {
        http.get({ agent, port: portAt(server, 'web'), host: '127.0.0.1', path: url }, resolve).on('error', reject)
      })
    const slow = get('/slow')
    await server.closeEntryPoint('ops')
    go.open()
    const response = await slow
    expect([response.statusCode, response.headers.connection]).to.deep.equal([200, 'keep-alive'])
    agent.destroy()
  })

  it('lets its requests finish, which end their connections', async () => {
    const [entered, go] = [gate(), gate()]
    const server = await start({ entryPoints: { web: local, ops: local } }, (s) =>
      s.get('/', async () => {
        entered.open()
        await go.opened
        return 'late'
      }),
    )
    const answer = askKeepingAlive(portAt(server, 'ops'), [{ url: '/' }])
    await entered.opened
    const closing = server.closeEntryPoint('ops')
    expect(server.entryPoint('ops').status().state).to.equal('ready')
    go.open()
    const [{ body, headers } = { body: '', headers: {} }] = await answer
    expect([String(body), headers.connection]).to.deep.equal(['late', 'close'])
    expect(await closing).to.deep.equal({ cut: 0 })
  })

  it('ends HTTP/2 with GOAWAY once the last stream is over', async () => {
    const [entered, go] = [gate(), gate()]
    const server = await start({ port: 0, entryPoints: { ops: { address: local, https: files, http2: true } } }, (s) =>
      s.get('/', async () => {
        entered.open()
        await go.opened
        return 'late'
      }),
    )
    const session = http2.connect(`https://127.0.0.1:${portAt(server, 'ops')}`, { ca: cert })
    const goaway = once(session, 'goaway')
    const stream = session.request({ ':path': '/' })
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    await entered.opened
    const closing = server.closeEntryPoint('ops')
    expect((await goaway)[0]).to.equal(0)
    go.open()
    await once(stream, 'close')
    expect(text).to.equal('late')
    expect(await closing).to.deep.equal({ cut: 0 })
  })

  it('cuts what is left after the timeout, and counts it', async () => {
    const log: Entry[] = []
    const entered = gate()
    const server = create({ stopTimeout: 1000, entryPoints: { web: local, ops: local } }, log)
    server.get('/', () => {
      entered.open()
      return new Promise(() => {})
    })
    await server.start()
    const [address] = server.entryPoint('ops').addresses
    const client = await openRaw(portAt(server, 'ops'), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.opened
    const begin = performance.now()
    expect(await server.closeEntryPoint('ops', 50)).to.deep.equal({ cut: 1 })
    expect(performance.now() - begin).to.be.within(49, 1500)
    await client.closed
    expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([
      {
        level: 'warn',
        message: "Closed 1 connection that hadn't ended within 50 ms",
        fields: { connections: 1, address, entryPoint: 'ops' },
      },
    ])
  })

  it('takes its timeout as a text too, and stopTimeout by default', async () => {
    const server = await start({ stopTimeout: 50, entryPoints: { web: local, ops: local } }, (s) =>
      s.get('/', () => new Promise(() => {})),
    )
    for (const [name, timeout] of [
      ['web', '50ms'],
      ['ops', undefined],
    ] as const) {
      const client = net.connect(portAt(server, name), '127.0.0.1').on('error', () => {})
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(client, 'connect')
      await until(() => client.bytesWritten > 0, 'it is sent')
      await once(net.connect(portAt(server, name), '127.0.0.1').unref(), 'connect')
      expect(await server.closeEntryPoint(name, timeout)).to.deep.equal({ cut: 1 })
    }
    for (const timeout of [-1, '5', '1 day', null])
      expect(await rejected(server.closeEntryPoint('web', timeout as never))).to.include({ name: 'ConfigError' })
  })

  it('ends WebSockets and event streams of that entry point alone', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, (s) =>
      s.get('/', ({ response }) => {
        void response.sse().send({ data: 'begun' })
      }),
    )
    const open = (name: string) => openRaw(portAt(server, name), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const [web, ops] = [await open('web'), await open('ops')]
    await until(() => web.received().includes('begun') && ops.received().includes('begun'), 'both have begun')
    expect(await server.closeEntryPoint('ops')).to.deep.equal({ cut: 0 })
    await ops.closed
    expect(web.socket.closed).to.equal(false)
    web.socket.destroy()
  })

  it('may close the last: the server stays ready, and another may be opened', async () => {
    const server = await start({ port: 0 }, hello)
    await server.closeEntryPoint('default')
    expect([server.state, server.addresses]).to.deep.equal(['ready', []])
    expect((await server.inject()).text()).to.equal('hello')
    await server.openEntryPoint('web', local)
    expect(await ask(server, 'web')).to.equal('hello')
    expect(server.port).to.equal(portAt(server, 'web'))
  })

  it('is done with nothing to do for one that is closed, and a ConfigError for an unknown one', async () => {
    const server = await start({ port: 0 })
    await server.closeEntryPoint('default')
    expect(await server.closeEntryPoint('default')).to.deep.equal({ cut: 0 })
    expect(await rejected(server.closeEntryPoint('missing'))).to.include({ name: 'ConfigError' })
  })

  it('one opened again under its name is the same object, with its events', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, hello)
    const web = server.entryPoint('web')
    const [first] = web.addresses
    await server.closeEntryPoint('web')
    await server.openEntryPoint('web', { address: local, labels: { zone: 'b' } })
    expect(server.entryPoint('web')).to.equal(web)
    expect([await ask(server, 'web'), web.labels, web.status().state]).to.deep.equal(['hello', { zone: 'b' }, 'ready'])
    expect(messages(server, 'web')).to.deep.equal([
      'service web is running',
      'service web is ready',
      `service web is listening on ${first}`,
      'service web is closed',
      'service web is ready',
      `service web is listening on ${web.addresses[0]}`,
    ])
    expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['web', 'ops'])
  })

  it('leaves one closed that could not be opened again', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, hello)
    await server.closeEntryPoint('web')
    const before = server.entryPoint('web').status()
    expect(await rejected(server.openEntryPoint('web', String(server.addresses[0])))).to.include({
      name: 'ListenError',
    })
    expect(server.entryPoint('web').status()).to.deep.equal(before)
  })

  it('is shortened by a stop of the server', async () => {
    const entered = gate()
    const server = await start({ stopTimeout: 50, entryPoints: { web: local } }, (s) =>
      s.get('/', () => {
        entered.open()
        return new Promise(() => {})
      }),
    )
    const client = await openRaw(portAt(server, 'web'), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.opened
    const closing = server.closeEntryPoint('web', '1h')
    await server.stop()
    await client.closed
    await closing
    expect(server.entryPoint('web').status().state).to.equal('closed')
  })

  it('leaves a turn to all else that is due, however often it is closed and opened again', async () => {
    const server = await start({ entryPoints: { web: local, ops: local } }, hello)
    const state = { isDue: false }
    setTimeout(() => (state.isDue = true), 20)
    for (let i = 0; i < 1000 && !state.isDue; i++) {
      await server.closeEntryPoint('ops')
      await server.openEntryPoint('ops', local)
    }
    expect(state.isDue).to.equal(true)
  })
})

import { once } from 'node:events'
import { expect } from 'chai'
import { type LayerRoutes, Server } from 'tribind'
import { collectingLogger, openRaw, portOf, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

const started: Server[] = []

async function start(options: ConstructorParameters<typeof Server>[0] = {}): Promise<Server> {
  const server = new Server({ port: 0, logger: collectingLogger(), stopTimeout: 500, ...options })
  started.push(server)
  await server.start()
  return server
}

const head = (url: string) => `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`
const countAnswers = (text: string) => text.split('HTTP/1.1 200').length - 1

describe('layers: event streams and WebSockets', () => {
  afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())))

  /** A layer with a stream and a WebSocket, which say so when they have ended. */
  const bindLive = (routes: LayerRoutes, path = '/live') => {
    routes.get(path, sendEvents)
    routes.bindWebSocket(path, echo)
  }
  const sendEvents: Parameters<LayerRoutes['get']>[1] = (request) => void request.response.sse().send('hello')
  const echo: Parameters<LayerRoutes['bindWebSocket']>[1] = (socket) =>
    void socket.on('message', (data) => socket.send(String(data)))

  async function openLive(server: Server, path = '/live') {
    const response = await fetch(`http://127.0.0.1:${portOf(server)}${path}`)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const client = await connect(portOf(server), path)
    const pong = async () => {
      const answered = once(client.socket, 'message')
      client.socket.send('ping')
      return String((await answered)[0])
    }
    let hasEnded = false
    const ended = (async () => {
      while (!(await reader.read()).done);
      hasEnded = true
    })().catch(() => {
      hasEnded = true
    })
    return { client, pong, ended, hasEnded: () => hasEnded, cancel: () => reader.cancel().catch(() => {}) }
  }

  it('go on as they began when their layer is replaced or removed', async () => {
    const server = await start()
    await server.layer('x').replace((routes) => bindLive(routes))
    const live = await openLive(server)
    await server.layer('x').replace((routes) => routes.get('/other', () => 'other'))
    await server.layer('x').remove()
    expect(await live.pong()).to.equal('ping')
    expect(live.hasEnded()).to.equal(false)
    live.client.socket.terminate()
    await live.cancel()
  })

  it("with streams: 'end' are ended with 1001 where their route is gone or changed, and go on where it isn't", async () => {
    const server = await start()
    await server.layer('other').replace((routes) => bindLive(routes, '/other'))
    await server.layer('x').replace((routes) => {
      bindLive(routes, '/gone')
      bindLive(routes, '/same')
      routes.get('/changed', (request) => void request.response.sse().send('one'))
      routes.bindWebSocket('/changed', (socket) => void socket.on('message', () => socket.send('one')))
    })
    const gone = await openLive(server, '/gone')
    const changed = await openLive(server, '/changed')
    // A version in between, which ends nothing.
    await server.layer('between').replace((routes) => routes.get('/between', () => ''))
    const same = await openLive(server, '/same')
    const other = await openLive(server, '/other')
    await server.layer('x').replace(
      (routes) => {
        bindLive(routes, '/same')
        routes.get('/changed', (request) => void request.response.sse().send('two'))
        routes.bindWebSocket('/changed', (socket) => void socket.on('message', () => socket.send('two')))
      },
      { streams: 'end' },
    )
    for (const { client, ended } of [gone, changed]) {
      expect(await client.closed).to.deep.equal([1001, 'The route has changed'])
      await ended
    }
    for (const { pong, hasEnded, client, cancel } of [same, other]) {
      expect([await pong(), hasEnded()]).to.deep.equal(['ping', false])
      client.socket.terminate()
      await cancel()
    }
  })

  it('are cut after drainTimeout where their clients do not let go', async () => {
    const server = await start()
    await server.layer('x').replace((routes) => bindLive(routes))
    // A client that never answers a close.
    const { socket, received, closed } = await openRaw(portOf(server), upgradeHead('/live'))
    await until(() => received().includes('101'), 'it is a WebSocket')
    const { whenRetired } = await server.layer('x').remove({ streams: 'end', drainTimeout: '50ms' })
    await closed
    await whenRetired
    socket.destroy()
  })

  it('come and go with their layers, on connections that were kept too', async () => {
    const server = new Server({ port: 0, logger: collectingLogger() })
    started.push(server)
    server.get('/ws', () => 'page')
    await server.start()
    const first = head('/ws')
    const [one, two] = [await openRaw(portOf(server), first), await openRaw(portOf(server), first)]
    await until(() => [one, two].every(({ received }) => countAnswers(received()) === 1), 'both are answered')
    await server.layer('x').replace((routes) => routes.bindWebSocket('/ws', () => {}))
    one.socket.write(upgradeHead('/ws'))
    await until(() => one.received().includes('HTTP/1.1 101'), 'it is a WebSocket')
    await server.layer('x').remove()
    two.socket.write(upgradeHead('/ws'))
    await until(() => countAnswers(two.received()) === 2, 'it is answered by the page')
    for (const { socket } of [one, two]) socket.destroy()
  })
})

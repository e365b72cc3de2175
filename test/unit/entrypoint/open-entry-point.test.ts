import { expect } from 'chai'
import { Server } from 'tribind'
import { Routes } from '../../../lib/binding/routes.ts'
import { Tasks } from '../../../lib/base/tasks.ts'
import { completeEntryPoint, parseEntryPoint } from '../../../lib/entrypoint/entry-point-options.ts'
import { OpenEntryPoint } from '../../../lib/entrypoint/open-entry-point.ts'
import { Traffic } from '../../../lib/entrypoint/traffic.ts'
import { Layers } from '../../../lib/layers/layers.ts'
import type { Dispatcher } from '../../../lib/pipeline/dispatcher.ts'
import { createSettings } from '../../../lib/server/serving.ts'
import { readServerOptions } from '../../../lib/server/options.ts'
import { collectingLogger, gate, openRaw, rejected, sendToPort, until } from '../../feature/both-ways.ts'
import { askKeepingAlive } from '../../feature/keep-alive.ts'
import { connect, upgradeHead } from '../../feature/websocket-client.ts'

const options = readServerOptions({ logger: collectingLogger() })
const settings = createSettings(options)

function createDispatcher(bind: (routes: Routes) => unknown): Dispatcher {
  const routes = new Routes()
  bind(routes)
  const layers = new Layers(
    routes,
    {
      ...options,
      server: new Server({ logger: collectingLogger() }),
      hasSessions: false,
      closing: new Tasks(),
      observers: [],
    },
    collectingLogger(),
  )
  return layers.attach({ entryPoint: undefined, inherits: true, switchTo: () => new Traffic() })
}

function create(name: string, dispatcher: Dispatcher, addresses: string): OpenEntryPoint {
  const read = completeEntryPoint(name, parseEntryPoint(name, addresses), options)
  const { signal } = new AbortController()
  const commandCaller = () => expect.fail('there are no commands')
  const layers = { attach: () => dispatcher, detach() {}, listing: { routes: () => [] } }
  const application = new Server({ logger: collectingLogger() })
  const environment = { ...options, application, settings, layers, signal, commandCaller }
  return new OpenEntryPoint(name, read, environment, { failed() {}, recovered() {} })
}

describe('entrypoint/open-entry-point', () => {
  const opened: OpenEntryPoint[] = []

  async function open(name: string, dispatcher: Dispatcher, addresses = '127.0.0.1:0') {
    const entrypoint = create(name, dispatcher, addresses)
    await entrypoint.open()
    opened.push(entrypoint)
    return { entrypoint, port: entrypoint.listeners[0]?.port as number }
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((entrypoint) => entrypoint.close(0)))
  })

  const connections = async (port: number) => {
    const [answer] = await askKeepingAlive(port, [{ url: '/' }])
    return answer?.headers.connection
  }

  it('drains by itself: another one with the same dispatcher goes on', async () => {
    const dispatcher = createDispatcher((routes) => routes.get('/', () => 'hello'))
    const [a, b] = [await open('a', dispatcher), await open('b', dispatcher)]
    expect([await connections(a.port), await connections(b.port)]).to.deep.equal(['keep-alive', 'keep-alive'])
    a.entrypoint.drain()
    expect([await connections(a.port), await connections(b.port)]).to.deep.equal(['close', 'keep-alive'])
    expect(await a.entrypoint.close(1000)).to.equal(0)
    await rejected(sendToPort(a.port)('/'))
    expect((await sendToPort(b.port)('/')).text).to.equal('hello')
  })

  it('counts its own work, and cuts its own connections alone', async () => {
    const [entered, go] = [gate(), gate()]
    const dispatcher = createDispatcher((routes) =>
      routes.get('/', async () => {
        entered.open()
        await go.opened
        return 'late'
      }),
    )
    const [a, b] = [await open('a', dispatcher), await open('b', dispatcher)]
    const answer = sendToPort(b.port)('/')
    await entered.opened
    expect([a.entrypoint.traffic.isIdle, b.entrypoint.traffic.isIdle]).to.deep.equal([true, false])
    const slow = await openRaw(a.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => !a.entrypoint.traffic.isIdle, 'it is served')
    expect(await a.entrypoint.close(0)).to.equal(1)
    await slow.closed
    go.open()
    expect((await answer).text).to.equal('late')
    await b.entrypoint.traffic.whenIdle()
  })

  it('listens on all of its addresses or on none', async () => {
    const dispatcher = createDispatcher((routes) => routes.get('/', () => 'hello'))
    const { entrypoint, port } = await open('both', dispatcher, '127.0.0.1:0, 127.0.0.1:0')
    for (const listener of entrypoint.listeners) expect((await sendToPort(listener.port)('/')).text).to.equal('hello')
    const other = create('other', dispatcher, `127.0.0.1:0, 127.0.0.1:${port}`)
    expect(await rejected(other.open())).to.include({ code: 'ERR_TRIBIND_LISTEN' })
    expect(other.listeners).to.deep.equal([])
  })

  it('opens WebSockets as long as the dispatcher in use has some, on kept connections too', async () => {
    const page = (routes: Routes) => routes.get('/x', () => 'page')
    const plain = createDispatcher(page)
    const withSockets = createDispatcher((routes) =>
      page(routes).bindWebSocket('/x', (socket) => {
        socket.send('hello')
      }),
    )
    const { entrypoint, port } = await open('default', plain)
    const upgrade = upgradeHead('/x')
    const first = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'
    const kept = await openRaw(port, first)
    const other = await openRaw(port, first)
    const answered = (text: string) => text.split('HTTP/1.1 ').length - 1
    await until(() => answered(kept.received()) === 1 && answered(other.received()) === 1, 'both are answered')

    entrypoint.switchTo(withSockets)
    kept.socket.write(upgrade)
    await until(() => kept.received().includes('HTTP/1.1 101'), 'it is a WebSocket')
    const client = await connect(port, '/x')
    await until(() => client.messages.length > 0, 'it has a message')

    entrypoint.switchTo(plain)
    other.socket.write(upgrade)
    await until(() => answered(other.received()) === 2, 'it is answered')
    expect(other.received()).to.match(/HTTP\/1\.1 200 [^]*page$/)
    expect(client.socket.readyState).to.equal(client.socket.OPEN)
    for (const { socket } of [kept, other]) socket.destroy()
    client.socket.terminate()
  })
})

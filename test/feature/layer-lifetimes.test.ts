import { once } from 'node:events'
import { expect } from 'chai'
import { type EventStream, type Layer, Server } from 'tribind'
import { collectingLogger, type Entry, gate, inTime, portOf, rejected, turns, until } from './both-ways.ts'
import { connect } from './websocket-client.ts'

const create = (log: Entry[] = []) => new Server({ port: 0, logger: collectingLogger(log), stopTimeout: 500 })

/** What was closed, and things to close. */
function closing() {
  const closed: string[] = []
  return { closed, make: (name: string) => ({ name, close: () => closed.push(name) }) }
}

describe('layers: onRetire', () => {
  it('runs once, when the layer is replaced or removed and nothing runs by it any more', async () => {
    const server = create()
    const retired: string[] = []
    const layer = server.layer('x')
    const put = (name: string) =>
      layer.replace((routes) => {
        routes.get('/x', () => name)
        routes.onRetire(() => retired.push(name)).onRetire(async () => retired.push(`${name} too`))
      })
    await put('one')
    await (
      await put('two')
    ).whenRetired
    expect(retired).to.deep.equal(['one', 'one too'])
    await server.layer('other').replace((routes) => routes.get('/y', () => 'y'))
    await turns()
    expect(retired).to.deep.equal(['one', 'one too'])
    await (
      await layer.remove()
    ).whenRetired
    expect(retired).to.deep.equal(['one', 'one too', 'two', 'two too'])
  })

  it('waits for the last request, event stream and WebSocket, also of the versions in between', async () => {
    const server = create()
    const retired: string[] = []
    const [go, entered] = [gate(), gate()]
    const streams: EventStream[] = []
    await server.layer('x').replace((routes) => {
      routes.get('/slow', async () => {
        entered.open()
        await go.opened
        return 'slow'
      })
      routes.get('/live', (request) => {
        streams.push(request.response.sse())
        void streams[0]?.send('hello')
      })
      routes.bindWebSocket('/ws', () => {})
      routes.onRetire(() => retired.push('x'))
    })
    await server.start()
    const slow = server.inject('/slow')
    await entered.opened
    // The version of the stream is not that in which the layer was replaced first.
    await server.layer('other').replace((routes) => routes.get('/y', () => 'y'))
    const live = await fetch(`http://127.0.0.1:${portOf(server)}/live`)
    const { socket } = await connect(portOf(server), '/ws')
    const retiredVersions: number[] = []
    server.on('retired', ({ version }) => retiredVersions.push(version))
    const { whenRetired } = await server.layer('x').remove()
    await turns()
    expect([retired, retiredVersions]).to.deep.equal([[], []])
    go.open()
    expect((await slow).text()).to.equal('slow')
    await until(() => retiredVersions.includes(2), 'the version of the request has retired')
    expect(retired).to.deep.equal([])
    streams[0]?.close()
    expect(await live.text()).to.contain('hello')
    await turns()
    expect(retired).to.deep.equal([])
    socket.close()
    await once(socket, 'close')
    await inTime(whenRetired, 'nothing runs by the version before')
    expect([retired, retiredVersions]).to.deep.equal([['x'], [2, 3]])
    await server.stop()
  })

  it('is logged where it fails, and keeps nothing else from its end', async () => {
    const log: Entry[] = []
    const server = create(log)
    const { closed, make } = closing()
    await server.layer('x').replace((routes) => {
      routes.onRetire(() => {
        throw new Error('sync')
      })
      routes.onRetire(async () => {
        throw new Error('async')
      })
      routes.onRetire(() => closed.push('last'))
      routes.keep('pool', () => make('pool'))
      routes.keep('bad', () => ({
        close() {
          throw new Error('close')
        },
      }))
    })
    await (
      await server.layer('x').remove()
    ).whenRetired
    expect(closed).to.deep.equal(['last', 'pool'])
    expect(log.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
      'error A function of onRetire of layer "x" failed',
      'error A function of onRetire of layer "x" failed',
      'error What layer "x" kept under "bad" could not be closed',
    ])
  })
})

describe('layers: keep', () => {
  it('gives what the version before kept under the key, or what create makes, which runs once', async () => {
    const server = create()
    let made = 0
    const key = {}
    const counts: number[] = []
    const put = (layer: Layer) =>
      layer.replace((routes) => {
        const counter = routes.keep(key, () => ({ id: ++made, count: 0 }))
        expect(routes.keep(key, () => ({ id: -1, count: 0 }))).to.equal(counter)
        counts.push(counter.id, ++counter.count)
      })
    for (let i = 0; i < 3; i++) await put(server.layer('x'))
    await put(server.layer('y'))
    expect(counts).to.deep.equal([1, 1, 1, 2, 1, 3, 2, 1])
  })

  it('closes what is not asked for again when the version that had it retires, and no earlier', async () => {
    const server = create()
    const { closed, make } = closing()
    const put = (...keys: string[]) =>
      server.layer('x').replace((routes) => {
        for (const key of keys) routes.keep(key, () => make(key))
      })
    await put('a', 'b')
    await (
      await put('b', 'c')
    ).whenRetired
    expect(closed).to.deep.equal(['a'])
    await (
      await put('b')
    ).whenRetired
    expect(closed).to.deep.equal(['a', 'c'])
    await (
      await server.layer('x').remove()
    ).whenRetired
    expect(closed).to.deep.equal(['a', 'c', 'b'])
  })

  it('holds on to it while a request of the version before runs', async () => {
    const server = create()
    const { closed, make } = closing()
    const [entered, go] = [gate(), gate()]
    await server.layer('x').replace((routes) => {
      const pool = routes.keep('pool', () => make('pool'))
      routes.get('/x', async () => {
        entered.open()
        await go.opened
        return closed.includes(pool.name) ? 'closed' : 'open'
      })
    })
    const answer = server.inject('/x')
    await entered.opened
    const { whenRetired } = await server.layer('x').remove()
    await turns()
    expect(closed).to.deep.equal([])
    go.open()
    expect((await answer).text()).to.equal('open')
    await whenRetired
    expect(closed).to.deep.equal(['pool'])
  })

  it('closes by asyncDispose, dispose or close, whichever comes first, also what a promise becomes', async () => {
    const server = create()
    const closed: string[] = []
    const told = (name: string) => () => void closed.push(name)
    await server.layer('x').replace((routes) => {
      routes.keep(1, () => ({ close: told('close'), [Symbol.dispose]: told('dispose') }))
      routes.keep(2, () => ({ [Symbol.asyncDispose]: told('asyncDispose'), [Symbol.dispose]: told('no') }))
      void routes.keep(3, async () => ({ close: told('of a promise') }))
      routes.keep(4, () => 'a text')
      routes.keep(5, () => ({}))
    })
    await (
      await server.layer('x').remove()
    ).whenRetired
    expect(closed).to.deep.equal(['dispose', 'asyncDispose', 'of a promise'])
  })

  it('makes again what could not be made', async () => {
    const server = create()
    const failed = await rejected(
      server.layer('x').replace(async (routes) => {
        await routes.keep('pool', () => Promise.reject(new Error('away')))
      }),
    )
    expect(failed.message).to.equal('away')
    const layer = server.layer('x')
    let attempts = 0
    const put = () =>
      layer.replace(async (routes) => {
        const pool = routes.keep('pool', async () => {
          attempts++
          if (attempts === 1) throw new Error('away')
          return 'pool'
        })
        await pool.catch(() => {})
      })
    await put()
    await put()
    await put()
    expect(attempts).to.equal(2)
  })

  it('after a build that failed closes what that build made, and nothing that the layer still has', async () => {
    const server = create()
    const { closed, make } = closing()
    await server.layer('x').replace((routes) => {
      routes.keep('a', () => make('a'))
    })
    await rejected(
      server.layer('x').replace((routes) => {
        routes.keep('a', () => make('another a'))
        routes.keep('b', () => make('b'))
        throw new Error('no')
      }),
    )
    expect(closed).to.deep.equal(['b'])
  })
})

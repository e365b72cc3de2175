import { expect } from 'chai'
import { ListenError, Server, StateError } from 'tribind'
import { collectingLogger, type Entry, gate, inTime, portOf, rejected, turns, until } from './both-ways.ts'

const create = (log: Entry[] = []) => new Server({ port: 0, logger: collectingLogger(log), stopTimeout: 500 })

/** What was closed, and things to close. */
function closing() {
  const closed: string[] = []
  return { closed, make: (name: string) => ({ name, close: () => closed.push(name) }) }
}

describe('layers: the stop', () => {
  it('retires all versions, after the last request and before the shutdown hooks', async () => {
    const server = create()
    const { closed, make } = closing()
    const versions: number[] = []
    server.on('retired', ({ version }) => versions.push(version))
    await server.layer('x').replace((routes) => {
      routes.get('/x', async () => {
        closed.push('request')
        return 'x'
      })
      routes.onRetire(() => closed.push('retired'))
      routes.keep('pool', () => make('pool'))
    })
    server.registerShutdownHook(() => closed.push('hook'))
    await server.start()
    await fetch(`http://127.0.0.1:${portOf(server)}/x`)
    await server.stop()
    expect(closed).to.deep.equal(['request', 'retired', 'pool', 'hook'])
    expect(versions).to.deep.equal([1, 2])
  })

  it('does so where the server never started, or could not', async () => {
    const { closed, make } = closing()
    const put = (server: Server, name: string) =>
      server.layer('x').replace((routes) => {
        routes.keep('pool', () => make(name))
      })
    const idle = create()
    await put(idle, 'idle')
    await idle.stop()
    expect(closed).to.deep.equal(['idle'])
    const other = create()
    await other.start()
    const failing = new Server({ address: other.addresses[0] as string, logger: collectingLogger() })
    await put(failing, 'failing')
    expect(await rejected(failing.start())).to.be.instanceOf(ListenError)
    expect(closed).to.deep.equal(['idle', 'failing'])
    await other.stop()
  })

  it('waits no longer for a function of onRetire than stopTimeout', async () => {
    const server = new Server({ port: 0, logger: collectingLogger(), stopTimeout: 50 })
    await server.layer('x').replace((routes) => routes.onRetire(() => new Promise(() => {})))
    await inTime(server.stop(), 'the server has stopped')
  })

  it('aborts a build, whose replacement is a StateError and has left nothing open', async () => {
    const server = create()
    await server.start()
    const { closed, make } = closing()
    const begun = gate()
    const aborted = gate()
    const goOn = gate()
    const late: unknown[] = []
    const replaced = server.layer('x').replace(async (routes, signal) => {
      routes.keep('pool', () => make('pool'))
      routes.onRetire(() => closed.push('retired'))
      signal.addEventListener('abort', () => aborted.open())
      begun.open()
      await goOn.opened
      for (const act of [() => routes.onRetire(() => closed.push('late')), () => routes.get('/x', () => 'x')]) {
        try {
          act()
        } catch (error) {
          late.push(error)
        }
      }
    })
    const waiting = server.layer('y').replace(() => {})
    await begun.opened
    const stopped = server.stop()
    await inTime(aborted.opened, 'the build is aborted')
    for (const promise of [replaced, waiting])
      expect(await rejected(promise))
        .to.be.instanceOf(StateError)
        .and.include({ failure: 'ERR_TRIBIND_SERVER_STOPPED' })
    await inTime(stopped, 'the server has stopped')
    expect(closed).to.deep.equal(['retired', 'pool'])
    goOn.open()
    await until(() => late.length === 2, 'the build has gone on')
    for (const error of late) expect(error).to.be.instanceOf(StateError)
    expect(closed).to.deep.equal(['retired', 'pool', 'late'])
  })

  it('leaves any later call to a StateError', async () => {
    const server = create()
    await server.start()
    await server.stop()
    for (const act of [() => server.layer('x').replace(() => {}), () => server.layer('x').remove()])
      expect(await rejected(act())).to.be.instanceOf(StateError)
  })
})

describe('layers: several replacements', () => {
  it('run one after another, in the order of the calls, also where one fails', async () => {
    const server = create()
    const order: string[] = []
    const put = (name: string, layer = name) =>
      server.layer(layer).replace(async (routes) => {
        order.push(`${name} begins`)
        await new Promise((resolve) => setTimeout(resolve, 5))
        if (name === 'bad') throw new Error('bad')
        routes.get(`/${name}`, () => name)
        order.push(`${name} ends`)
      })
    const results = await Promise.allSettled([
      put('a'),
      put('bad', 'a'),
      put('b'),
      server.layer('a').remove(),
      put('c', 'b'),
    ])
    expect(results.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(order).to.deep.equal(['a begins', 'a ends', 'bad begins', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(server.version).to.equal(5)
    expect(server.routes().map(({ route }) => route)).to.deep.equal(['/c'])
  })

  it('may be made inside a handler and a hook, and awaited there', async () => {
    const server = create()
    server.get('/grow', async () => {
      const { version } = await server.layer('x').replace((routes) => routes.get('/x', () => 'x'))
      return `version ${version}`
    })
    server.bindHookHandler('/hooked', 'BeforeServe', async () => {
      await server.layer('y').replace((routes) => routes.get('/y', () => 'y'))
    })
    server.registerStartupHook(async () => {
      await server.layer('z').replace((routes) => routes.get('/z', () => 'z'))
    })
    await server.start()
    expect((await inTime(server.inject('/grow'), 'the handler answers')).text()).to.equal('version 3')
    await inTime(server.inject('/hooked'), 'the hook has run')
    for (const url of ['/x', '/y', '/z']) expect((await server.inject(url)).status).to.equal(200)
    await server.stop()
  })

  it('may be asked for inside the build of another, and come after it', async () => {
    const server = create()
    const order: string[] = []
    let later: Promise<unknown> | undefined
    let chained: Promise<unknown> | undefined
    await server.layer('a').replace(async (routes) => {
      later = server.layer('b').replace((inner) => {
        order.push('b')
        inner.get('/b', () => 'b')
      })
      chained = later.then(() => order.push('then'))
      later.catch(() => order.push('caught'))
      await turns()
      order.push('a')
      routes.get('/a', () => 'a')
    })
    await later
    await chained
    expect(order).to.deep.equal(['a', 'b', 'then'])
    expect([(await server.inject('/a')).text(), (await server.inject('/b')).text()]).to.deep.equal(['a', 'b'])
  })

  it('are a StateError where a build awaits one that comes after it, instead of waiting for ever', async () => {
    const server = create()
    const wait = (build: (inner: Promise<unknown>) => unknown) =>
      rejected(
        inTime(
          server.layer('a').replace(async () => {
            await build(server.layer('b').replace((routes) => routes.get('/b', () => 'b')))
          }),
          'it is refused',
        ),
      )
    for (const build of [
      (inner: Promise<unknown>) => inner,
      (inner: Promise<unknown>) => Promise.all([inner, turns()]),
      async (inner: Promise<unknown>) => {
        await new Promise((resolve) => setImmediate(resolve))
        await inner
      },
    ])
      expect(await wait(build))
        .to.be.instanceOf(StateError)
        .and.include({ failure: 'ERR_TRIBIND_LAYER_AWAITED' })
    await until(() => server.layer('b').version > 0, 'what was asked for has come')
    expect((await server.inject('/b')).text()).to.equal('b')
  })

  it('go on while onRetire of a failed build, or of a dry run, waits for one of them, or for ever', async () => {
    const server = create()
    const inner: number[] = []
    const replaceInside = async () => {
      const { version } = await server.layer('b').replace((routes) => routes.get('/b', () => 'b'))
      inner.push(version)
    }
    const failed = server.layer('a').replace((routes) => {
      routes.onRetire(replaceInside)
      throw new Error('failed')
    })
    expect(await rejected(inTime(failed, 'it is refused'))).to.have.property('message', 'failed')
    expect(inner).to.deep.equal([2])
    const dry = server.layer('a').replace((routes) => routes.onRetire(replaceInside), { dryRun: true })
    await inTime(dry, 'the dry run ends')
    expect(inner).to.deep.equal([2, 3])
    void server.layer('a').replace((routes) => routes.onRetire(() => new Promise(() => {})), { dryRun: true })
    await inTime(
      server.layer('c').replace(() => {}),
      'the next one is carried out',
    )
    await inTime(server.stop(), 'the server has stopped')
  })

  it('leave a turn to requests between one and the next, also where they fail', async () => {
    const server = create()
    const layer = server.layer('a')
    const put = (i: number) =>
      layer.replace((routes) => {
        routes.get('/a', () => String(i))
        if (i % 2 === 0) throw new Error('even')
      })
    const state = { turns: 0, isOver: false }
    const count = () => {
      state.turns++
      if (!state.isOver) setImmediate(count)
    }
    setImmediate(count)
    await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => put(i)))
    state.isOver = true
    expect(state.turns).to.be.at.least(999)
    expect((await server.inject('/a')).text()).to.equal('999')
  })
})

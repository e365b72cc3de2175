import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { ConfigError, createPath, type Request, RouteError, Server } from 'tribind'
import { rawExchange, until } from './both-ways.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

async function started(register: (server: Server) => void, options = {}): Promise<Server> {
  const server = new Server({ port: 0, logger: quiet, ...options })
  register(server)
  await server.start()
  return server
}

describe('hostile clients', () => {
  it('a client that left before a source was returned ends the source', async () => {
    let ticks = 0
    let isEnded = false
    async function* endless() {
      try {
        for (;;) {
          ticks++
          yield 'x'
        }
      } finally {
        isEnded = true
      }
    }
    const server = await started((s) =>
      s.get('/', async (request) => {
        await once(request.signal, 'abort')
        return endless()
      }),
    )
    const client = connect(server.port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    setTimeout(() => client.destroy(), 50)
    await once(client, 'close')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect({ isRead: ticks > 1, isEnded: isEnded || ticks === 0 }).to.deep.equal({ isRead: false, isEnded: true })
    await server.stop()
  })

  it('pipelined requests of a client that leaves all end: sources, signals, close events', async () => {
    const ends = { closed: 0, signals: 0, sources: 0 }
    const server = await started((s) => {
      s.get('/slow', (request) => {
        request.signal.addEventListener('abort', () => ends.signals++)
        const source = new Readable({ read() {} })
        source.on('close', () => ends.sources++)
        source.push('first')
        return source
      })
      s.bindHookHandler('/*', 'AfterClose', () => void ends.closed++)
    })
    const client = connect(server.port, '127.0.0.1')
    client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5))
    await once(client, 'data')
    client.destroy()
    await until(() => ends.closed === 5 && ends.signals === 5 && ends.sources === 5, 'all five end')
    const begun = performance.now()
    await server.stop()
    expect(performance.now() - begun).to.be.lessThan(1000)
  })

  it('more header fields than allowed are 431, and none is left out in silence', async () => {
    const server = await started((s) => s.get('/', ({ host }) => host))
    const fields = (count: number) => `Host: first\r\n${'a:\r\n'.repeat(count)}`
    const ask = (head: string) => rawExchange(server.port, `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
    expect(String(await ask(fields(1100)))).to.match(/^HTTP\/1.1 431 /)
    expect(String(await ask(`${fields(900)}Host: second\r\n`))).to.match(/^HTTP\/1.1 400 /)
    expect(String(await ask(fields(900)))).to.match(/^HTTP\/1.1 200 .*first$/s)
    await server.stop()
  })
})

describe('stops', () => {
  it('addresses and port can be read in shutdown hooks and after the stop', async () => {
    const server = await started(() => {})
    const { port, addresses } = server
    let inHook: unknown
    server.registerShutdownHook((s) => (inHook = [s.port, s.addresses]))
    await server.stop()
    expect(inHook).to.deep.equal([port, addresses])
    expect([server.port, server.addresses]).to.deep.equal([port, addresses])
  })

  it('a connection whose stream ends during the stop is closed at once', async () => {
    const server = await started((s) =>
      s.get('/', async function* () {
        yield 'a'
        await new Promise((resolve) => setTimeout(resolve, 200))
        yield 'b'
      }),
    )
    const client = connect(server.port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(client, 'data')
    const begun = performance.now()
    await server.stop()
    expect(performance.now() - begun).to.be.lessThan(2000)
  })

  it('injected requests in flight finish before the shutdown hooks', async () => {
    const order: string[] = []
    const server = await started((s) =>
      s.get('/', async () => {
        await new Promise((resolve) => setTimeout(resolve, 2300))
        order.push('request')
      }),
    )
    server.registerShutdownHook(() => void order.push('hook'))
    const answer = server.inject()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await server.stop()
    await answer
    expect(order).to.deep.equal(['request', 'hook'])
  })

  it('a stop asked for elsewhere while shutdown hooks run waits for them', async () => {
    const order: string[] = []
    const server = await started(() => {})
    server.registerShutdownHook(async () => {
      await server.stop()
      await new Promise((resolve) => setTimeout(resolve, 100))
      order.push('hook')
    })
    const first = server.stop()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await server.stop()
    order.push('second')
    await first
    expect(order).to.deep.equal(['hook', 'second'])
  })

  it('shutdown hooks wait for a startup hook that still runs, and run() resolves', async () => {
    const order: string[] = []
    const server = new Server({ port: 0, logger: quiet })
    server.registerStartupHook(async () => {
      await new Promise((resolve) => setTimeout(resolve, 150))
      order.push('startup')
    })
    server.registerShutdownHook(() => void order.push('shutdown'))
    const running = server.run()
    await until(() => server.isReady(), 'the server is ready')
    await server.stop()
    await running
    expect(order).to.deep.equal(['startup', 'shutdown'])
  })

  it('run() resolves when the server is stopped while it prepares', async () => {
    const server = new Server({ port: 0, logger: quiet })
    const running = server.run()
    const stopping = server.stop()
    await Promise.all([running, stopping])
    expect(server.state).to.equal('stopped')
  })
})

describe('close events', () => {
  it('wait for AfterOutput, however long it takes', async () => {
    const order: string[] = []
    const server = await started((s) => {
      s.get('/', () => 'x')
      s.bindHookHandlerByMap('/*', {
        AfterOutput: async () => {
          await new Promise((resolve) => setTimeout(resolve, 1200))
          order.push('AfterOutput')
        },
        BeforeClose: () => void order.push('BeforeClose'),
      })
    })
    await fetch(`http://127.0.0.1:${server.port}/`)
    await until(() => order.length === 2, 'both have run')
    expect(order).to.deep.equal(['AfterOutput', 'BeforeClose'])
    await server.stop()
  })

  it('exitHook leaves the other hooks of a close event, and is no error', async () => {
    const seen: string[] = []
    const server = await started(
      (s) => {
        s.get('/', () => 'x')
        s.bindHookHandler('/*', 'BeforeClose', (request) => request.exitHook())
        s.bindHookHandler('/*', 'BeforeClose', () => void seen.push('second'))
        s.bindHookHandler('/*', 'AfterClose', () => void seen.push('after'))
      },
      { logger: { ...quiet, error: (message: string) => seen.push(message) } },
    )
    await server.inject()
    await until(() => seen.includes('after'), 'AfterClose has run')
    expect(seen).to.deep.equal(['after'])
    await server.stop()
  })
})

describe('odd functions', () => {
  it('thenables are awaited as promises are, also in init', async () => {
    const server = new Server({ logger: quiet })
    const later = (value: unknown) => ({
      then: (resolve: (value: unknown) => void) => void setTimeout(resolve, 5, value),
    })
    let hasShut = false
    const object = { init: () => later(1), show: () => later('value'), shut: () => void (hasShut = true) }
    server.bindObject('/o', object)
    expect([(await server.inject({ url: '/o/show' })).text(), hasShut]).to.deep.equal(['value', true])
  })

  it('next() in a timer, after the middleware, is logged and ends nothing', async () => {
    const messages: string[] = []
    const server = new Server({ logger: { ...quiet, error: (message) => messages.push(message) } })
    server.use((_request, next) => void setTimeout(next, 5))
    server.get('/', () => 'never')
    await server.inject()
    await until(() => messages.length === 1, 'it is logged')
    expect(messages[0]).to.match(/next\(\) was called after/)
  })

  it('what runs inside of a middleware that throws has ended before the output', async () => {
    const order: string[] = []
    const server = new Server({ logger: quiet })
    server.use((_request, next) => {
      void next()
      throw new Error('too early')
    })
    server.get('/', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      order.push('handler')
    })
    server.bindHookHandler('/*', 'AfterOutput', () => void order.push('AfterOutput'))
    expect((await server.inject()).status).to.equal(500)
    expect(order).to.deep.equal(['handler', 'AfterOutput'])
  })

  it('params stay those of the middleware inside, whatever those around return', async () => {
    const server = new Server({ logger: quiet })
    const seen: unknown[] = []
    server.bindMiddleware('/:a', (_request, next) => next())
    server.bindMiddleware('/:b', async (request, next) => {
      await Promise.resolve()
      seen.push({ ...request.params })
      await next()
      seen.push({ ...request.params })
    })
    server.get('/:c', (request) => request.params.c)
    server.bindHookHandler('/*', 'AfterServe', (request) => void seen.push({ ...request.params }))
    expect((await server.inject({ url: '/x' })).text()).to.equal('x')
    expect(seen).to.deep.equal([{ b: 'x' }, { b: 'x' }, { c: 'x' }])
  })

  it('a logger that throws changes no answer', async () => {
    const fail = () => {
      throw new Error('disk full')
    }
    const server = new Server({ logger: { debug: fail, info: fail, warn: fail, error: fail } })
    server.get('/', fail)
    expect((await server.inject()).status).to.equal(500)
  })

  it('createPath makes only paths that the pattern matches', () => {
    const wrong: [string, Record<string, string>][] = [
      ['/{a}', { a: 'x/y' }],
      ['/:constructor', {}],
      ['/:id', { id: '\ud800' }],
      ['/:id', { id: '..' }],
    ]
    for (const [pattern, params] of wrong) expect(() => createPath(pattern, params), pattern).to.throw(RouteError)
    expect(createPath('/:__proto__', JSON.parse('{"__proto__":"a"}'))).to.equal('/a')
  })
})

describe('what was left out in silence', () => {
  it('init and shut given as fields of a controller run', async () => {
    const seen: string[] = []
    class Guarded {
      init = (request: Request) => {
        seen.push('init')
        request.exitAll()
      }
      shut = () => void seen.push('shut')
      show() {
        seen.push('show')
      }
    }
    const server = new Server({ logger: quiet })
    server.bindController('/g', Guarded, 'show')
    await server.inject({ url: '/g/show' })
    expect(seen).to.deep.equal(['init', 'shut'])
  })

  it('query parameters beyond the thousandth count', async () => {
    const server = new Server({ logger: quiet })
    server.get('/', (request) => request.getQuery('admin', 'none'))
    expect((await server.inject({ url: `/?${'a&'.repeat(1500)}admin=1` })).text()).to.equal('1')
  })

  it('an absolute target of another scheme, without a host, or beside a bad Host field is 400', async () => {
    const server = await started((s) => s.all('/*', ({ host }) => host))
    const ask = async (target: string, host: string) =>
      (await rawExchange(server.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).slice(
        9,
        12,
      )
    expect(await ask('http://b.com/x', 'a.com')).to.equal('200')
    expect(await ask('http://b.com/x', 'a, c')).to.equal('400')
    expect(await ask('http:///private/x', 'a.com')).to.equal('400')
    expect(await ask('ftp://b.com/x', 'a.com')).to.equal('400')
    await server.stop()
  })

  it('timers that Node.js would not keep, and limits that contradict each other, are refused at once', () => {
    expect(() => new Server({ stopTimeout: 2 ** 32 })).to.throw(ConfigError, 'stopTimeout')
    expect(() => new Server({ headersTimeout: 2000, requestTimeout: 1000 })).to.throw(ConfigError, 'headersTimeout')
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { ConfigError, Context, Server, serverFromContext } from 'tribind'
import {
  bothWays,
  collectingLogger,
  type Entry,
  type Options,
  rejected,
  sendToPort,
  thrownBy,
  until,
} from './both-ways.ts'
import { connect } from './websocket-client.ts'

const TWO = '127.0.0.1:0, 127.0.0.1:0'

/** Answers what the context gives for the key in the path, and whether it has it. */
function showing(server: Server): void {
  server.get('/:key', ({ context, params }) => [context.get(params.key) ?? null, context.has(params.key)])
}

/** Starts a server, and stops it when it has been used. */
async function running(server: Server, use: (ports: number[]) => Promise<unknown>): Promise<void> {
  await server.start()
  try {
    await use(server.addresses.map((address) => Number(address.split(':').at(-1))))
  } finally {
    await server.stop()
  }
}

const ask = async (port: number, url: string) => (await sendToPort(port)(url)).json()

describe('baseContext', () => {
  it('is called once for each address, with what server.addresses says, before anybody asks', async () => {
    const called: string[] = []
    const server = new Server({
      address: TWO,
      baseContext(address) {
        called.push(address)
        return { address }
      },
    })
    showing(server)
    await running(server, async (ports) => {
      expect(called).to.deep.equal(server.addresses)
      for (const [i, port] of ports.entries())
        for (let n = 0; n < 3; n++) expect(await ask(port, '/address')).to.deep.equal([server.addresses[i], true])
      expect((await server.inject({ url: '/address' })).json()).to.deep.equal([server.addresses[0], true])
      expect(called).to.have.length(2)
    })
  })

  const kinds: Record<string, NonNullable<Options['baseContext']>> = {
    'a Context': () => new Context().set('key', 'value'),
    'a Map': () => new Map([['key', 'value']]),
    'a plain object': () => ({ key: 'value' }),
    'an object without a prototype': () => Object.assign(Object.create(null) as object, { key: 'value' }),
    'an object of another realm': () => runInNewContext("({ key: 'value' })") as Record<string, unknown>,
    'anything with get and has': () => new Headers({ key: 'value' }) as never,
  }
  for (const [kind, baseContext] of Object.entries(kinds)) {
    bothWays(
      `may give ${kind}`,
      showing,
      async (send) => {
        expect((await send('/key')).json()).to.deep.equal(['value', true])
        expect((await send('/other')).json()).to.deep.equal([null, false])
        expect((await send('/constructor')).json()).to.deep.equal([null, false])
      },
      { baseContext },
    )
  }

  it('lets no request change the base, or what others see', async () => {
    const base = new Map<unknown, unknown>([['user', 'nobody']])
    const server = new Server({ port: 0, baseContext: () => base })
    server.get('/set/:user', async ({ context, params }) => {
      context.set('user', params.user).set('mine', true)
      await new Promise((resolve) => setImmediate(resolve))
      return context.get('user')
    })
    server.get('/hide', ({ context }) => {
      context.set('user', undefined)
      return [context.get('user') ?? 'hidden', context.has('user')]
    })
    server.get('/', ({ context }) => [context.get('user'), context.has('mine')])
    await running(server, async ([port = 0]) => {
      const answers = await Promise.all(['a', 'b', 'c'].map((user) => sendToPort(port)(`/set/${user}`)))
      expect(answers.map(({ text }) => text)).to.deep.equal(['a', 'b', 'c'])
      expect(await ask(port, '/hide')).to.deep.equal(['hidden', true])
      expect(await ask(port, '/')).to.deep.equal(['nobody', false])
      expect([...base]).to.deep.equal([['user', 'nobody']])
    })
  })

  for (const [kind, base] of Object.entries({ Map: new Map<string, number>(), object: {} as Record<string, number> })) {
    it(`is live: a later change of the ${kind} is seen, also under way`, async () => {
      const server = new Server({ baseContext: () => base })
      server.get('/', ({ context }) => {
        const before = context.has('n')
        if (base instanceof Map) base.set('n', 1)
        else base['n'] = 1
        return [before, context.has('n'), context.get('n')]
      })
      expect((await server.inject()).json()).to.deep.equal([false, true, 1])
    })
  }

  const wrong: Record<string, unknown> = {
    'a Promise': Promise.resolve(new Map()),
    undefined: undefined,
    null: null,
    'a text': 'text',
    'an array': [],
    'an instance of some class': new Date(0),
    'a Set': new Set(),
  }
  for (const [kind, value] of Object.entries(wrong)) {
    it(`is a ConfigError at the start for ${kind}, and nothing listens`, async () => {
      let given = ''
      const server = new Server({
        port: 0,
        baseContext(address) {
          given = address
          return value as Context
        },
      })
      const error = await rejected(server.start())
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include('baseContext').and.include(given)
      expect(server.state).to.equal('stopped')
      expect((await rejected(fetch(`http://${given}/`))).cause).to.have.property('code', 'ECONNREFUSED')
    })
  }

  it('makes the start fail with what it throws, and closes what was opened', async () => {
    const failure = new Error('no database')
    const opened: string[] = []
    const server = new Server({
      address: TWO,
      baseContext(address) {
        opened.push(address)
        if (opened.length === 2) throw failure
        return {}
      },
    })
    expect(await rejected(server.start())).to.equal(failure)
    expect(opened).to.have.length(2)
    for (const address of opened)
      expect((await rejected(fetch(`http://${address}/`))).cause).to.have.property('code', 'ECONNREFUSED')
  })

  it('is a function, and no async one', () => {
    expect(thrownBy(() => new Server({ baseContext: {} as never })))
      .to.be.instanceOf(ConfigError)
      .with.property('message')
      .that.includes('baseContext')
    // @ts-expect-error -- a Promise is no base
    expect(new Server({ baseContext: async () => new Map() })).to.be.instanceOf(Server)
  })

  it('is asked for the first address, as configured, by injected requests: once, and only when one needs it', async () => {
    const called: string[] = []
    const baseContext = (address: string) => new Map([['address', String(called.push(address))]])
    const server = new Server({ address: '[::1]:7001, :7002', port: 7000, baseContext })
    showing(server)
    server.get('/', () => 'no context')
    await server.inject()
    expect(called).to.deep.equal([])
    for (let n = 0; n < 2; n++) expect((await server.inject({ url: '/address' })).json()).to.deep.equal(['1', true])
    expect(called).to.deep.equal(['[::1]:7000'])
  })

  it('fails the injected request that needs it where it gives no base', async () => {
    const log: Entry[] = []
    const server = new Server({ baseContext: () => 'text' as never, logger: collectingLogger(log) })
    showing(server)
    server.get('/', () => 'no context')
    expect((await server.inject({ url: '/key' })).status).to.equal(500)
    expect(log[0]?.fields).to.have.property('error').that.is.instanceOf(ConfigError)
    expect((await server.inject()).status).to.equal(200)
  })

  it('holds for an application mounted in another server', async () => {
    const server = new Server({ baseContext: (address) => ({ address }) })
    showing(server)
    const outer = createServer(server.handle).listen(0, '127.0.0.1')
    await once(outer, 'listening')
    const { port } = outer.address() as AddressInfo
    expect(await ask(port, '/address')).to.deep.equal(['127.0.0.1:8199', true])
    outer.close()
  })

  it('is let go of with the address that it was for, but for the first', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const bases: WeakRef<object>[] = []
    const server = new Server({
      port: 0,
      baseContext(address) {
        const base = { address }
        bases.push(new WeakRef(base))
        return base
      },
    })
    showing(server)
    await running(server, async () => {
      for (let n = 0; n < 5; n++) {
        await server.openEntryPoint('other', '127.0.0.1:0')
        await server.closeEntryPoint('other')
      }
      await server.openEntryPoint('other', '127.0.0.1:0')
      await until(() => {
        collect()
        return bases.filter((base) => base.deref() !== undefined).length === 2
      }, 'those of closed addresses are gone')
      const [first, last] = server.addresses
      expect((await server.inject({ url: '/address' })).json()).to.deep.equal([first, true])
      expect((await server.inject({ url: '/address', entryPoint: 'other' })).json()).to.deep.equal([last, true])
    })
  })

  it('holds for WebSockets', async () => {
    const server = new Server({ address: TWO, baseContext: (address) => ({ address }) })
    server.bindWebSocket('/', (socket, { context }) => socket.send(String(context.get('address'))))
    await running(server, async (ports) => {
      for (const [i, port] of ports.entries()) {
        const { socket, messages, closed } = await connect(port, '/')
        await until(() => messages.length === 1, 'it has said where it is')
        expect(messages).to.deep.equal([server.addresses[i]])
        socket.close()
        await closed
      }
    })
  })
})

describe('a context', () => {
  it('inherits from any other', () => {
    const base = new Context().set('a', 1)
    const context = new Context(base).set('b', 2)
    base.set('c', 3)
    expect(['a', 'b', 'c', 'd'].map((key) => context.get(key))).to.deep.equal([1, 2, 3, undefined])
    expect(['a', 'b', 'c', 'd'].map((key) => base.has(key))).to.deep.equal([true, false, true, false])
  })

  bothWays(
    'of a request leads to its server, and no other does',
    (server) => {
      const base = new Context()
      server.get('/', ({ context }) => [
        serverFromContext(context) === server,
        serverFromContext(new Context()) === undefined,
        serverFromContext(base) === undefined,
      ])
    },
    async (send) => void expect((await send('/')).json()).to.deep.equal([true, true, true]),
  )
})

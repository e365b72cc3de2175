import { expect } from 'chai'
import net from 'node:net'
import { ConfigError, getServer, Server, StateError, TribindError } from 'tribind'
import { collectingLogger, portOf, rejected, sendByInject, sendToPort, thrownBy, until } from './both-ways.ts'
import type { Entry } from './both-ways.ts'

const created: Server[] = []

function create(options: object = { port: 0 }, log: Entry[] = []) {
  const server = new Server({ logger: collectingLogger(log), ...options })
  created.push(server)
  return server
}

describe('server: start and stop', () => {
  afterEach(async () => {
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('goes from created to ready to stopped', async () => {
    const server = create()
    server.bindHandler('/', () => 'hello')
    expect([server.state, server.isReady()]).to.deep.equal(['created', false])
    const starting = server.start()
    expect(['created', 'preparing']).to.include(server.state)
    await starting
    expect([server.state, server.isReady()]).to.deep.equal(['ready', true])
    expect((await sendToPort(portOf(server))('/')).text).to.equal('hello')
    const port = portOf(server)
    await server.stop()
    expect([server.state, server.isReady()]).to.deep.equal(['stopped', false])
    await rejected(sendToPort(port)('/'))
  })

  it('port and addresses tell what is bound', async () => {
    const server = create()
    await server.start()
    expect(server.addresses).to.deep.equal([`127.0.0.1:${portOf(server)}`])
    await server.stop()
  })

  it('setPort and setAddress, several addresses', async () => {
    const first = create({})
    first.setAddress('127.0.0.1:0,127.0.0.1:0')
    first.bindHandler('/', () => 'hello')
    await first.start()
    expect(first.addresses).to.have.length(2)
    for (const address of first.addresses) {
      expect((await sendToPort(Number(address.split(':')[1]))('/')).text).to.equal('hello')
    }
    expect(first.addresses[0]).to.equal(`127.0.0.1:${portOf(first)}`)
    await first.stop()

    const second = create({})
    second.setPort(0)
    await second.start()
    expect(portOf(second)).to.be.greaterThan(0)
    await second.stop()
  })

  it('address and port are settled once it starts', async () => {
    const server = create()
    await server.start()
    const { port } = server
    expect(thrownBy(() => server.setPort(0))).to.be.instanceOf(TribindError)
    expect(thrownBy(() => server.setAddress('127.0.0.1:0'))).to.be.instanceOf(TribindError)
    expect(server.port).to.equal(port)
  })

  it('start rejects if it cannot listen, and no shutdown hook runs', async () => {
    const occupant = net.createServer().listen(0, '127.0.0.1')
    await until(() => occupant.listening, 'the port is taken')
    const { port } = occupant.address() as net.AddressInfo
    const server = create({ port })
    const seen: string[] = []
    server.registerStartupHook(() => {
      seen.push('startup')
    })
    server.registerShutdownHook(() => {
      seen.push('shutdown')
    })
    await rejected(server.start())
    await server.stop()
    expect(seen).to.deep.equal([])
    expect(server.state).to.equal('stopped')
    occupant.close()
  })

  for (const call of ['start', 'run'] as const) {
    it(`${call} says that a server starts once, and what to do`, async () => {
      const server = new Server({ port: 0, name: 'shop', logger: collectingLogger() })
      await server.start()
      expect((await rejected(server[call]())).message).to.equal(
        `${call}: server "shop" is ready already: a server starts once`,
      )
      await server.stop()
      expect((await rejected(server[call]())).message).to.equal(
        `${call}: server "shop" is stopped: a server starts once, create a new one`,
      )
    })
  }

  it('stop before start just ends in stopped, and a stopped server never starts', async () => {
    const server = create()
    await server.stop()
    expect(server.state).to.equal('stopped')
    expect(await rejected(server.start())).to.be.instanceOf(TribindError)
    expect(server.state).to.equal('stopped')
    const other = create()
    await other.start()
    await other.stop()
    const error = await rejected(other.start())
    expect(error).to.be.instanceOf(StateError)
    expect(error)
      .to.have.property('code')
      .that.matches(/^ERR_TRIBIND_/)
  })
})

describe('server: hooks', () => {
  afterEach(async () => {
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('startup hooks run in order, one after another, once requests are served', async () => {
    const server = create()
    const seen: string[] = []
    server.bindHandler('/', () => 'hello')
    server.registerStartupHook(async (given) => {
      seen.push((await sendToPort(portOf(given))('/')).text)
      expect(given).to.equal(server)
    })
    server.registerStartupHook(() => {
      seen.push('second')
    })
    await server.start()
    expect(seen).to.deep.equal(['hello', 'second'])
    await server.stop()
  })

  it('a startup hook that throws stops the server, and start and run reject with it', async () => {
    for (const method of ['start', 'run'] as const) {
      const server = create()
      const reason = new Error('no')
      const seen: string[] = []
      server.registerStartupHook(async () => {
        await Promise.resolve()
        throw reason
      })
      server.registerStartupHook(() => {
        seen.push('never')
      })
      expect(await rejected(server[method]())).to.equal(reason)
      await until(() => server.state === 'stopped', 'it is stopped')
      expect(seen).to.deep.equal([])
    }
  })

  it('shutdown hooks run in order; one that throws is logged and the next still runs', async () => {
    const log: Entry[] = []
    const server = create({ port: 0 }, log)
    const seen: string[] = []
    server.registerShutdownHook(async (given) => {
      await Promise.resolve()
      seen.push(given === server ? 'first' : 'wrong server')
    })
    server.registerShutdownHook(() => {
      throw new Error('no')
    })
    server.registerShutdownHook(() => {
      seen.push('third')
    })
    await server.start()
    await server.stop()
    expect(seen).to.deep.equal(['first', 'third'])
    expect(log.some(({ level }) => level === 'error')).to.equal(true)
  })

  it('they can be cleared', async () => {
    const server = create()
    const never = () => {
      throw new Error('was cleared')
    }
    server.registerStartupHook(never)
    server.registerShutdownHook(never)
    server.clearStartupHooks()
    server.clearShutdownHooks()
    await server.start()
    await server.stop()
  })

  it('run resolves when the server has stopped and every shutdown hook has run', async () => {
    const server = create()
    const seen: string[] = []
    server.registerShutdownHook(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      seen.push('shutdown')
    })
    const running = server.run().then(() => seen.push('run'))
    await until(() => server.isReady(), 'it is ready')
    expect(seen).to.deep.equal([])
    await server.stop()
    await running
    expect(seen).to.deep.equal(['shutdown', 'run'])
  })
})

describe('server: names, services, options', () => {
  it('getServer tells which options it ignores for a server that exists', () => {
    const log: Entry[] = []
    const server = getServer('feature-test-options', { logger: collectingLogger(log) })
    expect(getServer('feature-test-options')).to.equal(server)
    expect(log).to.deep.equal([])
    getServer('feature-test-options', { port: 0 })
    expect(log).to.have.lengthOf(1)
    expect(log[0]).to.deep.include({ level: 'warn', fields: { ignored: ['port'] } })
  })

  it('getServer gives the one server of a name', () => {
    expect(getServer()).to.equal(getServer('default'))
    expect(getServer('feature-test-a')).to.equal(getServer('feature-test-a'))
    expect(getServer('feature-test-a')).to.not.equal(getServer('feature-test-b'))
    expect(getServer('feature-test-a')).to.be.instanceOf(Server)
    expect(new Server({ name: 'feature-test-a' })).to.not.equal(getServer('feature-test-a'))
  })

  it('services by name', () => {
    const server = create()
    const service = { name: 'mailer' }
    server.registerService('mailer', service)
    expect(server.service('mailer')).to.equal(service)
    expect(server.lookupService('mailer')).to.equal(service)
    expect(server.lookupService('toString')).to.equal(undefined)
    expect(thrownBy(() => server.service('nope')).message).to.include('nope')
    expect(thrownBy(() => server.service('constructor'))).to.be.instanceOf(TribindError)
  })

  it('registerRoutes calls the function with the server', async () => {
    const server = create()
    server.registerRoutes((given) => {
      given.bindHandler('/x', () => 'x')
    })
    expect((await sendByInject(server)('/x')).text).to.equal('x')
  })

  it('an unknown option, or a value out of range, is a ConfigError that names it', () => {
    const bad: Record<string, unknown> = {
      prot: 8199,
      port: 70000,
      maxBodySize: -1,
      nameToUri: 'snake',
      stopTimeout: -5,
      routeOverwrite: 'yes',
      strictDomains: 1,
    }
    for (const [name, value] of Object.entries(bad)) {
      const error = thrownBy(() => new Server({ [name]: value } as object))
      expect(error, name).to.be.instanceOf(ConfigError)
      expect(error).to.be.instanceOf(TribindError)
      expect(error.message).to.include(name)
    }
    const server = create()
    expect(thrownBy(() => server.setPort(70000))).to.be.instanceOf(ConfigError)
  })
})

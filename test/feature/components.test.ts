import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type Component, ConfigError, Server, StateError } from 'tribind'
import {
  callUntyped,
  collectingLogger,
  type Entry,
  gate,
  inTime,
  portOf,
  rejected,
  sendToPort,
  thrownBy,
  until,
} from './both-ways.ts'

/** A server whose components, hooks and requests are noted as they come. */
function createWorld(options: object = {}) {
  const seen: string[] = []
  const log: Entry[] = []
  const server = new Server({ port: 0, logger: collectingLogger(log), ...options })
  const note = (what: string) => async () => {
    await sleep(1)
    seen.push(what)
  }
  server.get('/', () => 'hello')
  server.registerStartupHook(note('startup hook')).registerShutdownHook(note('shutdown hook'))
  const install = (name: string, parts: Partial<Component> = {}) =>
    server.install({ name, start: note(`start ${name}`), stop: note(`stop ${name}`), ...parts })
  return { server, seen, log, install, note }
}

describe('components', () => {
  it('start in order before the server listens, stop in reverse after the shutdown hooks', async () => {
    const { server, seen, install } = createWorld()
    install('pool')
    install('watcher', { start: () => seen.push(`start watcher ${String(server.addresses.length)}`) })
    await server.start()
    expect((await sendToPort(portOf(server))('/')).text).to.equal('hello')
    const hooks = ['startup hook', 'shutdown hook', 'stop watcher', 'stop pool']
    expect(seen).to.deep.equal(['start pool', 'start watcher 0', 'startup hook'])
    await server.stop()
    expect(seen).to.deep.equal(['start pool', 'start watcher 0', ...hooks])
  })

  it('are used by the last request: they stop after it', async () => {
    const { server, seen, install, note } = createWorld()
    const [entered, go] = [gate(), gate()]
    install('pool')
    server.get('/slow', async () => {
      entered.open()
      await go.opened
      await note('answer')()
      return 'late'
    })
    await server.start()
    const answer = sendToPort(portOf(server))('/slow')
    await entered.opened
    const stopping = server.stop()
    go.open()
    expect((await answer).text).to.equal('late')
    await stopping
    expect(seen.slice(-3)).to.deep.equal(['answer', 'shutdown hook', 'stop pool'])
  })

  it('one that fails to start stops those before it, and start and run reject with its error', async () => {
    for (const call of ['start', 'run'] as const) {
      const { server, seen, log, install } = createWorld()
      const reason = new Error('no database')
      install('one')
      install('two')
      install('three', {
        start() {
          throw reason
        },
      })
      install('four')
      expect(await rejected(server[call]())).to.equal(reason)
      expect(seen).to.deep.equal(['start one', 'start two', 'stop two', 'stop one'])
      expect(server.state).to.equal('stopped')
      await server.stop()
      expect(log).to.deep.equal([])
    }
  })

  it('one that fails without an error fails the start too', async () => {
    const { server, install } = createWorld()
    install('one', { start: () => Promise.reject() })
    const outcome = await server.start().then(
      () => 'ready',
      () => 'failed',
    )
    expect([outcome, server.state]).to.deep.equal(['failed', 'stopped'])
  })

  it('stop where the server can’t listen, and no hook runs', async () => {
    const taken = createWorld()
    await taken.server.start()
    const { server, seen, install } = createWorld({ port: portOf(taken.server) })
    install('one')
    expect(await rejected(server.start())).to.include({ code: 'ERR_TRIBIND_LISTEN' })
    expect(seen).to.deep.equal(['start one', 'stop one'])
    await taken.server.stop()
  })

  it('what fails to stop is logged with its name, and the others still stop', async () => {
    const { server, seen, log, install } = createWorld()
    const error = new Error('stuck')
    install('one')
    install('two', { stop: () => Promise.reject(error) })
    await server.start()
    await server.stop()
    expect(seen.at(-1)).to.equal('stop one')
    const failure = log.find(({ level }) => level === 'error')
    expect(failure?.message).to.include('"two"')
    expect(failure?.fields).to.deep.equal({ error })
  })

  it('a stop meanwhile aborts the signal; what has started is stopped and nothing listens', async () => {
    const { server, seen, install } = createWorld()
    install('one')
    install('two', { start: (signal) => sleep(60_000, undefined, { signal }) })
    install('three')
    const starting = rejected(server.start())
    await sleep(20)
    await inTime(server.stop(), 'it is stopped')
    expect(await starting).to.be.instanceOf(StateError)
    expect(seen).to.deep.equal(['start one', 'stop one'])
    expect(server.addresses).to.deep.equal([])
  })

  it('run resolves after such a stop, also of one that takes no notice of the signal', async () => {
    const { server, seen, install, note } = createWorld({ stopTimeout: 50 })
    const go = gate()
    install('one', { start: () => go.opened.then(note('start one')) })
    install('two')
    const running = server.run()
    await inTime(server.stop(), 'it is stopped')
    await inTime(running, 'it has run')
    expect(seen).to.deep.equal([])
    go.open()
    await until(() => seen.length === 2, 'it is stopped as well')
    expect(seen).to.deep.equal(['start one', 'stop one'])
    expect(server.addresses).to.deep.equal([])
  })

  it('may stop the server, and wait for that, while they start and stop', async () => {
    const { server, seen, install } = createWorld()
    install('one', { stop: () => server.stop() })
    install('two', { start: () => server.stop() })
    await inTime(server.run(), 'it has run')
    expect(seen).to.deep.equal(['start one', 'stop two'])
  })

  it('are installed before the start alone, and have a name and two functions', async () => {
    const { server, install } = createWorld()
    for (const junk of [undefined, null, 'pool', {}, { name: 'pool', start() {} }, { start() {}, stop() {} }]) {
      const error = thrownBy(() => callUntyped(server, 'install', junk))
      expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains('install')
    }
    await server.start()
    expect(thrownBy(() => install('late'))).to.be.instanceOf(StateError)
    await server.stop()
    expect(thrownBy(() => install('late'))).to.be.instanceOf(StateError)
  })

  it('don’t run where the server is stopped before it starts', async () => {
    const { server, seen, install } = createWorld()
    install('one')
    await server.stop()
    expect(seen).to.deep.equal([])
  })
})

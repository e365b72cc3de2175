import { expect } from 'chai'
import { Server, StateError } from 'tribind'
import { collectingLogger, type Entry, gate, inTime, portOf, rejected, sendToPort, turns, until } from './both-ways.ts'

const created: Server[] = []

function create(options: object = {}) {
  const server = new Server({ port: 0, logger: collectingLogger(), ...options })
  created.push(server)
  return server
}

/** Runs a server until it is inside a startup hook, which goes on when told to. */
async function runIntoHook(server: Server, hook: () => unknown = () => {}) {
  const [entered, released] = [gate(), gate()]
  server.registerStartupHook(async () => {
    entered.open()
    await released.opened
    await hook()
  })
  const running = server.run()
  await entered.opened
  return { running, release: released.open }
}

describe('server: a stop and the hooks', () => {
  afterEach(async () => {
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('takes no connection any more while a startup hook still runs, and waits for that hook', async () => {
    const server = create()
    const { running, release } = await runIntoHook(server)
    const seen: string[] = []
    server.registerShutdownHook(() => void seen.push('shutdown'))
    const port = portOf(server)
    const stopping = server.stop()
    expect(await rejected(sendToPort(port)('/'))).to.have.property('code', 'ECONNREFUSED')
    expect(seen).to.deep.equal([])
    release()
    await Promise.all([stopping, running])
    expect(seen).to.deep.equal(['shutdown'])
  })

  it('waits no longer than stopTimeout for a startup hook, and logs one that fails later', async () => {
    const log: Entry[] = []
    const server = create({ stopTimeout: 50, logger: collectingLogger(log) })
    const { running, release } = await runIntoHook(server, () => {
      throw new Error('late')
    })
    await server.stop()
    await inTime(running, 'run() has ended')
    log.length = 0
    release()
    await turns()
    expect(log.map(({ level, message }) => `${level}: ${message}`)).to.deep.equal([
      'error: A startup hook failed after the stop',
    ])
  })

  it('gives start and run what a startup hook threw although it was stopped meanwhile', async () => {
    const server = create()
    const reason = new Error('no')
    const { running, release } = await runIntoHook(server, () => {
      throw reason
    })
    const stopping = server.stop()
    release()
    expect(await rejected(running)).to.equal(reason)
    await stopping
  })

  it('gives run a StateError, too, that a startup hook threw', async () => {
    const server = create()
    server.registerStartupHook(() => void server.setPort(1))
    expect(await rejected(server.run())).to.be.instanceOf(StateError)
    expect(server.state).to.equal('stopped')
  })

  it('while it starts makes start reject, once it is over, and run resolve', async () => {
    const [server, other] = [create(), create()]
    const seen: string[] = []
    server.registerShutdownHook(() => void seen.push('shutdown'))
    const starting = rejected(server.start()).finally(() => seen.push('start'))
    const running = other.run()
    await Promise.all([server.stop(), other.stop(), running])
    expect(await starting).to.be.instanceOf(StateError)
    expect(seen).to.deep.equal(['shutdown', 'start'])
  })

  it('can be awaited in a hook while hooks of another server end', async () => {
    const [server, other] = [create(), create()]
    const { running, release } = await runIntoHook(server, () => server.stop())
    other.registerStartupHook(() => {})
    await other.start()
    release()
    await inTime(running, 'it has stopped')
  })

  it('is awaited to its end by what a hook has left running, also while another server is in a hook', async () => {
    const server = create()
    const seen: string[] = []
    const { opened, open } = gate()
    let left = Promise.resolve()
    server.registerStartupHook(() => {
      left = opened.then(() => server.stop()).then(() => void seen.push('stopped'))
    })
    server.registerShutdownHook(async () => {
      await turns(2)
      seen.push('shutdown')
    })
    await server.start()
    const { release } = await runIntoHook(create())
    open()
    await left
    release()
    expect(seen).to.deep.equal(['shutdown', 'stopped'])
  })

  it('goes on when the logger fails, too', async () => {
    const fail = () => {
      throw new Error('the disk is full')
    }
    const server = create({ logger: { debug: fail, info: fail, warn: fail, error: fail } })
    const seen: string[] = []
    server.registerShutdownHook(fail)
    server.registerShutdownHook(() => void seen.push('second'))
    await server.start()
    await inTime(server.stop(), 'it has stopped')
    expect(seen).to.deep.equal(['second'])
  })

  it('runs the shutdown hooks after the close events of the last request', async () => {
    const server = create()
    const seen: string[] = []
    const entered = gate()
    const { opened, open } = gate()
    server.get('/', async () => {
      entered.open()
      await opened
    })
    for (const event of ['BeforeClose', 'AfterClose'] as const) {
      server.bindHookHandler('/*', event, async () => {
        await turns(2)
        seen.push(event)
      })
    }
    server.registerShutdownHook(() => void seen.push('shutdown'))
    const running = server.run().then(() => void seen.push('run'))
    await until(() => server.isReady(), 'it is ready')
    const answer = sendToPort(portOf(server))('/')
    await entered.opened
    void server.stop()
    open()
    await Promise.all([answer, running])
    expect(seen).to.deep.equal(['BeforeClose', 'AfterClose', 'shutdown', 'run'])
  })
})

import net from 'node:net'
import { expect } from 'chai'
import {
  CommandError,
  ConfigError,
  type EntryPoint,
  type EntryPointsOption,
  ListenError,
  Server,
  type ServerOptions,
} from 'tribind'
import { collectingLogger, type Entry, gate, openRaw, rejected, thrownBy } from './both-ways.ts'
import { isRunning } from './is-running.ts'

const events = ['preUp', 'postUp', 'preDown', 'postDown'] as const
const address = '127.0.0.1:0'
const failing = { run: 'false', onFailure: 'abort' } as const

/** A server whose commands tell what happens. */
class World {
  readonly log: Entry[] = []
  readonly course: string[] = []
  readonly server: Server

  constructor(entryPoints: EntryPointsOption, options: ServerOptions = {}) {
    this.server = new Server({ stopTimeout: 2000, ...options, entryPoints, logger: collectingLogger(this.log) })
    this.server.get('/', () => 'hello')
  }

  /** What commands have printed, and how they have failed. */
  get printed(): string[] {
    return this.log
      .filter(({ fields }) => Object.hasOwn(Object(fields) as object, 'event'))
      .map(({ message }) => message)
  }
}

/** Commands that print their event, entry point and address. */
function printing(also: object = {}) {
  const run = { run: 'echo $TRIBIND_EVENT $TRIBIND_ENTRY_POINT', shell: true }
  return { address, ...Object.fromEntries(events.map((event) => [event, run])), ...also }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What a new client gets: the body of an answer, or the code of the error. */
async function ask(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()
  } catch (error) {
    return String((error as { cause?: NodeJS.ErrnoException }).cause?.code)
  }
}

describe('commands around the life of an entry point', function () {
  this.timeout(20_000)

  it('run in order: preUp, listening, postUp, ready, preDown, no more connections, the last request, postDown, closed', async () => {
    const port = await freePort()
    const { opened, open } = gate()
    const course: string[] = []
    const look = (event: string) => async (entryPoint: EntryPoint) => {
      const { name, addresses } = entryPoint
      course.push(`${event} ${name} ${entryPoint.status().state} ${addresses.join()} ${await ask(port)}`)
      if (event === 'preDown') setTimeout(open, 20)
    }
    const commands = Object.fromEntries(events.map((event) => [event, look(event)]))
    const { server } = new World({ web: { address: `127.0.0.1:${port}`, ...commands } })
    server.get('/slow', async () => {
      course.push('request')
      await opened
      course.push('answered')
      return 'slow'
    })
    await server.start()
    const web = server.entryPoint('web')
    course.push(web.status().state)
    const slow = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    while (!course.includes('request')) await new Promise((resolve) => setImmediate(resolve))
    await server.stop()
    course.push(web.status().state)
    expect(slow.received()).to.match(/slow$/)
    expect(course).to.deep.equal([
      'preUp web running  ECONNREFUSED',
      `postUp web running 127.0.0.1:${port} hello`,
      'ready',
      'request',
      `preDown web ready 127.0.0.1:${port} hello`,
      'answered',
      `postDown web ready 127.0.0.1:${port} ECONNREFUSED`,
      'closed',
    ])
  })

  it('know the address as configured before it is bound, and as bound afterwards', async () => {
    const run = { run: 'echo $TRIBIND_EVENT $TRIBIND_ADDRESS', shell: true }
    const commands = Object.fromEntries(events.map((event) => [event, run]))
    const world = new World({ web: { address: '127.0.0.1:0, [::1]:0', ...commands } })
    await world.server.start()
    const bound = world.server.addresses.join()
    await world.server.stop()
    expect(bound).to.match(/^127\.0\.0\.1:[1-9]\d*,\[::1\]:[1-9]\d*$/)
    expect(world.printed).to.deep.equal([
      'preUp 127.0.0.1:0,[::1]:0',
      `postUp ${bound}`,
      `preDown ${bound}`,
      `postDown ${bound}`,
    ])
  })

  it('run one after another, those of one entry point before those of the next', async () => {
    const world = new World({ first: printing({ preUp: ['sh -c "sleep 0.1; echo 1"', 'echo 2'] }), second: printing() })
    await world.server.start()
    expect(world.printed).to.deep.equal(['1', '2', 'postUp first', 'preUp second', 'postUp second'])
    await world.server.stop()
  })

  it('run at most once, however often the server is stopped', async () => {
    const world = new World({ web: printing() })
    await world.server.start()
    await Promise.all([world.server.stop(), world.server.stop()])
    await world.server.stop()
    expect(world.printed).to.deep.equal(['preUp web', 'postUp web', 'preDown web', 'postDown web'])
  })

  it('do not run where the server is never started', async () => {
    const world = new World({ web: printing() })
    await world.server.inject('/')
    await world.server.stop()
    expect(world.printed).to.deep.equal([])
  })

  it('run on the way down for what came up, where a later entry point can not listen', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as net.AddressInfo
    const world = new World({
      first: printing(),
      second: printing({ address: `127.0.0.1:${port}` }),
      third: printing(),
    })
    expect(await rejected(world.server.start())).to.be.instanceOf(ListenError)
    taken.close()
    expect(world.printed).to.deep.equal([
      'preUp first',
      'postUp first',
      'preUp second',
      'preDown first',
      'postDown first',
    ])
  })

  it('run on the way down where a client has to be cut', async () => {
    const world = new World({ web: printing() }, { stopTimeout: 50 })
    world.server.get('/never', () => new Promise(() => {}))
    await world.server.start()
    const never = await openRaw(world.server.port, 'GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
    await world.server.stop()
    await never.closed
    expect(world.printed.slice(-2)).to.deep.equal(['preDown web', 'postDown web'])
  })

  describe('that fail', () => {
    it('do not keep an entry point from opening and closing, without abort', async () => {
      const commands = Object.fromEntries(events.map((event) => [event, ['false', 'no-such-program', `echo ${event}`]]))
      const world = new World({ web: { address, ...commands } })
      await world.server.start()
      expect(await ask(world.server.port)).to.equal('hello')
      await world.server.stop()
      expect(world.printed).to.have.length(12)
      expect(world.printed.filter((line) => !line.includes(' '))).to.deep.equal([...events])
      expect(world.server.entryPoint('web').status().state).to.equal('closed')
    })

    for (const [event, own] of [
      ['preUp', []],
      ['postUp', ['preUp web', 'preDown web', 'postDown web']],
    ] as const) {
      it(`in ${event} with abort fail the start: all that was opened is closed again`, async () => {
        const world = new World({ first: printing(), web: printing({ [event]: failing }), third: printing() })
        const error = (await rejected(world.server.start())) as CommandError
        expect(error).to.be.instanceOf(CommandError)
        expect(error).to.include({ command: 'false', exitCode: 1, signal: null })
        expect(error.message).to.equal(`${event} of entry point "web": command "false" ended with exit code 1`)
        expect(world.printed.filter((line) => line !== error.message)).to.deep.equal([
          'preUp first',
          'postUp first',
          ...own,
          'preDown first',
          'postDown first',
        ])
        expect(world.server.entryPoints().map((one) => one.status().state)).to.deep.equal([
          'closed',
          'failed',
          'closed',
        ])
        expect(world.server.entryPoint('web').status().lastError).to.equal(error.message)
        expect(world.server.state).to.equal('stopped')
      })
    }

    it('reject openEntryPoint with abort, and nothing has changed', async () => {
      const world = new World({ web: address })
      await world.server.start()
      for (const event of ['preUp', 'postUp']) {
        const error = await rejected(world.server.openEntryPoint('ops', printing({ [event]: failing })))
        expect(error).to.be.instanceOf(CommandError)
      }
      expect(world.server.entryPoints().map(({ name }) => name)).to.deep.equal(['web'])
      expect(world.server.addresses).to.have.length(1)
      await world.server.openEntryPoint('ops', address)
      await world.server.stop()
    })
  })

  it('of openEntryPoint and closeEntryPoint run once for each time it is open', async () => {
    const world = new World({ web: address })
    await world.server.start()
    for (let i = 0; i < 2; i++) {
      await world.server.openEntryPoint('ops', printing())
      await world.server.closeEntryPoint('ops')
    }
    const once = events.map((event) => `${event} ops`)
    expect(world.printed).to.deep.equal([...once, ...once])
    await world.server.stop()
    expect(world.printed).to.have.length(8)
  })

  it('of both sides run at replaceEntryPoint: the new one goes up before the old one goes down', async () => {
    const world = new World({ web: printing() })
    await world.server.start()
    const run = (event: string) => `echo new ${event}`
    const commands = Object.fromEntries(events.map((event) => [event, run(event)]))
    await world.server.replaceEntryPoint('web', { address, ...commands })
    await world.server.stop()
    const old = world.printed.filter((line) => line.endsWith('web'))
    const replacing = world.printed.filter((line) => line.startsWith('new'))
    expect(old).to.deep.equal(['preUp web', 'postUp web', 'preDown web', 'postDown web'])
    expect(replacing).to.deep.equal(['new preUp', 'new postUp', 'new preDown', 'new postDown'])
    expect(world.printed.indexOf('preDown web')).to.be.above(world.printed.indexOf('new postUp'))
  })

  for (const event of ['preUp', 'postUp'] as const) {
    it(`in ${event} with abort reject replaceEntryPoint at the same address, and the old one goes on`, async () => {
      const world = new World({ web: printing() })
      await world.server.start()
      const [bound = ''] = world.server.addresses
      const error = await rejected(world.server.replaceEntryPoint('web', { address: bound, [event]: failing }))
      expect(error).to.be.instanceOf(CommandError)
      expect(world.server.addresses).to.deep.equal([bound])
      expect(await ask(world.server.port)).to.equal('hello')
      expect(world.printed).to.not.include('preDown web')
      await world.server.stop()
      expect(world.printed.slice(-2)).to.deep.equal(['preDown web', 'postDown web'])
    })
  }

  it('leave what runs in the background until their entry point has closed', async () => {
    const world = new World({ web: address })
    await world.server.start()
    const run = 'sleep 60 >/dev/null 2>&1 & echo $!'
    await world.server.openEntryPoint('ops', { address, preUp: { run, shell: true } })
    const pid = Number(world.printed[0])
    expect(isRunning(pid)).to.equal(true)
    await world.server.closeEntryPoint('ops')
    expect(isRunning(pid)).to.equal(false)
    await world.server.stop()
  })

  it('that are functions may stop the server, and do not wait for that', async () => {
    const started = performance.now()
    const server: Server = new Server({
      entryPoints: { web: { address, preUp: () => server.stop(), postUp: () => server.stop() } },
      logger: collectingLogger(),
    })
    await rejected(server.start())
    await server.stop()
    expect(server.state).to.equal('stopped')
    expect(performance.now() - started).to.be.below(2000)
  })

  it('in the last of which the server is stopped have no entry point announced that is closing', async () => {
    const log: Entry[] = []
    const server: Server = new Server({
      entryPoints: { first: address, last: { address, postUp: () => void server.stop() } },
      logger: collectingLogger(log),
    })
    await rejected(server.start())
    await server.stop()
    const told = log.filter(({ level }) => level === 'info').map(({ message }) => message)
    expect(told).to.deep.equal(['Stopping', 'Stopped'])
  })

  it('are refused early where they are wrong, by their path', () => {
    for (const [commands, path] of [
      [{ preUp: `echo 'a` }, 'entryPoints.web.preUp'],
      [{ postUp: ['true', { run: 'a', timeout: -1 }] }, 'entryPoints.web.postUp[1].timeout'],
      [{ preDown: { run: 'a', onFailure: 'abort' } }, 'entryPoints.web.preDown.onFailure'],
      [{ postDown: 5 }, 'entryPoints.web.postDown'],
    ] as const) {
      const error = thrownBy(() => new Server({ entryPoints: { web: { address, ...commands } as never } }))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(`"${path}"`)
    }
  })

  it('are refused by openEntryPoint before anything runs', async () => {
    const world = new World({ web: address })
    await world.server.start()
    const opening = world.server.openEntryPoint('ops', { address, preUp: 'echo a', preDown: `echo "b` })
    expect((await rejected(opening)).message).to.include('"entryPoints.ops.preDown"')
    expect(world.printed).to.deep.equal([])
    await world.server.stop()
  })
})

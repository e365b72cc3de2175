import { expect } from 'chai'
import { AppProcess } from './app-process.ts'
import { inTime, openRaw, until } from './both-ways.ts'
import { isRunning } from './is-running.ts'

const clean = { code: 0, signal: null, stderr: '' }
const events = ['preUp', 'postUp', 'preDown', 'postDown']

/** Commands that tell their event and entry point. */
function telling(also: object = {}): Record<string, unknown> {
  const run = { run: 'echo $TRIBIND_EVENT $TRIBIND_ENTRY_POINT', shell: true }
  return { address: '127.0.0.1:0', ...Object.fromEntries(events.map((event) => [event, run])), ...also }
}

/** A command that tells its number and that of a process it starts, and goes on. */
const endless = { run: 'sleep 60 & echo $$ $!; wait', shell: true, timeout: '60s' }
const background = { run: 'sleep 60 >/dev/null 2>&1 & echo $!', shell: true }

class App extends AppProcess {
  constructor(entryPoints: object, options: object = {}) {
    super(JSON.stringify({ entryPoints, ...options }), new URL('commands-app.ts', import.meta.url))
  }

  /** What commands have told, and what else has happened, in order. */
  get course(): string[] {
    return this.told.flatMap(({ event, log }) => {
      if (event !== 'log') return event
      const { event: ofCommand } = (log?.fields ?? {}) as { event?: string }
      return ofCommand === undefined ? [] : (log?.message ?? '')
    })
  }

  async numbers(): Promise<number[]> {
    const find = () => this.course.find((line) => /^\d+/.test(line))
    await until(() => find() !== undefined, 'numbers were told', 15_000)
    return (find() as string).split(' ').map(Number)
  }

  async areGone(pids: readonly number[]): Promise<void> {
    await until(() => !pids.some(isRunning), `${pids.join(' and ')} have ended`, 8000)
  }
}

describe('commands of a process', function () {
  this.timeout(40_000)
  afterEach(() => AppProcess.killAll())

  it('run in order around the requests that SIGTERM finds, each once', async () => {
    const app = new App({ web: telling() })
    const { port = 0 } = await app.hasTold('ready')
    const slow = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await app.hasTold('request')
    app.signal('SIGTERM')
    await slow.closed
    expect(await app.end()).to.deep.equal(clean)
    expect(slow.received()).to.match(/slow$/)
    expect(app.course.filter((what) => what !== 'answered')).to.deep.equal([
      'preUp web',
      'postUp web',
      'ready',
      'request',
      'preDown web',
      'postDown web',
      'hook',
      'over',
    ])
    expect(app.course.indexOf('answered')).to.be.below(app.course.indexOf('postDown web'))
  })

  it('run where a client has to be cut', async () => {
    const app = new App({ web: telling() }, { stopTimeout: 200 })
    const { port = 0 } = await app.hasTold('ready')
    const never = await openRaw(port, 'GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
    await app.hasTold('request')
    app.signal('SIGTERM')
    await never.closed
    expect(await app.end()).to.deep.equal(clean)
    expect(app.course.slice(-4)).to.deep.equal(['preDown web', 'postDown web', 'hook', 'over'])
  })

  it('are ended by SIGTERM during preUp: what came up before goes down by its commands, the rest never runs any', async () => {
    const app = new App({ first: telling(), second: telling({ preUp: [endless, 'echo never'] }), third: telling() })
    const pids = await app.numbers()
    expect(pids.map(isRunning)).to.deep.equal([true, true])
    app.signal('SIGTERM')
    expect(await inTime(app.end(), 'it has ended', 4000)).to.deep.equal(clean)
    expect(pids.map(isRunning)).to.deep.equal([false, false])
    const course = app.course.filter((what) => !/^\d/.test(what))
    expect(course.filter((what) => !what.includes('was ended by a stop'))).to.deep.equal([
      'preUp first',
      'postUp first',
      'preDown first',
      'postDown first',
      'hook',
      'over',
    ])
    expect(course).to.have.length(7)
  })

  it('are ended by SIGTERM during preUp of the only entry point: nothing came up, so nothing else runs', async () => {
    const app = new App({ web: telling({ preUp: endless }) })
    const pids = await app.numbers()
    app.signal('SIGTERM')
    expect(await inTime(app.end(), 'it has ended', 4000)).to.deep.equal(clean)
    expect(pids.map(isRunning)).to.deep.equal([false, false])
    const [, ended, ...rest] = app.course
    expect(ended).to.match(/^preUp of entry point "web": .* was ended by a stop of the server$/)
    expect(rest).to.deep.equal(['over'])
  })

  it('are ended by SIGTERM during postUp, and the entry point goes down by its commands', async () => {
    const app = new App({ web: telling({ postUp: [endless, 'echo never'] }) })
    const pids = await app.numbers()
    app.signal('SIGTERM')
    expect(await inTime(app.end(), 'it has ended', 4000)).to.deep.equal(clean)
    expect(pids.map(isRunning)).to.deep.equal([false, false])
    expect(app.course.slice(-4)).to.deep.equal(['preDown web', 'postDown web', 'hook', 'over'])
    expect(app.course).to.not.include('never')
  })

  it('are ended when a second signal ends the process at once', async () => {
    const app = new App({ web: { address: '127.0.0.1:0', preDown: endless } })
    await app.hasTold('ready')
    app.signal('SIGTERM')
    const pids = await app.numbers()
    app.signal('SIGTERM')
    expect(await inTime(app.end(), 'it has ended', 4000)).to.include({ code: 143 })
    await app.areGone(pids)
  })

  for (const event of ['preUp', 'postUp']) {
    it(`are ended when the process is killed during ${event}, with all that they started`, async () => {
      const app = new App({ web: { address: '127.0.0.1:0', [event]: endless } })
      const pids = await app.numbers()
      app.signal('SIGKILL')
      expect(await app.end()).to.include({ signal: 'SIGKILL' })
      await app.areGone(pids)
    })
  }

  it('that succeeded leave what runs in the background, until the process is killed', async () => {
    const app = new App({ web: { address: '127.0.0.1:0', preUp: background } })
    await app.hasTold('ready')
    const pids = await app.numbers()
    expect(pids.map(isRunning)).to.deep.equal([true])
    app.signal('SIGKILL')
    await app.end()
    await app.areGone(pids)
  })

  it('do not hold up the end of the process by what has left their group and holds their output', async () => {
    const script = `console.log(require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' }).pid)
      process.exit()`
    const app = new App({ web: { address: '127.0.0.1:0', preUp: [[process.execPath, '-e', script]] } })
    await app.hasTold('ready')
    const [pid = 0] = await app.numbers()
    app.signal('SIGTERM')
    expect(await inTime(app.end(), 'it has ended', 4000)).to.deep.equal(clean)
    expect(isRunning(pid)).to.equal(true)
    process.kill(pid)
  })

  it('that succeeded leave what runs in the background, until the server stops', async () => {
    const app = new App({ web: { address: '127.0.0.1:0', preUp: background } })
    await app.hasTold('ready')
    const pids = await app.numbers()
    app.signal('SIGTERM')
    await app.hasTold('over')
    expect(pids.map(isRunning)).to.deep.equal([false])
    expect(await app.end()).to.deep.equal(clean)
  })
})

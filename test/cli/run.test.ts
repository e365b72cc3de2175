import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { isRunning } from '../feature/is-running.ts'
import { bin, tribind } from './tribind.ts'
import { Application, type WorkerInfo } from './workers/application.ts'

describe('tribind run', function () {
  this.timeout(120_000)

  it('replaces a worker though the one that has the history of the configuration hangs', async () => {
    const application = await Application.start(2, { READY_TIMEOUT: '500ms' })
    const [leader = 0, other = 0] = application.servings
    process.kill(leader, 'SIGSTOP')
    process.kill(other, 'SIGKILL')
    try {
      await application.until(() => application.servings.length === 3)
    } finally {
      process.kill(leader, 'SIGCONT')
      expect(await application.stop()).to.equal(0)
    }
  })

  it('leaves no worker behind where the first process is killed, though one hangs', async () => {
    const application = await Application.start(2)
    const pids = application.servings
    application.send('/hang').catch(() => {})
    await setTimeout(100)
    application.child.kill('SIGKILL')
    // Its output is open until the last worker has ended.
    await Promise.race([application.whenEnded, setTimeout(20_000, undefined, { ref: false })])
    const left = pids.filter(isRunning)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    expect(left).to.deep.equal([])
  })

  it('runs in one process without --workers, until a signal stops it', async () => {
    const application = new Application([])
    await application.until(() => application.portOf('web') > 0)
    await application.until(async () => (await application.json<WorkerInfo>('/')).pid === application.child.pid)
    expect(await application.json<WorkerInfo>('/')).to.not.have.property('scope')
    expect(await application.stop()).to.equal(0)
  })

  it('runs a module in TypeScript, with a loader where Node.js has none', async () => {
    const env = { NODE_OPTIONS: '--import=tsx' }
    const application = new Application(['--workers', '2'], env, './typed.ts')
    await application.until(() => application.servings.length === 2)
    const infos = await application.ofEach<WorkerInfo>('/', 2, ({ pid }) => pid)
    expect(infos.map(({ pid }) => pid)).to.have.members([...application.servings])
    expect(await application.stop()).to.equal(0)
  })

  it('may take as long to stop as its workers, also as a group', async () => {
    const module = join(tmpdir(), 'tribind-slow-app.mjs')
    const library = new URL('../../dist/index.js', import.meta.url).href
    writeFileSync(
      module,
      `import { Server } from '${library}'\nexport default new Server({ port: 0, stopTimeout: '33s' })`,
    )
    // What supervises groups sets the variable, and kills a group that takes longer than it has said.
    const env = { ...process.env, TRIBIND_CHILD: '1' }
    const child = fork(bin, ['run', module, '--workers', '1'], { env, silent: true })
    const times: unknown[] = []
    child.on('message', ({ tribindStopTimeout }: Record<string, unknown>) => {
      times.push(tribindStopTimeout)
      if (tribindStopTimeout === 33_000) child.kill('SIGTERM')
    })
    await once(child, 'exit')
    expect(times).to.deep.equal([10_000, 33_000])
  })

  it('fails with the reason where no worker ever comes up', async () => {
    writeFileSync(join(tmpdir(), 'tribind-broken-app.mjs'), 'throw new Error("no luck")')
    const { code, stderr } = await tribind(['run', join(tmpdir(), 'tribind-broken-app.mjs'), '--workers', '3'])
    expect(code).to.equal(1)
    expect(stderr).to.match(/tribind: Worker 1 \(process \d+\) ended with exit code 1 before it served: .*no luck/)
    expect(stderr.match(/no luck/g)).to.have.lengthOf(1)
    expect(stderr).to.not.include('serves')
  })

  it('tells what is wrong with its arguments', async () => {
    for (const [args, message] of [
      [[], /^tribind: run: name the module/],
      [
        ['a.js', '--workers', 'many'],
        /^tribind: run: --workers must be an integer from 1 to 1024, or auto, got "many"/,
      ],
      [['a.js', 'b.js'], /^tribind: run: one module is run, got a\.js, b\.js/],
    ] as const) {
      const { code, stderr } = await tribind(['run', ...args])
      expect(code).to.equal(2)
      expect(stderr).to.match(message)
    }
  })
})

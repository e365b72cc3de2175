import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger, type Entry } from './both-ways.ts'

const file = fileURLToPath(new URL(`.start-log-${process.pid}.ts`, import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const node = [process.execPath, '--import=tsx', file]

const program = `import { Server } from 'tribind'
const server = new Server({ name: 'shop', address: '127.0.0.1:0, 127.0.0.1:0', port: 0, accessLog: true, dumpRoutes: true })
server.get('/hello/:name', function hello() { return 'Hello' })
server.get('/fail', () => { throw new Error('boom') })
await server.start()
await server.inject({ url: '/hello/Ann' })
await server.inject({ url: '/fail' })
await server.stop()
console.log('stopped')
`

type Environment = Record<string, string | undefined>

/** What the program writes on a terminal, or to a pipe. */
function run(place: 'terminal' | 'pipe', environment: Environment = {}) {
  // Whatever Node.js takes for a sign that nobody sees colours, CI among them.
  const colours = { CI: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm-256color' }
  const env = { ...process.env, ...colours, LOG_LEVEL: 'info' }
  const command = place === 'pipe' ? node : ['script', '-qec', node.join(' '), '/dev/null']
  const options = { cwd: root, env: { ...env, ...environment }, encoding: 'utf8', timeout: 15_000 } as const
  const { status, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), options)
  expect(status, stdout + stderr).to.equal(0)
  return { stdout, stderr }
}

describe('what a server tells on stderr', function () {
  this.timeout(30_000)
  before(() => writeFileSync(file, program))
  after(() => rmSync(file))

  it('is JSON where that is no terminal, with a record for each address and no table', () => {
    const { stdout, stderr } = run('pipe')
    expect(stdout).to.equal('stopped\n')
    const records = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    const [first, second, ...others] = records
    for (const record of [first, second]) {
      expect(record).to.include({ level: 'info', name: 'shop', message: `Listening on http://${record?.['address']}` })
      expect(record?.['address']).to.match(/^127\.0\.0\.1:[1-9]\d*$/)
    }
    const messages = ['GET /hello/Ann 200', 'GET /fail failed', 'GET /fail 500', 'Stopping', 'Stopped']
    expect(others.map(({ message }) => message)).to.deep.equal(messages)
  })

  it('is text in colours on a terminal, with the table of routes', () => {
    const { stdout } = run('terminal')
    expect(stdout).to.match(/Z \u001b\[32mINFO \u001b\[0m Listening on http:\/\/127\.0\.0\.1:\d+ name=shop/)
    expect(stdout).to.match(/\u001b\[31mERROR\u001b\[0m GET \/fail failed .*error="Error: boom"\r\n {4}at /)
    expect(stdout).to.match(/^METHOD \| ROUTE +\| DOMAIN \| HANDLER +\| TYPE\r\n-+\|/m)
    expect(stdout).to.match(/^GET +\| \/hello\/:name \| +\| hello +\| handler\r$/m)
  })

  it('has no colours under NO_COLOR', () => {
    const { stdout } = run('terminal', { NO_COLOR: '1' })
    expect(stdout).to.match(/Z INFO {2}Listening on/)
    expect(stdout).to.not.include('\u001b')
  })

  it('is as much as LOG_LEVEL says', () => {
    expect(run('pipe', { LOG_LEVEL: 'error' }).stderr).to.match(/^{"level":"error".*GET \/fail failed.*\n$/)
    expect(run('pipe', { LOG_LEVEL: 'silent' }).stderr).to.equal('')
  })

  it('may go to nobody: a stderr that is closed ends nothing', async () => {
    const child: ChildProcess = spawn(node[0] as string, node.slice(1), {
      cwd: root,
      env: { ...process.env, LOG_LEVEL: 'debug' },
    })
    child.stderr?.destroy()
    let out = ''
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
    const [code] = await once(child, 'close')
    expect({ code, out }).to.deep.equal({ code: 0, out: 'stopped\n' })
  })
})

describe('what a server tells at its start', () => {
  const start = async (options: object) => {
    const log: Entry[] = []
    const server = new Server({ port: 0, logger: collectingLogger(log), ...options })
    let isTold = false
    server.registerStartupHook(() => {
      isTold = log.length > 0
    })
    await server.start().finally(() => server.stop())
    return { server, log, isTold }
  }

  it('goes through its logger, before the startup hooks', async () => {
    const { log, isTold } = await start({ name: 'shop' })
    expect(isTold).to.equal(true)
    const [{ level, message, fields }] = log as [Entry]
    expect(log.map((entry) => entry.message)).to.deep.equal([message, 'Stopping', 'Stopped'])
    const { address } = fields as { address: string }
    expect({ level, message, fields }).to.deep.equal({
      level: 'info',
      message: `Listening on http://${address}`,
      fields: { name: 'shop', address, entryPoint: 'default' },
    })
  })

  it('has a warning, once, of a :name that is plain text', async () => {
    const log: Entry[] = []
    const server = new Server({ port: 0, logger: collectingLogger(log) })
    server.get('/a-:id', () => 'text').post('/a-:id', () => 'text')
    server.group('/g').get('/a-:id', () => 'text')
    expect((await server.inject({ url: '/a-:id' })).text()).to.equal('text')
    expect(log).to.deep.equal([])
    await server.start().finally(() => server.stop())
    const warnings = log.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.match(/"\/a-:id" at .*start-log\.test\.ts:\d+: .*"\{id\}"/)
  })

  it('is nothing where it could not listen', async () => {
    const taken = new Server({ port: 0, logger: collectingLogger() })
    await taken.start()
    const log: Entry[] = []
    const server = new Server({ address: `:0, 127.0.0.1:${taken.port}`, port: 0, logger: collectingLogger(log) })
    const error: unknown = await server.start().catch((error: unknown) => error)
    await taken.stop()
    expect(error).to.have.property('code', 'ERR_TRIBIND_LISTEN')
    expect(log).to.be.empty
  })
})

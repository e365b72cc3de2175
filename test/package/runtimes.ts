import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { createFreshProject } from './fresh-project.ts'

// Run by `npm run check:runtimes`, not by `npm test`: what it installs is larger than all else that the tests need.

const exec = promisify(execFile)

const server = `
import { Server } from 'tribind'
const server = new Server({ port: 0, session: { secret: 'secret' } })
server.get('/', () => 'hello')
server.post('/json', (request) => request.json())
server.post('/form', async (request) => (await request.form()).name)
server.get('/count', ({ session }) => {
  session.set('count', (session.get('count') ?? 0) + 1)
  return session.get('count')
})
server.get('/fails', () => { throw new Error('secret') })
server.get('/events', ({ response }) => {
  const events = response.sse()
  events.send({ data: 'first' })
  events.close()
})
server.bindWebSocket('/chat', (socket) => socket.on('message', (data) => socket.send(String(data))))
`

const program = `${server}
await server.start()
const base = 'http://127.0.0.1:' + server.port
const post = (path, type, body) => fetch(base + path, { method: 'POST', headers: { 'content-type': type }, body })
const said = []
said.push(await (await fetch(base)).text())
said.push(await (await post('/json', 'application/json', '{"a":1}')).text())
said.push(await (await post('/form', 'application/x-www-form-urlencoded', 'name=ann')).text())
const first = await fetch(base + '/count')
const cookie = first.headers.get('set-cookie').split(';')[0]
said.push(await (await fetch(base + '/count', { headers: { cookie } })).text())
said.push((await fetch(base + '/fails')).status, (await fetch(base + '/none')).status)
said.push((await (await fetch(base + '/events')).text()).trim())
said.push(await new Promise((resolve, reject) => {
  const socket = new WebSocket(base.replace('http', 'ws') + '/chat')
  socket.onopen = () => socket.send('over a WebSocket')
  socket.onmessage = ({ data }) => { socket.close(); resolve(data) }
  socket.onerror = () => reject(new Error('no WebSocket'))
}))
said.push((await server.inject('/')).text())
await server.stop()
console.log(said.join('; '))
`
const said = 'hello; {"a":1}; ann; 2; 500; 404; data: first; over a WebSocket; hello\n'

const running = `${server}
server.registerSignalHook()
server.registerStartupHook(() => console.log('started'))
server.registerShutdownHook(() => console.log('shut'))
await server.run()
`

const jestTest = (types: string) => `
import { Server } from 'tribind'

const register = (server${types}) => void server.get('/', () => 'hello')

test('serves', async () => {
  const server = new Server({ port: 0 })
  register(server)
  await server.start()
  const response = await fetch('http://127.0.0.1:' + server.port)
  expect(await response.text()).toBe('hello')
  await server.stop()
})
`

const jestConfig = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      { useESM: true, tsconfig: { module: 'esnext', moduleResolution: 'bundler', strict: true } },
    ],
  },
}

describe('the package on other runtimes and test runners', function () {
  this.timeout(600_000)
  let project: string
  const programs: Record<string, readonly [file: string, ...args: string[]]> = {}

  before(async () => {
    const files = {
      'main.mjs': program,
      'running.mjs': running,
      'plain.test.js': jestTest(''),
      'typed.test.ts': jestTest(": import('tribind').Server"),
      'jest.config.json': JSON.stringify(jestConfig),
    }
    const packages = ['bun@1', 'deno@2', 'jest@30', 'ts-jest@29', 'typescript@5', '@types/jest@30', '@types/node@20']
    project = await createFreshProject(files, packages)
    // They bring their programs by scripts.
    for (const name of ['bun', 'deno'])
      await exec('node', [join('node_modules', name, name === 'bun' ? 'install.js' : 'install.cjs')], { cwd: project })
    programs['bun'] = [join(project, 'node_modules/.bin/bun')]
    programs['deno'] = [join(project, 'node_modules/.bin/deno'), 'run', '-A']
  })

  after(() => rm(project, { recursive: true, force: true }))

  for (const name of ['bun', 'deno']) {
    it(`serves on ${name}`, async () => {
      const [file, ...args] = programs[name] as readonly [string, ...string[]]
      const { stdout } = await exec(file, [...args, 'main.mjs'], {
        cwd: project,
        env: { ...process.env, LOG_LEVEL: 'silent' },
      })
      expect(stdout).to.equal(said)
    })

    it(`stops by SIGTERM on ${name}`, async () => {
      const [file, ...args] = programs[name] as readonly [string, ...string[]]
      const child = spawn(file, [...args, 'running.mjs'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(child, 'exit')
      let output = ''
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString()
        if (output === 'started\n') child.kill('SIGTERM')
      })
      expect(await ended).to.deep.equal([0, null])
      expect(output).to.equal('started\nshut\n')
    })
  }

  it('is tested by jest, in JavaScript and, by ts-jest, in TypeScript', async () => {
    const args = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js']
    const { stderr } = await exec(process.execPath, args, { cwd: project, timeout: 120_000 })
    expect(stderr).to.match(/Tests: +2 passed, 2 total/)
  })
})

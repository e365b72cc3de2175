import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { freePorts, ServicesProcess } from '../cli/services-process.ts'
import { Load } from '../cli/workers/load.ts'
import { until } from '../feature/both-ways.ts'
import { isRunning } from '../feature/is-running.ts'

const app = `import { setTimeout } from 'node:timers/promises'
import { requestId, Server } from 'tribind'
export const server = new Server({ port: 0 })
server.use(requestId())
server.bindHandler('/pid', function tellPid() { return String(process.pid) })
server.bindHandler('/slow', async function beSlow() {
  await setTimeout(20)
  return 'answered'
})`

const exec = promisify(execFile)

/** Defines the tests of `tribind` as it is packed: real processes, signals, curl, and a terminal. */
export function testCommandLine(project: () => string): void {
  describe('by its command', function () {
    this.timeout(60_000)
    let origin: Server
    let command: string
    const running: ServicesProcess[] = []

    before(async () => {
      command = join(project(), 'node_modules/.bin/tribind')
      writeFileSync(join(project(), 'app.mjs'), app)
      origin = createServer((request, response) => response.end(`origin of ${request.headers.host}`))
      await once(origin.listen(0, '127.0.0.1'), 'listening')
    })
    after(() => origin.close())
    // What a test that failed has left.
    afterEach(() => {
      for (const { child } of running.splice(0)) child.kill('SIGKILL')
    })

    const start = (...args: string[]) => {
      const tribind = new ServicesProcess(args, project(), [command])
      running.push(tribind)
      return tribind
    }
    const end = (...args: string[]) => exec(command, args, { cwd: project() })
    const curl = async (...args: string[]) => (await exec('curl', ['-sS', '--max-time', '10', ...args])).stdout
    const behind = async (proxy: string) => {
      const { port } = origin.address() as AddressInfo
      expect(await curl('-x', proxy, `http://127.0.0.1:${port}/`)).to.equal(`origin of 127.0.0.1:${port}`)
    }
    const portOf = (line: string) => Number(/:(\d+)"/.exec(line)?.[1])

    it('runs services of URLs, each group in a process of its own, until a signal', async () => {
      const alone = start('-L', 'http://127.0.0.1:0')
      const proxy = portOf(await alone.line('Listening on'))
      await behind(`http://127.0.0.1:${proxy}`)
      const groups = start('-L', 'socks5://u:p@127.0.0.1:0', '--', '-L', ':0', '-F', `http://127.0.0.1:${proxy}`)
      const lines = [await groups.line('Listening on'), await groups.line('Listening on')].toSorted()
      expect(lines.map((line) => line.slice(0, 4))).to.deep.equal(['[1] ', '[2] '])
      const [socks, chained] = lines.map(portOf)
      await behind(`socks5h://u:p@127.0.0.1:${socks}`)
      await behind(`http://127.0.0.1:${chained}`)
      const pids = childrenOf(groups.child.pid)
      expect(await groups.stop()).to.equal(0)
      expect(pids).to.have.lengthOf.at.least(2)
      // The guards of the groups, too.
      await until(() => !pids.some(isRunning), 'all have ended')
      expect(await alone.stop('SIGINT')).to.equal(0)
    })

    it('checks, prints and runs a file, which SIGHUP reads again', async () => {
      const [first = 0, second = 0] = await freePorts(2)
      const file = join(project(), 'services.json')
      const service = (port: number) => ({ name: `at-${port}`, addr: `:${port}`, handler: { type: 'http' } })
      const write = (...services: object[]) => writeFileSync(file, JSON.stringify({ services }))
      write(service(first))
      expect((await end('-C', file, '--check')).stdout).to.include(`at-${first}: http at `)
      const printed = JSON.parse((await end('-C', file, '-O', 'json')).stdout) as { services: unknown[] }
      expect(printed).to.have.nested.property('services[0].handler.type', 'http')
      const tribind = await start('-C', file).listening(1)
      write(service(first), service(second))
      expect(await tribind.reload()).to.include('were read again')
      for (const port of [first, second]) await behind(`http://127.0.0.1:${port}`)
      write({ ...service(first), adr: ':1' })
      expect(await tribind.reload())
        .to.include('SIGHUP has changed nothing')
        .and.include('did you mean \\"addr\\"')
      const refused = (await end('-C', file, '--check').catch((error: unknown) => error)) as {
        code: number
        stderr: string
      }
      expect(refused.code).to.equal(1)
      expect(refused.stderr).to.include('services.0.adr')
      await behind(`http://127.0.0.1:${second}`)
      expect(await tribind.stop()).to.equal(0)
    })

    it('runs an application in two processes, loses no request by SIGHUP, and leaves none by SIGKILL', async () => {
      const tribind = start('run', 'app.mjs', '--workers', '2')
      const port = portOf(await tribind.line('Listening on'))
      const served = async () => {
        await tribind.line(/Worker \d serves/)
        await tribind.line(/Worker \d serves/)
      }
      await served()
      const pidsOf = async () =>
        new Set(await Promise.all(Array.from({ length: 20 }, () => curl(`http://127.0.0.1:${port}/pid`))))
      const before = await pidsOf()
      const load = new Load().keepAlive(port, 0).keepAlive(port, 50)
      tribind.child.kill('SIGHUP')
      await served()
      await load.end()
      expect(load.failures).to.deep.equal([])
      expect(load.answered).to.be.above(20)
      const after = await pidsOf()
      expect([...after].filter((pid) => before.has(pid))).to.deep.equal([])
      const pids = childrenOf(tribind.child.pid)
      expect(pids.map(String)).to.include.members([...after])
      await tribind.stop('SIGKILL')
      await until(() => !pids.some(isRunning), 'all have ended')
    })

    it('lists routes, and says what serves a request', async () => {
      const { stdout } = await end('routes', 'app.mjs')
      expect(stdout).to.match(/^ALL +\/pid +handler +tellPid +app\.mjs:5 +requestId$/m)
      expect((await end('match', 'app.mjs', '/pid')).stdout).to.match(/^served by +\/pid +handler tellPid/m)
      expect(await end('match', 'app.mjs', '/none').catch((error: unknown) => error)).to.have.property('code', 1)
    })

    it('shows colours on a terminal, within 80 columns, and none with NO_COLOR', async () => {
      const shown = async (line: string, env: NodeJS.ProcessEnv) => {
        // In place of the shell, which `script` chooses.
        const args = ['-qec', `stty cols 80; exec ${command} ${line}`, '/dev/null']
        const { FORCE_COLOR: _, NO_COLOR: __, ...rest } = process.env
        const child = spawn('script', args, {
          cwd: project(),
          env: { ...rest, TERM: 'xterm', ...env },
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        return (await text(child.stdout)).replaceAll('\r\n', '\n')
      }
      for (const line of ['--help', 'help run', 'routes app.mjs']) {
        const [coloured, plain] = await Promise.all([shown(line, {}), shown(line, { NO_COLOR: '1' })])
        expect(coloured, line).to.include('\u001b[')
        expect(plain, line).to.equal(stripVTControlCharacters(coloured))
        for (const one of plain.split('\n')) expect(one.length, one).to.be.at.most(80)
      }
    })
  })
}

/** The processes that a process has started, and those that they have. */
function childrenOf(pid: number | undefined): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number)
  return listed.flatMap((child) => [child, ...childrenOf(child)])
}

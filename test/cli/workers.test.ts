import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { isRunning } from '../feature/is-running.ts'
import { Application, type WorkerInfo } from './workers/application.ts'
import { Load } from './workers/load.ts'

/** What the calls of the application came to. */
interface Attempted {
  readonly came?: unknown
  readonly name?: string
  readonly failure?: string
  readonly message?: string
}

const folder = mkdtempSync(join(tmpdir(), 'tribind-workers-'))
const brokenFile = join(folder, 'broken')
const local = join(folder, 'local.sock')
const admin = join(folder, 'admin.sock')

describe('tribind run --workers', function () {
  this.timeout(120_000)
  let application: Application

  before(async () => {
    application = await Application.start(2, {
      TLS: 'yes',
      SOCKET: local,
      ADMIN: `unix:${admin}`,
      BROKEN_FILE: brokenFile,
    })
  })

  after(async () => {
    application?.child.kill('SIGKILL')
    await application?.whenEnded
    rmSync(folder, { recursive: true, force: true })
  })

  const infoOfEach = () => application.ofEach<WorkerInfo>('/', 2, ({ pid }) => pid)
  const post = (path: string, body: unknown = {}) => application.json<Attempted>(path, { body })

  it('serves in several processes on the same ports, each of which knows which it is', async () => {
    const infos = await infoOfEach()
    expect(infos.map(({ scope }) => scope)).to.have.deep.members([
      { worker: 1, workers: 2 },
      { worker: 2, workers: 2 },
    ])
    expect(new Set(infos.map(({ version }) => version)).size).to.equal(1)
    expect(infos.map(({ pid }) => pid)).to.have.members([...application.servings])
  })

  it('serves at the path of a Unix socket', async () => {
    const sent = request({ socketPath: local, path: '/' }).end()
    const [response] = await once(sent, 'response')
    expect(JSON.parse(await text(response))).to.have.property('scope')
  })

  it('warns once of what each worker keeps to itself', () => {
    const warnings = application.records.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(warnings.filter((message) => message.includes('sessions'))).to.have.lengthOf(1)
    expect(warnings.filter((message) => message.includes('rateLimit'))).to.have.lengthOf(1)
  })

  it('opens, replaces and closes an entry point in all workers', async () => {
    expect(await post('/open', { address: '127.0.0.1:0' })).to.deep.equal({ came: null })
    const opened = await application.json<string[]>('/more')
    const port = Number(opened[0]?.split(':')[1])
    expect(port).to.be.above(0)
    const served = new Set<number>()
    await application.until(async () => {
      served.add((await application.json<WorkerInfo>('/', { port })).pid)
      return served.size === 2
    })
    expect(await post('/replace', { address: opened[0], enableStats: true })).to.deep.equal({ came: null })
    expect((await application.json<WorkerInfo>('/', { port })).pid).to.be.a('number')
    expect((await post('/open', { address: '127.0.0.1:0' })).failure).to.equal('ERR_TRIBIND_ENTRY_POINT_OPEN')
    expect(await post('/close')).to.deep.equal({ came: { cut: 0 } })
    const refused = await application.send('/', { port }).catch((error: NodeJS.ErrnoException) => error.code)
    expect(refused).to.equal('ECONNREFUSED')
  })

  it('refuses an entry point that can not reach the other workers', async () => {
    const { name, failure, message } = await post('/open-function')
    expect([name, failure]).to.deep.equal(['ConfigError', 'ERR_TRIBIND_WORKERS_DATA'])
    expect(message).to.match(/^openEntryPoint "functions": "handler" is the function handler/)
  })

  it('opens an address that is taken in none', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const { name, failure } = await post('/open', { address: `127.0.0.1:${port}` })
    taken.close()
    expect([name, failure]).to.deep.equal(['ListenError', 'ERR_TRIBIND_LISTEN_IN_USE'])
  })

  it('replaces a layer in all workers as one version, or in none', async () => {
    const { came: version } = await post('/rebuild', { name: 'one' })
    const shopOfEach = () =>
      application.ofEach<{ name: string; version: number; worker: number }>('/shop', 2, ({ worker }) => worker)
    const built = [
      { name: 'one', version, worker: 1 },
      { name: 'one', version, worker: 2 },
    ]
    expect(await shopOfEach()).to.have.deep.members(built)
    for (const breaksIn of [1, 2, 'all'])
      expect((await post('/rebuild', { name: 'two', breaksIn })).message).to.equal('broken: two')
    expect(await shopOfEach()).to.have.deep.members(built)
  })

  it('refuses to replace a layer by a function in one worker, and says what to do', async () => {
    const { failure, message } = await post('/replace-layer')
    expect(failure).to.equal('ERR_TRIBIND_LAYER_WORKERS')
    expect(message).to.match(/define\(\(routes, data\) => …\).*rebuild\(data\)/)
  })

  it('serves a configuration that was set in any worker, and brings back an older one, in all', async () => {
    const textOfBoth = async () =>
      new Set(await Promise.all(Array.from({ length: 8 }, () => application.send('/configured'))))
    expect([...(await textOfBoth())]).to.deep.equal(['first'])
    const [{ version: before } = { version: 0 }] = await infoOfEach()
    const text = (content: string) => ({ routes: { first: { pattern: '/configured', service: { text: content } } } })
    for (const content of ['second', 'third', 'fourth']) {
      expect((await post('/configure', text(content))).came).to.have.property('applied', true)
      expect([...(await textOfBoth())]).to.deep.equal([content])
    }
    const { came } = await post('/configure', { routes: { first: { pattern: '/configured', service: { txt: 'no' } } } })
    expect(came).to.have.nested.property('issues[0].path', 'routes.first.service.txt')
    expect(await post('/rollback', before + 1)).to.deep.equal({ came: { version: before + 4 } })
    expect([...(await textOfBoth())]).to.deep.equal(['second'])
    expect((await infoOfEach()).map(({ version }) => version)).to.deep.equal([before + 4, before + 4])
  })

  const ask = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const sent = request({
      socketPath: admin,
      path,
      headers,
      method: body === undefined ? 'GET' : 'PUT',
      agent: false,
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [response] = await once(sent, 'response')
    return text(response)
  }

  it('lists the workers in the administration, whichever is asked', async () => {
    const infos = await infoOfEach()
    for (let i = 0; i < 4; i++) {
      const { workers } = JSON.parse(await ask('/api/overview')) as { workers: { pid: number; state: string }[] }
      expect(workers.map(({ pid }) => pid)).to.have.members(infos.map(({ pid }) => pid))
      expect(workers.map(({ state }) => state)).to.deep.equal(['ready', 'ready'])
    }
  })

  it('adds the figures of all workers in the administration', async () => {
    const countIn = async () => {
      const line = /^tribind_requests_total\{.*route="\/slow".*code="200".*\} (\d+)$/m.exec(await ask('/metrics'))
      return Number(line?.[1] ?? 0)
    }
    const before = await countIn()
    await Promise.all(Array.from({ length: 20 }, () => application.send('/slow')))
    await application.until(async () => (await countIn()) === before + 20)
  })

  it('joins lists of the administration by name, and pages what was joined', async () => {
    const rows = JSON.parse(await ask('/api/entrypoints?per_page=2&page=1')) as { name: string }[]
    expect(rows.map(({ name }) => name)).to.deep.equal(['web', 'tls'])
    expect(JSON.parse(await ask('/api/entrypoints?status=failed'))).to.deep.equal([])
  })

  it('is ready with the workers that are', async () => {
    expect(JSON.parse(await ask('/health/ready'))).to.deep.equal({ status: 'ready', workers: { ready: 2, total: 2 } })
  })

  it('lets no request fail while the workers are replaced', async () => {
    const before = await infoOfEach()
    const [web, tls] = [application.portOf('web'), application.portOf('tls')]
    const load = new Load()
    for (let i = 0; i < 4; i++) load.keepAlive(web, 0).keepAlive(web, 300).webSocket(web).http2(tls)
    await application.until(() => load.answered > 50)
    const served = application.servings.length
    application.child.kill('SIGHUP')
    await application.until(() => application.servings.length === served + 2)
    const stops = () => application.records.filter(({ message }) => message === 'Stopped').length
    await application.until(() => stops() >= 2)
    const answered = load.answered
    await application.until(() => load.answered > answered + 50)
    await load.end()
    expect(load.failures).to.deep.equal([])
    expect(new Set(load.closeCodes)).to.deep.equal(new Set([1012, 4000]))
    const after = await infoOfEach()
    expect(after.map(({ pid }) => pid)).to.not.include.members(before.map(({ pid }) => pid))
    // What was changed before is served by those that are new.
    expect(new Set(after.map(({ version }) => version))).to.deep.equal(new Set(before.map(({ version }) => version)))
    expect(await application.send('/configured')).to.equal('second')
    expect(await application.json('/shop')).to.have.property('name', 'one')
  })

  it('brings back a version that was served before the workers were replaced', async () => {
    interface Kept {
      readonly pid: number
      readonly history: readonly { version: number; rollbackOf?: number }[]
    }
    const [first, second] = await application.ofEach<Kept>('/history', 2, ({ pid }) => pid)
    const listed = (kept: Kept | undefined) => kept?.history.map(({ version, rollbackOf }) => [version, rollbackOf])
    expect(listed(second)).to.deep.equal(listed(first))
    const [newest, , third] = first?.history ?? []
    expect(newest).to.have.property('rollbackOf')
    const { came } = await post('/rollback', third?.version)
    expect(came).to.have.property('version')
    expect(await application.send('/configured')).to.equal('third')
    expect(await post('/rollback', newest?.version)).to.have.nested.property('came.version')
  })

  it('keeps the workers where new ones can not start, and tells why', async () => {
    const before = await infoOfEach()
    writeFileSync(brokenFile, '')
    application.child.kill('SIGHUP')
    const isTold = ({ message }: { message: string }) => message.includes('the workers are not replaced')
    await application.until(() => application.records.some(isTold))
    rmSync(brokenFile)
    expect(application.records.find(isTold)?.message).to.include('the application is broken')
    expect((await infoOfEach()).map(({ pid }) => pid)).to.have.members(before.map(({ pid }) => pid))
  })

  it('replaces a worker that dies by one that serves what the others do', async () => {
    const served = application.servings.length
    await application.send('/exit').catch(() => {})
    await application.until(() => application.servings.length === served + 1)
    const told = application.records.find(({ message }) => message.includes('ended with exit code 7'))
    expect(told?.message).to.match(/^Worker [12] \(process \d+\) ended with exit code 7: another one starts/)
    const shops = await application.ofEach<{ name: string; worker: number }>('/shop', 2, ({ worker }) => worker)
    expect(shops.map(({ name }) => name)).to.deep.equal(['one', 'one'])
  })

  it('stops as one process does: requests are answered, and nothing is left behind', async () => {
    const pids = (await infoOfEach()).map(({ pid }) => pid)
    const answer = application.send('/very-slow')
    await application.send('/')
    // Of a Ctrl-C, npm passes one on that the terminal has sent already.
    application.child.kill('SIGINT')
    expect(await application.stop()).to.equal(0)
    expect(await answer).to.equal('answered')
    expect(pids.filter(isRunning)).to.deep.equal([])
  })
})

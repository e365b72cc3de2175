import { expect } from 'chai'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { ListenError, Server } from 'tribind'
import { memoryProvider } from 'tribind/providers'
import 'tribind/admin'
import { type AdminWorld, askAt, boundAddress, createFolder, startAdmin, token } from './admin-world.ts'

describe('the life of the administration', () => {
  const folder = createFolder()
  after(() => folder.remove())

  it('is up before the entry points, and until the last of them is closed', async () => {
    const asked: [string, number][] = []
    const place = { socketPath: folder.path }
    const ask = async (when: string) => {
      const answer = await askAt(place, '/health/ready', { token: null })
      asked.push([when, answer.status])
      expect((await askAt(place, '/health/live', { token: null })).status).to.equal(200)
    }
    const server = new Server({
      entryPoints: { web: { address: '127.0.0.1:0', preUp: () => ask('preUp'), postDown: () => ask('postDown') } },
      admin: { address: `unix:${folder.path}` },
    })
    server.registerShutdownHook(() => ask('shutdown'))
    server.install({ name: 'other', start: () => ask('start'), stop: () => ask('stop') })
    await server.start()
    await ask('ready')
    await server.stop()
    expect(asked).to.deep.equal([
      ['start', 503],
      ['preUp', 503],
      ['ready', 200],
      ['postDown', 503],
      ['shutdown', 503],
      ['stop', 503],
    ])
    expect(await askAt(place, '/health/live').catch((error: NodeJS.ErrnoException) => error.code)).to.be.oneOf([
      'ENOENT',
      'ECONNREFUSED',
    ])
  })

  it('is not ready before required providers are', async () => {
    const file = memoryProvider('file')
    const provider = { name: 'late', required: true, provide: file.provide?.bind(file) }
    const log: AdminWorld['log'][number][] = []
    const write =
      (level: string) =>
      (message: string, fields = {}) =>
        void log.push({ level, message, fields })
    const server = new Server({
      port: 0,
      logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      configuration: { providers: [provider] },
      admin: { address: '127.0.0.1:0', token },
    })
    const starting = server.start()
    while (server.addresses.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const place = { port: Number(boundAddress(log).split(':').at(-1)) }
    const { status, json } = await askAt(place, '/health/ready', { token: null })
    expect([status, json]).to.deep.equal([503, { status: 'preparing' }])
    expect((await askAt(place, '/api/entrypoints')).status).to.equal(200)
    await file.set({ services: { a: { text: 'a' } } })
    await starting
    expect((await askAt(place, '/health/ready', { token: null })).status).to.equal(200)
    await server.stop()
  })

  it('fails the start where another process listens at its address', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const server = new Server({ port: 0, admin: { address: `127.0.0.1:${port}`, token } })
    const error = await server.start().then(
      () => undefined,
      (error: unknown) => error,
    )
    other.close()
    expect(error).to.be.instanceOf(ListenError)
    expect(server.addresses).to.deep.equal([])
  })

  it('can not be reached by what is bound on the server, in layers or by configurations', async () => {
    const started = await startAdmin((server) => {
      server.use(() => 'taken over')
      server.bindHookHandler('/*', 'BeforeServe', ({ response }) => response.setHeader('x-taken', '1'))
      server.bindHandler('/api/overview', () => 'taken over')
    })
    await started.server.layer('x').replace((routes) => void routes.bindHandler('/health/live', () => 'taken over'))
    await started.send('PUT', '/config/routing', {
      routes: { all: { pattern: '/*', service: { text: 'taken over' } } },
    })
    try {
      for (const path of ['/api/overview', '/health/live', '/api/version', '/none']) {
        const { text, headers } = await started.ask(path)
        expect(text).to.not.include('taken over')
        expect(headers).to.not.have.property('x-taken')
      }
      await started.server.closeEntryPoint('default')
      expect((await started.ask('/api/version')).status).to.equal(200)
    } finally {
      await started.stop()
    }
  })

  it('is below a prefix', async () => {
    const started = await startAdmin(undefined, { admin: { pathPrefix: '/ops/admin' } })
    try {
      expect((await started.ask('/ops/admin/api/version')).status).to.equal(200)
      expect((await started.ask('/ops/admin/health/ready', { token: null })).status).to.equal(200)
      expect((await started.ask('/ops/admin/', { token: null })).status).to.equal(200)
      expect((await started.ask('/ops/admin', { token: null })).headers.location).to.equal('/ops/admin/')
      for (const path of ['/api/version', '/health/ready', '/', '/ops'])
        expect((await started.ask(path)).status).to.equal(404)
    } finally {
      await started.stop()
    }
  })

  it('has no page where that is not wanted', async () => {
    const started = await startAdmin(undefined, { admin: { dashboard: false } })
    try {
      expect((await started.ask('/', { token: null })).status).to.equal(401)
      expect((await started.ask('/')).status).to.equal(404)
    } finally {
      await started.stop()
    }
  })

  it('serves its page with a strict policy, and nothing beside its files', async () => {
    const started = await startAdmin()
    try {
      const { headers, text } = await started.ask('/', { token: null })
      expect(text).to.include('<!doctype html>')
      const policy = String(headers['content-security-policy'])
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'none'",
        "base-uri 'none'",
      ])
        expect(policy.split('; ')).to.include(rule)
      expect(policy).to.not.include('unsafe')
      for (const path of [
        '/page/none.js',
        '/page/..%2f..%2findex.ts',
        '/page/..%2fguard.ts',
        '/page/%2e%2e%2fguard.ts',
        '/page/.git',
        '/page/',
        '/page/..',
        '/page/x%00',
      ])
        expect([path, (await started.ask(path, { token: null })).status]).to.satisfy(([, status]: [string, number]) =>
          [400, 401, 404].includes(status),
        )
    } finally {
      await started.stop()
    }
  })
})

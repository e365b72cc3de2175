import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type ConfigurationOptions, Server } from 'tribind'
import { fileProvider, httpProvider } from 'tribind/providers'
import { temporaryFolder } from '../../feature/temporary-folder.ts'
import { quietLogger } from '../watch/quiet-server.ts'

const page = (name: string, text = name) =>
  `routes:\n  ${name}:\n    pattern: /${name}\n    service: { text: ${text} }\n`

const servers = new Set<Server>()

async function start(providers: ConfigurationOptions['providers'], options: Partial<ConfigurationOptions> = {}) {
  const server = new Server({
    address: '127.0.0.1:0',
    logger: quietLogger,
    configuration: { providers, throttle: 0, ...options },
  })
  servers.add(server)
  await server.start()
  return server
}

const get = async (server: Server, path: string) => {
  const response = await fetch(`http://${server.addresses[0]}${path}`)
  return response.ok ? response.text() : String(response.status)
}

/** Resolves when a path is answered with a text. */
async function until(server: Server, path: string, text: string): Promise<void> {
  while ((await get(server, path)) !== text) await new Promise((resolve) => setTimeout(resolve, 10))
}

const provider = (server: Server) => {
  const [first] = server.configuration.status().providers
  if (first === undefined) throw new Error('there is no provider')
  return first
}

/** Resolves when the first provider is in a state. */
async function untilState(server: Server, state: string): Promise<void> {
  while (provider(server).state !== state) await new Promise((resolve) => setTimeout(resolve, 10))
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

afterEach(async () => {
  for (const server of servers) await server.stop()
  servers.clear()
})

describe('a server with fileProvider', () => {
  it('serves the routes of a file as the layer @file, and what the file becomes', async () => {
    const path = join(temporaryFolder({ 'routes.yaml': page('one') }), 'routes.yaml')
    const server = await start([fileProvider(path)])
    expect(await get(server, '/one')).to.equal('one')
    expect(server.routes().map(({ layer }) => layer)).to.deep.equal(['@file'])
    replace(path, page('two'))
    await until(server, '/two', 'two')
    expect(await get(server, '/one')).to.equal('404')
    expect(provider(server)).to.include({ name: 'file', state: 'ok' })
  })

  it('loses no request while the file is replaced again and again', async () => {
    const path = join(temporaryFolder({ 'routes.yaml': page('page', 'v0') }), 'routes.yaml')
    const server = await start([fileProvider(path)])
    const versions = new Set<string>()
    const over = new AbortController()
    const load = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) versions.add(await get(server, '/page'))
    })
    for (let i = 1; i <= 10; i++) {
      replace(path, page('page', `v${i}`))
      await until(server, '/page', `v${i}`)
    }
    over.abort()
    await Promise.all(load)
    expect([...versions].sort()).to.deep.equal(Array.from({ length: 11 }, (_, i) => `v${i}`).sort())
  })

  it('serves the last good one of a file that breaks, and says where', async () => {
    const path = join(temporaryFolder({ 'routes.yaml': page('one') }), 'routes.yaml')
    const server = await start([fileProvider(path)])
    const { revision, lastPublishAt } = provider(server)
    replace(path, `${page('one')}  two: [\n`)
    await untilState(server, 'stale')
    expect(provider(server)).to.deep.include({ revision, lastPublishAt })
    expect(provider(server).issues[0]?.message).to.match(/routes\.yaml:[56]: /)
    expect(await get(server, '/one')).to.equal('one')
    rmSync(path)
    while (!provider(server).issues[0]?.message.includes('does not exist'))
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await get(server, '/one')).to.equal('one')
    writeFileSync(path, page('one'))
    await untilState(server, 'ok')
    expect(provider(server).issues).to.deep.equal([])
  })

  it('serves the last good one of a file that refers to nothing, with one issue', async () => {
    const path = join(temporaryFolder({ 'routes.yaml': page('one') }), 'routes.yaml')
    const server = await start([fileProvider(path)])
    replace(path, 'routes:\n  one: { pattern: /one, service: nothing }\n')
    await untilState(server, 'stale')
    expect(provider(server).issues.map((issue) => issue.path)).to.deep.equal(['routes.one.service'])
    expect(await get(server, '/one')).to.equal('one')
  })

  it('does not start without its file, and names it', async () => {
    const folder = temporaryFolder({ 'broken.yaml': 'routes: [' })
    const fail = async (name: string) =>
      start([fileProvider(join(folder, name))], { readyTimeout: 200 }).then(
        () => undefined,
        (error: Error) => error,
      )
    expect((await fail('gone.yaml'))?.message).to.include(`provider "file": ${folder}/gone.yaml: does not exist`)
    expect((await fail('broken.yaml'))?.message).to.include('provider "file": broken.yaml:1: ')
  })

  for (const onInvalid of ['refuse', 'isolate'] as const)
    it(`serves the others of a folder where a file is broken (${onInvalid})`, async () => {
      const folder = temporaryFolder({
        'a.yaml': page('a'),
        'b.yaml': 'routes: [',
        'c.yaml': 'routes: { c: { pattern: /c, service: nothing } }',
        'd.json': '{ "routes": { "d": { "pattern": "/d", "service": "greeting" } } }',
        'e.toml': '[services.greeting]\ntext = "Hello"\n',
      })
      const server = await start([fileProvider(folder)], { onInvalid })
      expect([await get(server, '/a'), await get(server, '/d')]).to.deep.equal(['a', 'Hello'])
      await untilState(server, 'stale')
      expect(
        provider(server)
          .issues.map(({ message }) => message)
          .join('\n'),
      ).to.include('b.yaml:1')
      replace(join(folder, 'a.yaml'), page('a', 'new'))
      await until(server, '/a', 'new')
      replace(join(folder, 'b.yaml'), page('b'))
      replace(join(folder, 'c.yaml'), page('c'))
      await until(server, '/b', 'b')
      await until(server, '/c', 'c')
      await untilState(server, 'ok')
    })

  it('serves a folder whose links are swapped as for a ConfigMap', async () => {
    const folder = temporaryFolder({ '..1/a.yaml': page('page', 'v1') })
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync('..data/a.yaml', join(folder, 'a.yaml'))
    const server = await start([fileProvider(folder)])
    mkdirSync(join(folder, '..2'))
    writeFileSync(join(folder, '..2/a.yaml'), page('page', 'v2'))
    symlinkSync('..2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await until(server, '/page', 'v2')
  })

  it('reads at once at a reload, and holds back after a rollback', async () => {
    const folder = temporaryFolder({ 'a.yaml': page('page', 'v1'), 'b.yaml': page('other') })
    const server = await start([fileProvider(folder, { watch: false })])
    const { version } = server.configuration.status()
    replace(join(folder, 'a.yaml'), page('page', 'v2'))
    await server.configuration.reload('file')
    expect(await get(server, '/page')).to.equal('v2')
    await server.configuration.rollback(version)
    replace(join(folder, 'a.yaml'), page('page', 'v3'))
    await server.configuration.reload()
    expect(await get(server, '/page')).to.equal('v1')
    await server.configuration.resume()
    expect(await get(server, '/page')).to.equal('v3')
  })

  it('merges with a second one of another name', async () => {
    const folder = temporaryFolder({ 'a.yaml': page('a'), 'b.yaml': page('b') })
    const server = await start([
      fileProvider(join(folder, 'a.yaml')),
      fileProvider(join(folder, 'b.yaml'), { name: 'more' }),
    ])
    expect([await get(server, '/a'), await get(server, '/b')]).to.deep.equal(['a', 'b'])
    expect(server.routes().map(({ layer }) => layer)).to.deep.equal(['@file', '@more'])
  })

  it('takes back what another provider made invalid, file by file', async () => {
    const folder = temporaryFolder({
      'a.yaml': page('a'),
      'b.yaml': 'routes: { b: { pattern: /b, service: greeting@more } }',
    })
    const more = temporaryFolder({})
    const server = await start([
      fileProvider(folder),
      fileProvider(join(more, 'more.yaml'), { name: 'more', required: false }),
    ])
    expect([await get(server, '/a'), await get(server, '/b')]).to.deep.equal(['a', '404'])
    writeFileSync(join(more, 'more.yaml'), 'services: { greeting: { text: Hello } }')
    await until(server, '/b', 'Hello')
  })

  it('does not keep the process alive, nor hold up the stop', async () => {
    const server = await start([fileProvider(temporaryFolder({ 'a.yaml': page('a') }))])
    const begin = performance.now()
    await server.stop()
    expect(performance.now() - begin).to.be.below(1000)
  })
})

describe('a server with httpProvider', () => {
  it('serves what another server has, and goes on while that is away', async () => {
    let text = 'v1'
    const source = new Server({ address: '127.0.0.1:0' })
    servers.add(source)
    source.bindHandler('/routes', () => ({ routes: { page: { pattern: '/page', service: { text } } } }))
    await source.start()
    const url = `http://${source.addresses[0]}/routes`
    const server = await start([httpProvider(url, { period: 20, required: true })])
    expect(await get(server, '/page')).to.equal('v1')
    text = 'v2'
    await until(server, '/page', 'v2')
    await source.stop()
    await untilState(server, 'stale')
    expect(await get(server, '/page')).to.equal('v2')
    expect(provider(server).issues[0]?.message).to.equal(`${url}: can't be reached (ECONNREFUSED)`)
  })
})

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type ConfigurationIssue, fileProvider, type Verdict } from 'tribind/providers'
import { temporaryFolder } from '../../feature/temporary-folder.ts'
import { RecordedSink, run, serve, stopAll } from './recorded-sink.ts'

interface Document {
  readonly routes?: Readonly<Record<string, Record<string, string>>>
  readonly services?: object
}

/** A file with one route of that name. */
const route = (name: string, service = name) => `routes:\n  ${name}:\n    service: ${service}\n`

/** The names of the routes that were published last. */
const routesIn = (sink: RecordedSink) => Object.keys((sink.last as Document).routes ?? {})

/** Refuses what issues are found in. */
function judgeBy(find: (document: Document) => ConfigurationIssue[]): RecordedSink {
  return new RecordedSink((document): Verdict => {
    const issues = find(document as Document)
    return issues.length > 0 ? { applied: false, issues } : { applied: true, version: 1 }
  })
}

/** Refuses routes whose service is `bad`, and those whose service isn't there. */
const needServices = () =>
  judgeBy(({ routes = {}, services = {} }) =>
    Object.entries(routes)
      .filter(([, { service }]) => service === 'bad' || (service?.startsWith('needs-') && !(service in services)))
      .map(([name]) => ({ path: `routes.${name}.service`, message: 'is not there' })),
  )

afterEach(stopAll)

describe('fileProvider of a folder', () => {
  it('merges its files in the order of their names, and no others', async () => {
    const folder = temporaryFolder({
      'b.yaml': 'routes: { b: 1 }\nservices: { s: 1 }\n',
      'a.json': '{ "routes": { "a": 1 }, "$schema": "./schema.json" }',
      'c.toml': '"$schema" = "./schema.json"\n[routes]\nc = 1\n',
      '.hidden.yaml': 'routes: { hidden: 1 }',
      'a.json~': '{',
      'notes.txt': 'routes: { notes: 1 }',
      'below/d.yaml': 'routes: { below: 1 }',
    })
    const { sink } = await serve(fileProvider(folder))
    expect(sink.last).to.deep.equal({ $schema: './schema.json', routes: { a: 1, b: 1, c: 1 }, services: { s: 1 } })
    expect(routesIn(sink)).to.deep.equal(['a', 'b', 'c'])
  })

  it('takes up files that are added, and gives up those that are deleted', async () => {
    const folder = temporaryFolder({ 'a.yaml': route('a') })
    const { sink } = await serve(fileProvider(folder))
    writeFileSync(join(folder, 'b.yaml'), route('b'))
    await sink.next('published')
    expect(routesIn(sink)).to.deep.equal(['a', 'b'])
    rmSync(join(folder, 'a.yaml'))
    await sink.next('published')
    expect(routesIn(sink)).to.deep.equal(['b'])
    renameSync(join(folder, 'b.yaml'), join(folder, 'b.yaml.off'))
    await sink.next('failures')
    expect(sink.failures).to.deep.equal([`${folder}: has no file that ends in .json, .jsonc, .yaml, .yml, .toml`])
    expect(sink.published).to.have.length(3)
  })

  it('keeps what it has when the folder is gone, until it is back', async () => {
    const folder = temporaryFolder({ 'etc/a.yaml': route('a') })
    const { sink } = await serve(fileProvider(join(folder, 'etc')))
    rmSync(join(folder, 'etc'), { recursive: true })
    await sink.next('failures')
    expect(sink.failures).to.deep.equal([`${folder}/etc: does not exist`])
    mkdirSync(join(folder, 'etc'))
    writeFileSync(join(folder, 'etc/b.yaml'), route('b'))
    await sink.next('published')
    expect(routesIn(sink)).to.deep.equal(['b'])
    expect(sink.published).to.have.length(2)
  })

  describe('leaves the others alone where a file', () => {
    it('is broken from the start', async () => {
      const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': 'routes: [', 'c.json': '{ "routes": ' })
      const { sink } = await serve(fileProvider(folder))
      await sink.until(() => sink.failures.length > 0)
      expect(routesIn(sink)).to.deep.equal(['a'])
      expect(sink.failures[0]).to.match(
        /^the configuration has 2 issues:\n {2}b\.yaml:1: .*\n {2}c\.json:1: expected a value/,
      )
      writeFileSync(join(folder, 'b.yaml'), route('b'))
      await sink.next('failures')
      expect(routesIn(sink)).to.deep.equal(['a', 'b'])
      expect(sink.failures[1]).to.match(/^c\.json:1: /)
      writeFileSync(join(folder, 'c.json'), '{ "routes": { "c": 1 } }')
      await sink.next('published')
      expect(routesIn(sink)).to.deep.equal(['a', 'b', 'c'])
      await sink.next('alives')
      expect(sink.failures).to.have.length(2)
    })

    it('breaks: what it had goes on, while the others change', async () => {
      const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': route('b') })
      const { sink } = await serve(fileProvider(folder))
      writeFileSync(join(folder, 'b.yaml'), 'routes: {')
      await sink.next('failures')
      expect(sink.published).to.have.length(1)
      const begin = performance.now()
      writeFileSync(join(folder, 'a.yaml'), route('other'))
      await sink.next('failures')
      expect(performance.now() - begin).to.be.below(900)
      expect(routesIn(sink)).to.deep.equal(['other', 'b'])
      rmSync(join(folder, 'b.yaml'))
      await sink.next('published')
      expect(routesIn(sink)).to.deep.equal(['other'])
    })

    it('has what is refused', async () => {
      const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': route('b', 'bad') })
      const { sink } = await serve(fileProvider(folder), needServices())
      await sink.until(() => sink.failures.length > 0)
      expect(routesIn(sink)).to.deep.equal(['a'])
      expect(sink.failures).to.deep.equal(['b.yaml:3: "routes.b.service" is not there'])
      writeFileSync(join(folder, 'b.yaml'), route('b'))
      await sink.until(() => routesIn(sink).length === 2)
      writeFileSync(join(folder, 'b.yaml'), route('new', 'bad'))
      writeFileSync(join(folder, 'a.yaml'), route('other'))
      await sink.until(() => sink.failures.length > 1)
      expect(routesIn(sink)).to.deep.equal(['other', 'b'])
      expect(sink.failures[1]).to.equal('b.yaml:3: "routes.new.service" is not there')
    })

    it('takes away what another file needs', async () => {
      const folder = temporaryFolder({
        'a.yaml': route('a', 'needs-b'),
        'b.yaml': 'services: { needs-b: 1, x: 1 }',
        'c.yaml': route('c'),
      })
      const { sink } = await serve(fileProvider(folder), needServices())
      rmSync(join(folder, 'b.yaml'))
      writeFileSync(join(folder, 'c.yaml'), route('other'))
      await sink.next('failures')
      expect(sink.last).to.deep.equal({
        routes: { a: { service: 'needs-b' }, other: { service: 'other' } },
        services: { 'needs-b': 1, x: 1 },
      })
      expect(sink.failures[0]).to.include('a.yaml:3: "routes.a.service" is not there')
      expect(sink.failures[0]).to.include('b.yaml: is gone, and what it had is still served')
    })
  })

  it('tries what was refused once more, since another provider may have made it valid', async () => {
    const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': route('b', 'bad') })
    let isValid = false
    const sink = judgeBy(({ routes = {} }) =>
      'b' in routes && !isValid ? [{ path: 'routes.b', message: 'is not there' }] : [],
    )
    run(fileProvider(folder), sink)
    await sink.until(() => sink.failures.length > 0)
    expect(routesIn(sink)).to.deep.equal(['a'])
    isValid = true
    await sink.next('published')
    expect(routesIn(sink)).to.deep.equal(['a', 'b'])
    await sink.next('alives')
    expect(sink.failures).to.have.length(1)
  })

  it('changes nothing where the configuration as a whole is refused, as after a rollback', async () => {
    const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': route('b') })
    let isHeld = false
    const { sink } = await serve(
      fileProvider(folder),
      judgeBy(() => (isHeld ? [{ path: '', message: 'held back' }] : [])),
    )
    isHeld = true
    writeFileSync(join(folder, 'b.yaml'), route('c'))
    await sink.next('alives')
    expect(sink.published).to.have.length(2)
    expect(routesIn(sink)).to.deep.equal(['a', 'c'])
  })

  describe('names both files of a name that is in two, and serves', () => {
    it('the first of them', async () => {
      const folder = temporaryFolder({
        'a.yaml': route('x', 'a'),
        'b.yaml': `${route('y')}  x:\n    service: b\n`,
        'c.yaml': route('c'),
      })
      const { sink } = await serve(fileProvider(folder))
      await sink.until(() => sink.failures.length > 0)
      expect(sink.last).to.deep.equal({ routes: { x: { service: 'a' }, c: { service: 'c' } } })
      expect(sink.failures).to.deep.equal([
        'b.yaml:4: "routes.x" is in a.yaml:2 already: give one of them another name',
      ])
    })

    it('the one that had it before', async () => {
      const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': route('x') })
      const { sink } = await serve(fileProvider(folder))
      writeFileSync(join(folder, 'a.yaml'), route('x', 'a'))
      writeFileSync(join(folder, 'b.yaml'), route('x', 'b'))
      await sink.next('failures')
      expect(sink.last).to.deep.equal({ routes: { a: { service: 'a' }, x: { service: 'b' } } })
      expect(sink.failures).to.deep.equal([
        'a.yaml:2: "routes.x" is in b.yaml:2 already: give one of them another name',
      ])
      rmSync(join(folder, 'b.yaml'))
      await sink.next('published')
      expect(sink.last).to.deep.equal({ routes: { x: { service: 'a' } } })
    })

    it('both where one of them loses it at once', async () => {
      const folder = temporaryFolder({ 'a.yaml': route('a'), 'b.yaml': `${route('x')}  y: 1\n` })
      const { sink } = await serve(fileProvider(folder))
      writeFileSync(join(folder, 'a.yaml'), `${route('a')}  x: 2\n`)
      writeFileSync(join(folder, 'b.yaml'), 'routes: { y: 1 }')
      await sink.next('published')
      expect(sink.last).to.deep.equal({ routes: { a: { service: 'a' }, x: 2, y: 1 } })
      expect(sink.failures).to.deep.equal([])
    })

    it('the first also of sections and single values', async () => {
      const folder = temporaryFolder({
        'a.yaml': 'routes: { a: 1 }\n$schema: one',
        'b.yaml': 'routes: 5',
        'c.yaml': '$schema: two',
      })
      const { sink } = await serve(fileProvider(folder))
      await sink.until(() => sink.failures.length > 0)
      expect(sink.last).to.deep.equal({ routes: { a: 1 }, $schema: 'one' })
      expect(sink.failures[0])
        .to.include('b.yaml:1: "routes" is in a.yaml:1 already')
        .and.to.include('c.yaml:1: "$schema"')
    })
  })

  it('reads a thousand files', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `r${String(i).padStart(4, '0')}`)
    const folder = temporaryFolder(Object.fromEntries(names.map((name) => [`${name}.yaml`, route(name)])))
    const { sink } = await serve(fileProvider(folder))
    expect(routesIn(sink)).to.deep.equal(names)
    const begin = performance.now()
    writeFileSync(join(folder, 'r0500.yaml'), route('other'))
    await sink.next('published')
    expect(performance.now() - begin).to.be.below(5000)
    expect(routesIn(sink)[500]).to.equal('other')
  })
})

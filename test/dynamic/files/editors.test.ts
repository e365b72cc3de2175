import {
  appendFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { fileProvider } from 'tribind/providers'
import { temporaryFolder } from '../../feature/temporary-folder.ts'
import { type RecordedSink, run, serve, stopAll } from './recorded-sink.ts'

const routes = (name: string) => `routes:\n  ${name}: { pattern: "/${name}", service: { text: ${name} } }\n`
const document = (name: string) => ({ routes: { [name]: { pattern: `/${name}`, service: { text: name } } } })

/** Longer than a change takes to be seen by its event, and shorter than it takes without. */
const BY_EVENT_MS = 3000

/** Resolves when a configuration is published, by an event. */
async function soon(sink: RecordedSink, name: string): Promise<void> {
  const begin = performance.now()
  await sink.until(() => JSON.stringify(sink.last) === JSON.stringify(document(name)))
  expect(performance.now() - begin).to.be.below(BY_EVENT_MS)
}

/** What a program does to a file to change it. */
const ways: Record<string, (path: string, text: string) => void> = {
  'writes to it': (path, text) => writeFileSync(path, text),
  'renames a new file to it, as most editors': (path, text) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  },
  'renames it, and writes a new one, as Vim': (path, text) => {
    renameSync(path, `${path}~`)
    writeFileSync(path, text)
    unlinkSync(`${path}~`)
  },
  'deletes it, and writes a new one': (path, text) => {
    unlinkSync(path)
    writeFileSync(path, text)
  },
  'empties it, and appends to it': (path, text) => {
    truncateSync(path)
    for (const line of text.split('\n')) appendFileSync(path, `${line}\n`)
  },
  'replaces its folder': (path, text) => {
    const folder = join(path, '..')
    mkdirSync(`${folder}.new`)
    writeFileSync(join(`${folder}.new`, 'routes.yaml'), text)
    renameSync(folder, `${folder}.old`)
    renameSync(`${folder}.new`, folder)
    rmSync(`${folder}.old`, { recursive: true })
  },
  'deletes its folder, and makes another': (path, text) => {
    rmSync(join(path, '..'), { recursive: true })
    mkdirSync(join(path, '..'))
    writeFileSync(path, text)
  },
}

afterEach(stopAll)

describe('fileProvider sees a change of a file by a program that', () => {
  for (const [what, write] of Object.entries(ways))
    for (const [kind, path] of [
      ['the path of the file', 'etc/routes.yaml'],
      ['its folder', 'etc'],
    ] as const)
      it(`${what}, by ${kind}, again and again`, async () => {
        const folder = temporaryFolder({ 'etc/routes.yaml': routes('first') })
        const { sink } = await serve(fileProvider(join(folder, path)))
        for (const name of ['second', 'third', 'fourth']) {
          write(join(folder, 'etc/routes.yaml'), routes(name))
          await soon(sink, name)
        }
        expect(sink.published).to.have.length(4)
        expect(sink.failures).to.deep.equal([])
      })
})

describe('fileProvider follows', () => {
  it('links as Kubernetes makes them for a ConfigMap, by file and by folder', async () => {
    const folder = temporaryFolder({ '..1/routes.yaml': routes('first') })
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync('..data/routes.yaml', join(folder, 'routes.yaml'))
    const file = await serve(fileProvider(join(folder, 'routes.yaml')))
    const all = await serve(fileProvider(folder))
    for (const [version, name] of [
      ['..2', 'second'],
      ['..3', 'third'],
    ] as const) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'routes.yaml'), routes(name))
      symlinkSync(version, join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
      rmSync(join(folder, version === '..2' ? '..1' : '..2'), { recursive: true })
      for (const { sink } of [file, all]) await soon(sink, name)
    }
    for (const { sink } of [file, all]) expect(sink.failures).to.deep.equal([])
  })

  it('a link anywhere on the way, and what is behind it', async () => {
    const folder = temporaryFolder({
      'releases/1/etc/routes.yaml': routes('first'),
      'releases/2/etc/routes.yaml': routes('second'),
    })
    symlinkSync('releases/1', join(folder, 'current'))
    const { sink } = await serve(fileProvider(join(folder, 'current/etc/routes.yaml')))
    symlinkSync('releases/2', join(folder, 'next'))
    renameSync(join(folder, 'next'), join(folder, 'current'))
    await soon(sink, 'second')
    writeFileSync(join(folder, 'releases/2/etc/routes.yaml'), routes('third'))
    await soon(sink, 'third')
    writeFileSync(join(folder, 'releases/1/etc/routes.yaml'), routes('fourth'))
    await sink.next('alives')
    expect(sink.published).to.have.length(3)
  })

  it('a link that leads nowhere at first, and one that leads to itself', async () => {
    const folder = temporaryFolder({ 'routes.yaml': { to: 'later/routes.yaml' }, 'loop.yaml': { to: 'loop.yaml' } })
    const { sink } = run(fileProvider(join(folder, 'routes.yaml')))
    const loop = run(fileProvider(join(folder, 'loop.yaml')))
    await Promise.all([sink, loop.sink].map((one) => one.until(() => one.failures.length > 0)))
    expect(sink.failures).to.deep.equal([`${folder}/routes.yaml: does not exist`])
    expect(loop.sink.failures).to.deep.equal([`${folder}/loop.yaml: cannot be read (ELOOP)`])
    mkdirSync(join(folder, 'later'))
    writeFileSync(join(folder, 'later/routes.yaml'), routes('second'))
    await soon(sink, 'second')
  })

  it('a file that is there only later, as is its folder', async () => {
    const folder = temporaryFolder({})
    const { sink } = run(fileProvider(join(folder, 'a/b/routes.yaml')))
    await sink.next('failures')
    expect(sink.failures).to.deep.equal([`${folder}/a/b/routes.yaml: does not exist`])
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    writeFileSync(join(folder, 'a/b/routes.yaml'), routes('first'))
    await soon(sink, 'first')
  })

  it('many changes at once as one', async () => {
    const folder = temporaryFolder({ 'etc/routes.yaml': routes('first') })
    const { sink } = await serve(fileProvider(join(folder, 'etc')))
    for (let i = 0; i < 100; i++) writeFileSync(join(folder, `etc/${i}.yaml`), routes(`r${i}`))
    await sink.until(() => Object.keys((sink.last as { routes: object }).routes).length === 101)
    expect(sink.published).to.have.length(2)
  })

  it('changes without an event, within 10 s', async () => {
    const folder = temporaryFolder({ 'etc/routes.yaml': routes('first'), 'elsewhere/x': '' })
    // Written to by another name, a file of a folder changes without an event in the folder, as on a share.
    linkSync(join(folder, 'etc/routes.yaml'), join(folder, 'elsewhere/y'))
    const { sink } = await serve(fileProvider(join(folder, 'etc')))
    const begin = performance.now()
    writeFileSync(join(folder, 'elsewhere/y'), routes('second'))
    await sink.next('published')
    expect(sink.last).to.deep.equal(document('second'))
    expect(performance.now() - begin).to.be.within(1000, 10_000)
  })

  it('nothing by the time at which a file was written: only its content counts', async () => {
    const folder = temporaryFolder({ 'routes.yaml': routes('first') })
    const { sink } = await serve(fileProvider(join(folder, 'routes.yaml')))
    writeFileSync(join(folder, 'routes.yaml'), routes('first'))
    await sink.next('alives')
    expect(sink.published).to.have.length(1)
  })
})

describe('fileProvider waits for', () => {
  it('the end of what is written slowly', async () => {
    const folder = temporaryFolder({ 'routes.yaml': routes('first') })
    const path = join(folder, 'routes.yaml')
    const { sink } = await serve(fileProvider(path))
    writeFileSync(path, '')
    for (const part of ['routes:\n', '  second: { pattern: "/second", ', 'service: { te', 'xt: second } }\n']) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      appendFileSync(path, part)
    }
    await soon(sink, 'second')
    expect(sink.published).to.have.length(2)
    expect(sink.failures).to.deep.equal([])
  })

  it('the end of what can be read half-way', async () => {
    const folder = temporaryFolder({ 'routes.yaml': routes('first') })
    const path = join(folder, 'routes.yaml')
    const { sink } = await serve(fileProvider(path))
    writeFileSync(path, 'routes:\n')
    const names = Array.from({ length: 60 }, (_, i) => `r${i}`)
    for (const name of names) {
      appendFileSync(path, routes(name).replace('routes:\n', ''))
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    await sink.until(() => Object.keys((sink.last as { routes: object }).routes).length === names.length)
    expect(sink.published.length).to.be.below(6)
  })

  it('no end of what never comes to one', async () => {
    const folder = temporaryFolder({ 'routes.yaml': routes('first') })
    const { sink } = await serve(fileProvider(join(folder, 'routes.yaml')))
    let i = 0
    const writing = setInterval(() => {
      writeFileSync(join(folder, 'new'), routes(`r${i++}`))
      renameSync(join(folder, 'new'), join(folder, 'routes.yaml'))
    }, 10)
    try {
      await sink.next('published')
    } finally {
      clearInterval(writing)
    }
    await soon(sink, `r${i - 1}`)
  })
})

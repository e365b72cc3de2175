import { spawn, spawnSync } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { ConfigError } from 'tribind'
import { fileProvider, type FileProviderOptions, type Verdict } from 'tribind/providers'
import { temporaryFolder } from '../../feature/temporary-folder.ts'
import { RecordedSink, run, serve, stopAll } from './recorded-sink.ts'

const first = { routes: { first: { pattern: '/first', service: { text: 'First' } } } }
const text = JSON.stringify(first)
const follower = fileURLToPath(new URL('print-published.ts', import.meta.url))

/** How many folders and files the process watches. */
function countWatches(): number {
  const files = readdirSync('/proc/self/fdinfo').map((name) => readIfThere(`/proc/self/fdinfo/${name}`))
  return files.join('').split('inotify wd:').length - 1
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

afterEach(stopAll)

describe('fileProvider', () => {
  it('is a provider that is required, named "file"', () => {
    expect(fileProvider('routes.yaml')).to.include({ name: 'file', required: true })
    expect(fileProvider('routes.yaml', { name: 'shop', required: false })).to.include({ name: 'shop', required: false })
  })

  it('refuses what it cannot use', () => {
    const refuse = (path: unknown, options: unknown, message: string | RegExp) =>
      expect(() => fileProvider(path as string, options as FileProviderOptions)).to.throw(ConfigError, message)
    refuse('', {}, 'fileProvider: the path must be a non-empty string or a file: URL, got ""')
    refuse(undefined, {}, 'got undefined')
    refuse(new URL('https://example.com/routes.yaml'), {}, /file: URL, got "https/)
    refuse('routes.yaml', { wach: true }, 'fileProvider: unknown option "wach", did you mean "watch"?')
    refuse('routes.yaml', { watch: 'yes' }, 'option "watch" must be true or false, got "yes"')
    refuse('routes.yaml', { name: '' }, 'option "name" must be a non-empty string')
  })

  for (const [name, content] of Object.entries({
    'routes.json': text,
    'routes.jsonc': `{ // one\n"routes": ${JSON.stringify(first.routes)}, }`,
    'routes.yaml': 'routes:\n  first:\n    pattern: /first\n    service: { text: First }\n',
    'routes.yml': 'routes: { first: { pattern: /first, service: { text: First } } }',
    'ROUTES.TOML': '[routes.first]\npattern = "/first"\nservice.text = "First"\n',
    'with-mark.json': `\ufeff${text}`,
    'with-empty-sections.yaml': `services:\n${text}`.replace('services:\n{', '{"services":null,'),
  }))
    it(`reads ${name}`, async () => {
      const { sink } = await serve(fileProvider(join(temporaryFolder({ [name]: content }), name)))
      expect(sink.last).to.deep.equal(first)
      expect(sink.published[0]?.revision).to.match(/^[\da-f]{16}$/)
    })

  it('takes a URL, and a path from the working directory of the call', async () => {
    const path = join(temporaryFolder({ 'routes.json': text }), 'routes.json')
    for (const one of [pathToFileURL(path), relative('', path)])
      expect((await serve(fileProvider(one))).sink.last).to.deep.equal(first)
  })

  it('reads 8 MiB, and no more', async () => {
    const folder = temporaryFolder({ 'routes.json': text.padEnd(8 * 1024 * 1024) })
    const { sink } = await serve(fileProvider(join(folder, 'routes.json')))
    writeFileSync(join(folder, 'routes.json'), text.padEnd(8 * 1024 * 1024 + 1))
    await sink.next('failures')
    expect(sink.failures).to.deep.equal(['routes.json: is larger than 8 MiB'])
    expect(sink.published).to.have.length(1)
  })

  describe('tells, and serves what was there before, of a file that', () => {
    for (const [what, content, message] of [
      ['is empty', '', 'is empty, which changes nothing: to take routes away, write "routes: {}"'],
      [
        'has comments only',
        '# routes: {}\n',
        'is empty, which changes nothing: to take routes away, write "routes: {}"',
      ],
      [
        'has the names of sections only',
        'routes:\nservices:\n',
        'is empty, which changes nothing: to take routes away, write "routes: {}"',
      ],
      [
        'has a key twice',
        'routes: {}\nservices: {}\nroutes: {}\n',
        ':3: the key "routes" is there twice, first on line 1',
      ],
      ['is an array', '- routes', 'must be an object, got an array'],
      ['is no text', Buffer.from([0x61, 0xff]), 'is not a text in UTF-8'],
      ['has a forbidden key', 'routes:\n  __proto__: 1\n', ':2: the key "__proto__" is not allowed'],
    ] as const)
      it(what, async () => {
        const path = join(temporaryFolder({ 'routes.yaml': text }), 'routes.yaml')
        const { sink } = await serve(fileProvider(path))
        writeFileSync(path, content)
        await sink.next('failures')
        expect(sink.failures).to.deep.equal([`routes.yaml${message.startsWith(':') ? '' : ': '}${message}`])
        expect(sink.published).to.have.length(1)
        writeFileSync(path, text)
        await sink.next('published')
        expect(sink.last).to.deep.equal(first)
      })

    it('is deleted', async () => {
      const path = join(temporaryFolder({ 'routes.yaml': text }), 'routes.yaml')
      const { sink } = await serve(fileProvider(path))
      rmSync(path)
      await sink.next('failures')
      expect(sink.failures).to.deep.equal([`${path}: does not exist`])
      writeFileSync(path, text)
      await sink.next('published')
      expect(sink.failures).to.have.length(1)
    })

    it('is of a kind that it does not know', async () => {
      const path = join(temporaryFolder({ 'routes.ini': text }), 'routes.ini')
      const { sink } = run(fileProvider(path))
      await sink.next('failures')
      expect(sink.failures).to.deep.equal([
        'routes.ini: is of no kind that can be read: there are .json, .jsonc, .yaml, .yml, .toml',
      ])
    })

    it('may not be read', async () => {
      if (process.getuid?.() === 0) return
      const path = join(temporaryFolder({ 'routes.yaml': text }), 'routes.yaml')
      chmodSync(path, 0)
      const { sink } = run(fileProvider(path))
      await sink.next('failures')
      expect(sink.failures).to.deep.equal(['routes.yaml: cannot be read: permission denied'])
    })
  })

  it('publishes the same again when what was broken is as it was', async () => {
    const path = join(temporaryFolder({ 'routes.yaml': text }), 'routes.yaml')
    const { sink } = await serve(fileProvider(path))
    writeFileSync(path, '{')
    await sink.next('failures')
    const { alives } = sink
    writeFileSync(path, text)
    await sink.next('published')
    expect(sink.alives).to.equal(alives)
  })

  it('leaves a file that is refused to the one who refused it', async () => {
    const path = join(temporaryFolder({ 'routes.yaml': text }), 'routes.yaml')
    const refusal: Verdict = { applied: false, issues: [{ path: 'routes.first.pattern', message: 'is taken' }] }
    const { sink } = await serve(fileProvider(path), new RecordedSink(() => refusal))
    await sink.next('alives')
    expect(sink.failures).to.deep.equal([])
    expect(sink.published).to.have.length(1)
  })

  describe('with watch: false', () => {
    it('reads once, and when it is reloaded', async () => {
      const path = join(temporaryFolder({ 'routes.json': text }), 'routes.json')
      const provider = fileProvider(path, { watch: false })
      const sink = new RecordedSink()
      const stop = new AbortController()
      await provider.provide(sink, stop.signal)
      expect(sink.published).to.have.length(1)
      writeFileSync(path, text.replace('First', 'Second'))
      const reader = run(fileProvider(path))
      await reader.sink.next('published')
      expect(sink.published).to.have.length(1)
      await provider.reload?.()
      expect(JSON.stringify(sink.last)).to.include('Second')
      stop.abort()
      await provider.reload?.()
      expect(sink.published).to.have.length(2)
    })

    it('tells what is wrong, and ends', async () => {
      const folder = temporaryFolder({})
      const sink = new RecordedSink()
      await fileProvider(join(folder, 'routes.json'), { watch: false }).provide(sink, new AbortController().signal)
      expect(sink.failures).to.deep.equal([`${folder}/routes.json: does not exist`])
    })
  })

  it('reloads at once for each server that it provides, also what has not changed', async () => {
    const provider = fileProvider(join(temporaryFolder({ 'routes.json': text }), 'routes.json'))
    const all = [await serve(provider), await serve(provider)]
    await provider.reload?.()
    for (const { sink } of all) expect(sink.published).to.have.length(2)
  })

  it('resolves reload when what it published was applied or refused', async () => {
    const path = join(temporaryFolder({ 'routes.json': text }), 'routes.json')
    const judged: string[] = []
    const judge = async (): Promise<Verdict> => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      judged.push('applied')
      return { applied: true, version: 1 }
    }
    const provider = fileProvider(path)
    await serve(provider, new RecordedSink(judge))
    await provider.reload?.()
    expect(judged).to.have.length(2)
  })

  it('ends with its signal, and leaves nothing behind', async () => {
    const folder = temporaryFolder({ 'routes.json': text })
    const sink = new RecordedSink()
    const stop = new AbortController()
    const ended = fileProvider(folder).provide(sink, stop.signal)
    await sink.next('alives')
    expect(getEventListeners(stop.signal, 'abort')).to.not.be.empty
    if (process.platform === 'linux') expect(countWatches()).to.be.above(0)
    stop.abort()
    await ended
    expect(getEventListeners(stop.signal, 'abort')).to.be.empty
    if (process.platform === 'linux') expect(countWatches()).to.equal(0)
    writeFileSync(join(folder, 'routes.json'), '{')
    const other = run(fileProvider(folder))
    await other.sink.next('failures')
    expect([sink.published.length, sink.failures.length]).to.deep.equal([1, 0])
  })

  it('does not begin where its signal is aborted', async () => {
    const sink = new RecordedSink()
    await fileProvider(temporaryFolder({ 'routes.json': text })).provide(sink, AbortSignal.abort())
    expect(sink.published).to.deep.equal([])
  })

  for (const [limit, code] of [
    ['max_inotify_instances', 'EMFILE'],
    ['max_inotify_watches', 'ENOSPC'],
  ] as const)
    it(`warns once where the system has no watchers left (${code}), and follows all the same`, async () => {
      if (spawnSync('unshare', ['--user', '--map-root-user', 'true']).status !== 0) return
      const path = join(temporaryFolder({ 'routes.json': text }), 'routes.json')
      const command = `echo 0 > /proc/sys/user/${limit} && exec "$@"`
      const node = [process.execPath, '--import=tsx', follower, path]
      const child = spawn('unshare', ['--user', '--map-root-user', 'sh', '-c', command, 'sh', ...node])
      try {
        const errors: string[] = []
        child.stderr.on('data', (data: Buffer) => errors.push(data.toString()))
        const lines = createInterface(child.stdout)
        const published = lines[Symbol.asyncIterator]()
        expect((await published.next()).value).to.equal(text)
        writeFileSync(path, text.replace('First', 'Second'))
        expect((await published.next()).value).to.include('Second')
        const warnings = errors.join('').match(/Warning: .*/g)
        expect(warnings).to.have.length(1)
        expect(warnings?.[0])
          .to.include(`can't be watched (${code}`)
          .and.match(/: what changes there is seen 5 s later$/)
      } finally {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    })
})

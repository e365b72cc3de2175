import { createHook } from 'node:async_hooks'
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { Server } from 'tribind'
import { bothWays, overHttp1, type Send } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('static folders: what is known of a file', () => {
  let folder = ''
  const file = (name: string) => `${folder}/site/${name}`

  before(() => {
    folder = temporaryFolder({
      'site/a.txt': 'first',
      'outside.txt': 'outside',
      'big-outside.bin': Buffer.alloc(200_000, 'o'),
      'guarded/private/secret.txt': 'secret',
      'guarded/link': { to: 'private' },
    })
  })

  const serve = (server: Server) => server.serveStatic('/', `${folder}/site`)

  /** Writes files in place of all that were there, and waits until they may be kept. */
  async function create(files: Record<string, string | Buffer>): Promise<void> {
    rmSync(`${folder}/site`, { recursive: true, force: true })
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(file(name).replace(/\/[^/]*$/, ''), { recursive: true })
      writeFileSync(file(name), content)
    }
    await untilOld(Object.keys(files).map(file))
  }

  async function untilOld(paths: readonly string[]): Promise<void> {
    const last = Math.max(...paths.map((path) => statSync(path).ctimeMs))
    while (Date.now() - last < 1000) await wait(20)
  }

  const get = async (send: Send, url: string) => (await send(url)).text

  /** Asks until the answer is what is expected; what isn't told of is seen after a second. */
  async function untilAnswered(send: Send, url: string, isExpected: (status: number, text: string) => boolean) {
    const end = Date.now() + 8000
    for (;;) {
      const { status, text } = await send(url)
      if (isExpected(status, text)) return
      if (Date.now() > end) throw new Error(`${url} still answers ${status} ${text.slice(0, 50)}`)
      await wait(5)
    }
  }

  /** Counts what is asked of the file system. */
  async function countFileCalls(act: () => Promise<unknown>): Promise<number> {
    let calls = 0
    const hook = createHook({ init: (_id, type) => void (type.startsWith('FSREQ') && calls++) }).enable()
    await act()
    hook.disable()
    return calls
  }

  bothWays('answers without the file system for a moment', serve, async (send) => {
    await create({ 'index.html': 'home', 'app.js': 'run()', 'big.bin': Buffer.alloc(100_000, 'x') })
    const first = await send('/app.js')
    const etag = first.header('etag') as string
    for (let calls = 1; calls > 0;) {
      const start = performance.now()
      for (const url of ['/app.js', '/', '/big.bin']) await send(url)
      calls = await countFileCalls(async () => {
        const again = await send('/app.js')
        expect([again.status, again.text, again.header('etag')]).to.deep.equal([200, 'run()', etag])
        expect(again.header('content-type')).to.equal(first.header('content-type'))
        expect((await send({ url: '/app.js', headers: { 'if-none-match': etag } })).status).to.equal(304)
        expect((await send({ url: '/app.js', headers: { range: 'bytes=1-2' } })).text).to.equal('un')
        expect((await send('HEAD /app.js')).header('content-length')).to.equal('5')
        expect((await send('HEAD /big.bin')).header('content-length')).to.equal('100000')
        expect(await get(send, '/')).to.equal('home')
      })
      // What takes longer, on a busy machine, is no moment.
      if (performance.now() - start < 1000) expect(calls).to.equal(0)
    }
    await wait(1000)
    expect(await countFileCalls(() => send('/app.js'))).to.be.greaterThan(0)
  })

  bothWays(
    'keeps nothing where that is switched off, nor what has just changed',
    (server) => {
      server.serveStatic('/off', `${folder}/site`, { cache: false })
      serve(server)
    },
    async (send) => {
      await create({ 'a.txt': 'first' })
      expect(await get(send, '/off/a.txt')).to.equal('first')
      writeFileSync(file('a.txt'), 'other')
      expect(await get(send, '/off/a.txt')).to.equal('other')
      for (const text of ['third', 'forth', 'fifth']) {
        const start = performance.now()
        writeFileSync(file('a.txt'), text)
        expect(await get(send, '/a.txt')).to.equal(text)
        expect(await get(send, '/a.txt')).to.equal(text)
        // On a busy machine, it may be old enough by now.
        if (performance.now() - start > 900) await wait(1000)
      }
    },
  )

  overHttp1('sees changed, replaced, moved and removed files', serve, async (send) => {
    await create({
      'a/er/a.txt': 'first',
      'b/b.txt': 'first',
      'b/other.txt': 'other',
      'c/er/c.txt': 'first',
      'd/d.txt': 'first',
    })
    for (const url of ['/a/er/a.txt', '/b/b.txt', '/c/er/c.txt', '/d/d.txt'])
      expect([await get(send, url), await get(send, url)], url).to.deep.equal(['first', 'first'])
    writeFileSync(file('a/er/a.txt'), 'other')
    renameSync(file('b/other.txt'), file('b/b.txt'))
    renameSync(file('c'), file('moved'))
    rmSync(file('d/d.txt'))
    await untilAnswered(send, '/a/er/a.txt', (_status, text) => text === 'other')
    await untilAnswered(send, '/b/b.txt', (_status, text) => text === 'other')
    await untilAnswered(send, '/c/er/c.txt', (status) => status === 404)
    await untilAnswered(send, '/d/d.txt', (status) => status === 404)
    expect(await get(send, '/moved/er/c.txt')).to.equal('first')
    renameSync(`${folder}/site`, `${folder}/away`)
    await untilAnswered(send, '/moved/er/c.txt', (status) => status === 404)
    renameSync(`${folder}/away`, `${folder}/site`)
    await untilAnswered(send, '/moved/er/c.txt', (status) => status === 200)
  })

  overHttp1('never sends a part of one version and a part of another', serve, async (send) => {
    const changes: Record<string, (path: string, size: number) => void> = {
      /** Of the same length and with the same time of its content, as tools that copy files leave it. */
      same(path, size) {
        const { atime, mtime } = statSync(path)
        writeFileSync(path, 'y'.repeat(size))
        utimesSync(path, atime, mtime)
      },
      longer: (path, size) => writeFileSync(path, 'y'.repeat(size + 500)),
      shorter: (path) => writeFileSync(path, 'y'.repeat(50)),
    }
    const sizes = [1000, 100_000]
    const cases = sizes.flatMap((size) =>
      Object.entries(changes).map(([name, change]) => ({ size, name: `${name}-${size}`, change })),
    )
    await create(Object.fromEntries(cases.map(({ name, size }) => [name, 'x'.repeat(size)])))
    for (const { name, size, change } of cases) {
      await send(`HEAD /${name}`)
      expect(await get(send, `/${name}`)).to.equal('x'.repeat(size))
      change(file(name), size)
      const expected = 'y'.repeat(statSync(file(name)).size)
      await untilAnswered(send, `/${name}`, (_status, text) => {
        expect(text, name).to.be.oneOf(['x'.repeat(size), expected])
        return text === expected
      })
    }
  })

  overHttp1('follows no link that takes the place of a file or a folder', serve, async (send) => {
    const cases = { small: [7, 'outside.txt'], big: [200_000, 'big-outside.bin'] } as const
    const inside = (size: number) => 'i'.repeat(size)
    await create(
      Object.fromEntries(
        Object.entries(cases).flatMap(([name, [size]]) =>
          [`${name}.bin`, `${name}/a.bin`].map((path) => [path, inside(size)]),
        ),
      ),
    )
    for (const [name, [size, target]] of Object.entries(cases)) {
      const urls = [`/${name}.bin`, `/${name}/a.bin`]
      for (const url of [...urls, ...urls]) expect(await get(send, url)).to.equal(inside(size))
      rmSync(file(`${name}.bin`))
      symlinkSync(`../${target}`, file(`${name}.bin`))
      mkdirSync(`${folder}/moved-${name}`)
      symlinkSync(`../${target}`, `${folder}/moved-${name}/a.bin`)
      rmSync(file(name), { recursive: true })
      symlinkSync(`../moved-${name}`, file(name))
      for (const url of urls)
        await untilAnswered(send, url, (status, text) => {
          if (status === 200) expect(text).to.equal(inside(size))
          return status === 404
        })
    }
  })

  it('sends no other file than the one that is known, before anything is told', async () => {
    const server = new Server().serveStatic('/', `${folder}/site`)
    const sizes = { 'small.bin': 10, 'big.bin': 200_000 }
    await create(Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, 'i'.repeat(size)])))
    for (const [name, size] of Object.entries(sizes)) {
      // What is known now is not the content.
      await server.inject({ method: 'HEAD', url: `/${name}` })
      rmSync(file(name))
      writeFileSync(`${folder}/outside-${name}`, 'o'.repeat(size))
      symlinkSync(`../outside-${name}`, file(name))
      expect((await server.inject({ url: `/${name}` })).status).to.equal(404)
    }
  })

  it('finds nothing where a folder has taken the place of the file that is known', async () => {
    const server = new Server().serveStatic('/', `${folder}/site`)
    await create({ 'a.txt': 'first' })
    await server.inject({ method: 'HEAD', url: '/a.txt' })
    rmSync(file('a.txt'))
    mkdirSync(file('a.txt'))
    expect((await server.inject({ url: '/a.txt' })).status).to.equal(404)
  })

  bothWays(
    'is found by no other spelling, and by no other way of the same path',
    (server) => {
      server.serveStatic('/', `${folder}/guarded`)
      server.serveStatic('/linked', `${folder}/guarded/link`)
      server.bindHookHandler('/private/*', 'BeforeServe', (request) => {
        request.response.writeStatus(401)
        request.exitAll()
      })
      server.serveStatic('/unguarded', `${folder}/guarded`)
    },
    async (send) => {
      await untilOld([`${folder}/guarded/private/secret.txt`])
      for (let i = 0; i < 2; i++) {
        expect(await get(send, '/unguarded/private/secret.txt')).to.equal('secret')
        expect(await get(send, '/linked/secret.txt')).to.equal('secret')
        expect((await send('/private/secret.txt')).status).to.equal(401)
        for (const url of [
          '/private%2Fsecret.txt',
          '/unguarded/private%2Fsecret.txt',
          '/unguarded/private%5Csecret.txt',
          '/unguarded/private/secret.txt%00',
          '/unguarded/x%2F..%2Fprivate/secret.txt',
          '/link/secret.txt',
          '/unguarded/link/secret.txt',
        ])
          expect((await send(url)).status, url).to.be.oneOf([400, 404])
      }
    },
  )

  overHttp1(
    'runs hooks and middleware as ever',
    (server) => {
      let passed = 0
      serve(server)
      server.use(async ({ response }, next) => {
        await next()
        passed++
        if (passed === 3) response.writeOver('replaced')
        if (passed === 4) response.clearBuffer()
      })
      return () => passed
    },
    async (send, passed) => {
      await create({ 'a.txt': 'first' })
      await send('/a.txt')
      expect(await get(send, '/a.txt')).to.equal('first')
      const replaced = await send('/a.txt')
      expect([replaced.text, replaced.header('etag')]).to.deep.equal(['replaced', undefined])
      expect((await send('/a.txt')).header('etag')).to.equal(undefined)
      expect(await get(send, '/a.txt')).to.equal('first')
      expect(passed()).to.equal(5)
    },
  )
})

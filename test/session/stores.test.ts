import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import expressSession from 'express-session'
import { ConfigError, FileSessionStore, MemorySessionStore, Server, type StoredSession } from 'tribind'
import { database, DatabaseSessionStore } from 'tribind/database'
import { createDatabases } from '../database/databases.ts'
import { until } from '../feature/both-ways.ts'
import { findRedis } from './redis.ts'
import { describeStore } from './store-suite.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tribind-sessions-'))
let folders = 0
const newFolder = () => join(scratch, `${folders++}`, 'sessions')
after(() => rmSync(scratch, { recursive: true, force: true }))

describeStore('in memory', () => new MemorySessionStore())
describeStore('in files', () => new FileSessionStore({ folder: newFolder() }))
describeStore('that of express-session', () => new expressSession.MemoryStore())

const redis = await findRedis()
if (redis !== undefined) {
  describeStore('in Redis', () => redis.createStore())
  after(() => redis.close())
} else if (process.env.CI) {
  it('session stores: in CI a Redis answers', () => expect.fail('none answers at REDIS_URL or on port 6379'))
}

for (const { name, options } of await createDatabases()) {
  describe('with a server', () => {
    const server = new Server({ database: database(options) })
    describeStore(`in a database, ${name}`, () => new DatabaseSessionStore(server))
    after(() => server.stop())
  })
}

const session = (maxAgeMs?: number): StoredSession => ({
  cookie: { expires: maxAgeMs === undefined ? null : new Date(Date.now() + maxAgeMs) },
})

describe('MemorySessionStore', () => {
  const isThere = (store: MemorySessionStore, id: string) => {
    let found: unknown
    store.get(id, (_error, value) => (found = value))
    return found !== undefined
  }

  it('keeps so many, those used last', () => {
    const store = new MemorySessionStore({ maxCount: 3 })
    for (const id of ['a', 'b', 'c']) store.set(id, session())
    expect(isThere(store, 'a')).to.equal(true)
    store.touch('b', session())
    store.set('d', session())
    expect(['a', 'b', 'c', 'd'].map((id) => isThere(store, id))).to.deep.equal([true, true, false, true])
    for (let i = 0; i < 1000; i++) store.set(`x${i}`, session())
    expect(store.count).to.equal(3)
  })

  it('drops those without an age of their own after one, too', async () => {
    const store = new MemorySessionStore({ maxAgeMs: 20 })
    store.set('a', session())
    expect(isThere(store, 'a')).to.equal(true)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(isThere(store, 'a')).to.equal(false)
    expect(store.count).to.equal(0)
  })

  it('drops the expired by itself when it is written', () => {
    const { now } = Date
    const store = new MemorySessionStore()
    for (let i = 0; i < 100; i++) store.set(`x${i}`, session(1000))
    try {
      Date.now = () => now() + 61_000
      store.set('new', session(1000))
    } finally {
      Date.now = now
    }
    expect(store.count).to.equal(1)
  })

  it('refuses bounds that are none', () => {
    for (const options of [{ maxCount: 0 }, { maxCount: 1.5 }, { maxAgeMs: -1 }, { maxAgeMs: NaN }]) {
      expect(() => new MemorySessionStore(options)).to.throw(ConfigError, Object.keys(options)[0] as string)
    }
  })
})

describe('FileSessionStore', () => {
  const call = (act: (done: (error?: unknown, found?: unknown) => void) => void) =>
    new Promise<unknown>((resolve, reject) => {
      act((error, found) => (error ? reject(error as Error) : resolve(found)))
    })

  it('writes one file for each, readable for its owner alone, whose name tells nothing', async () => {
    const folder = newFolder()
    const store = new FileSessionStore({ folder })
    await call((done) => store.set('../../escaped', session(), done))
    const files = readdirSync(folder)
    expect(files).to.have.length(1)
    expect(files[0]).to.match(/^[\da-f]{64}\.json$/)
    expect(statSync(join(folder, files[0] as string)).mode & 0o777).to.equal(0o600)
    expect(statSync(folder).mode & 0o777).to.equal(0o700)
    expect(readdirSync(join(folder, '..'))).to.deep.equal(['sessions'])
  })

  it('shows another store on the folder the same, the renewed age as well', async () => {
    const folder = newFolder()
    const [one, two] = [new FileSessionStore({ folder }), new FileSessionStore({ folder })]
    await call((done) => one.set('a', session(1000), done))
    await call((done) => one.touch('a', session(60_000), done))
    const found = (await call((done) => two.get('a', done))) as StoredSession
    expect(Number(found.cookie.expires)).to.be.within(Date.now() + 58_000, Date.now() + 61_000)
  })

  it('removes the expired and what was never finished, and nothing else', async () => {
    const folder = newFolder()
    const store = new FileSessionStore({ folder })
    await call((done) => store.set('live', session(60_000), done))
    await call((done) => store.set('dead', session(60_000), done))
    const past = new Date(Date.now() - 1000)
    const live = readdirSync(folder)
    await call((done) => store.touch('dead', { cookie: { expires: past } }, done))
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    utimesSync(join(folder, 'notes.txt'), past, past)
    await store.prune()
    expect(readdirSync(folder)).to.have.length(2).and.include('notes.txt')
    expect(live).to.include.members(readdirSync(folder).filter((name) => name.endsWith('.json')))
    expect(await call((done) => store.get('live', done))).to.be.an('object')
  })

  it('removes them by itself', async () => {
    const folder = newFolder()
    const before = new FileSessionStore({ folder })
    await call((done) => before.set('dead', session(-1000), done))
    const store = new FileSessionStore({ folder })
    await call((done) => store.set('live', session(60_000), done))
    await until(() => readdirSync(folder).length === 1, 'the dead one is gone')
  })

  it('fails where a file or the folder is broken, and leaves nothing behind', async () => {
    const folder = newFolder()
    const store = new FileSessionStore({ folder })
    await call((done) => store.set('a', session(), done))
    const [file] = readdirSync(folder)
    const { mtime } = statSync(join(folder, file as string))
    writeFileSync(join(folder, file as string), '{"torn')
    utimesSync(join(folder, file as string), mtime, mtime)
    const failed = await call((done) => store.get('a', done)).catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(SyntaxError)
    const blocked = new FileSessionStore({ folder: join(folder, file as string) })
    for (const act of [
      (done: (error?: unknown) => void) => blocked.set('a', session(), done),
      (done: (error?: unknown) => void) => blocked.get('a', done),
    ]) {
      expect(await call(act).catch((error: unknown) => error)).to.be.instanceOf(Error)
    }
    expect(readdirSync(folder)).to.deep.equal([file])
  })

  it('refuses a folder or an age that is none', () => {
    expect(() => new FileSessionStore({ folder: '' })).to.throw(ConfigError, 'folder')
    expect(() => new FileSessionStore({ folder: 'x', maxAgeMs: 0 })).to.throw(ConfigError, 'maxAgeMs')
  })
})

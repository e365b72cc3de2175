import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Kysely } from 'kysely'
import { ConfigError, Server, type StoredSession } from 'tribind'
import { database, DatabaseSessionStore } from 'tribind/database'
import { createTestServer } from 'tribind/testing'
import { sendByInject } from '../feature/both-ways.ts'
import { createClient } from '../feature/session-client.ts'
import { registerValues, secret } from '../feature/session-routes.ts'
import { createDatabases } from './databases.ts'
import { failureOf } from './failure-of.ts'
import { recordLog } from './record-log.ts'

interface Row {
  id: string
  data: string
  expires: number | string
}

const call = (act: (done: (error?: unknown, found?: unknown) => void) => void) =>
  new Promise<unknown>((resolve, reject) => {
    act((error, found) => (error ? reject(error as Error) : resolve(found)))
  })
const session = (maxAgeMs?: number): StoredSession => ({
  cookie: { expires: maxAgeMs === undefined ? null : new Date(Date.now() + maxAgeMs) },
})

for (const { name, options } of await createDatabases()) {
  describe(`DatabaseSessionStore on ${name}`, () => {
    let tables = 0
    const started: Server[] = []
    const open = (
      table = `sessions_${tables++}`,
      createStore = (of: Server) => new DatabaseSessionStore(of, { table }),
    ) => {
      const server = new Server({
        port: 0,
        database: database(options),
        logger: recordLog().logger,
        session: { secret, cookie: { maxAge: 60_000 }, store: () => createStore(server) },
      })
      registerValues(server)
      started.push(server)
      const rows = (): Promise<Row[]> =>
        (server.db() as Kysely<Record<string, Row>>).selectFrom(table).selectAll().execute()
      return { server, table, rows, ask: createClient(sendByInject(server)).ask }
    }
    afterEach(async () => {
      for (const server of started.splice(0)) await server.stop()
    })

    it('has a table that the start creates where it is missing, and whose rows stay', async () => {
      const first = open()
      await first.server.start()
      expect(await first.rows()).to.deep.equal([])
      await first.ask('/set/a/1')
      expect((await first.ask('/get/a')).json()).to.deep.equal({ value: '1' })
      const second = open(first.table)
      await second.server.start()
      const [row, ...others] = await second.rows()
      expect(others).to.deep.equal([])
      expect(Object.keys(row as Row)).to.deep.equal(['id', 'data', 'expires'])
      expect(row?.id).to.match(/^[\da-f]{64}$/)
      expect(JSON.parse((row as Row).data)).to.include({ a: '1' })
      expect(Number(row?.expires)).to.be.within(Date.now() + 50_000, Date.now() + 61_000)
    })

    it('is called sessions unless it is told otherwise', async () => {
      const { server, rows } = open('sessions', (of) => new DatabaseSessionStore(of))
      await server.start()
      expect(await rows()).to.deep.equal([])
      await (server.db() as Kysely<unknown>).schema.dropTable('sessions').execute()
    })

    it('is created by several that start at once', async () => {
      const first = open()
      const others = [1, 2, 3].map(() => open(first.table))
      await Promise.all([first, ...others].map(({ server }) => server.start()))
      expect(await first.rows()).to.deep.equal([])
    })

    it('keeps hashes of ids, not what a cookie has', async () => {
      const { server, table, rows } = open()
      await server.start()
      const store = new DatabaseSessionStore(server, { table })
      await call((done) => store.set('my-id', session(), done))
      expect((await rows()).map(({ id }) => id)).to.deep.equal([createHash('sha256').update('my-id').digest('hex')])
    })

    it('is made for the first request of a server that was not started, and in a database that replaces another', async () => {
      const { server, rows, ask } = open()
      await ask('/set/a/1')
      expect(await rows()).to.have.lengthOf(1)
      await server.replaceDb(database({ client: 'sqlite', file: ':memory:' }))
      await ask('/set/a/2')
      expect((await ask('/get/a')).json()).to.deep.equal({ value: '2' })
      expect(await rows()).to.have.lengthOf(1)
    })

    it('reads no expired row, and removes those when something is written', async () => {
      const { server, table, rows } = open()
      await server.start()
      const before = new DatabaseSessionStore(server, { table })
      await call((done) => before.set('dead', session(60_000), done))
      await call((done) => before.touch('dead', session(-1000), done))
      expect(await call((done) => before.get('dead', done))).to.equal(undefined)
      expect(await rows()).to.have.lengthOf(1)
      const store = new DatabaseSessionStore(server, { table })
      await call((done) => store.set('live', session(60_000), done))
      expect(await rows()).to.have.lengthOf(1)
      expect(await call((done) => store.get('live', done))).to.be.an('object')
      await call((done) => store.touch('live', session(-1000), done))
      await store.prune()
      expect(await rows()).to.deep.equal([])
    })

    it('lets two requests save a new session at once', async () => {
      const { server, table, rows } = open()
      await server.start()
      const store = new DatabaseSessionStore(server, { table })
      const saves = Array.from({ length: 10 }, async (_, i) =>
        call((done) => store.set('one', { ...session(), i } as StoredSession, done)),
      )
      await Promise.all(saves)
      expect(await rows()).to.have.lengthOf(1)
    })

    it('is undone by a test transaction, and its table is not made in one', async () => {
      const { server, table, rows, ask } = open()
      await using test = await createTestServer(server)
      await ask('/set/a/1')
      const rollback = await test.transaction()
      await ask('/set/a/2')
      await createClient(sendByInject(server)).ask('/set/b/1')
      expect(await rows()).to.have.lengthOf(2)
      await rollback()
      expect(await rows()).to.have.lengthOf(1)
      expect((await ask('/get/a')).json()).to.deep.equal({ value: '1' })
      await (server.db() as Kysely<unknown>).schema.dropTable(table).execute()
      const second = await test.transaction()
      expect((await ask('/set/a/3')).status).to.equal(500)
      await second()
      await failureOf(rows())
      expect((await ask('/set/a/3')).status).to.equal(200)
    })

    it('passes on what fails', async () => {
      const server = new Server({ port: 0, database: database(options) })
      await server.start()
      await server.stop()
      const store = new DatabaseSessionStore(server)
      for (const act of [
        (done: (error?: unknown) => void) => store.set('a', session(), done),
        (done: (error?: unknown) => void) => store.get('a', done),
        (done: (error?: unknown) => void) => store.touch('a', session(), done),
        (done: (error?: unknown) => void) => store.destroy('a', done),
      ]) {
        expect(await failureOf(call(act))).to.be.instanceOf(Error)
      }
    })
  })
}

describe('DatabaseSessionStore', () => {
  it('names an option that is wrong or unknown', () => {
    const server = new Server()
    for (const options of [{ table: '' }, { maxAgeMs: 0 }, { tables: 'a' }]) {
      expect(() => new DatabaseSessionStore(server, options as { table: string })).to.throw(
        ConfigError,
        /^DatabaseSessionStore: /,
      )
    }
  })
})

import { expect } from 'chai'
import { sql, type Kysely } from 'kysely'
import { DatabaseError, Server } from 'tribind'
import { database } from 'tribind/database'
import { gate, inTime, rejected, until } from '../feature/both-ways.ts'
import { createDatabases } from './databases.ts'
import { add, createLibrary, createTables, type Library, type Tables, titles } from './library.ts'
import { openSilentProxy } from './silent-proxy.ts'

const databases = await createDatabases()
const remote = databases.filter(({ name }) => name !== 'SQLite')

/** A query that takes some seconds. */
const sleep = { postgres: sql`select pg_sleep(20)`, mysql: sql`select sleep(20)`, sqlite: sql`select 1` }

const identify = {
  postgres: sql<{ id: number }>`select pg_backend_pid() as id`,
  mysql: sql<{ id: number }>`select connection_id() as id`,
}

for (const { name, options } of databases)
  describe(`connections to ${name}`, () => {
    let library: Library | undefined

    afterEach(() => library?.server.stop())

    async function open(more: object = {}): Promise<Kysely<Tables>> {
      library = createLibrary({ ...options, ...more })
      await library.server.start()
      return library.db
    }

    it('run out, and are free again', async () => {
      const db = await open({ max: 2, acquireTimeout: 1500 })
      await createTables(db, options.client)
      const go = gate()
      const max = name === 'SQLite' ? 1 : 2
      let begun = 0
      const running = Array.from({ length: max }, () =>
        db.connection().execute(async () => {
          begun++
          await go.opened
        }),
      )
      await until(() => begun === max, 'all are in use')
      const waiting = [titles(db), titles(db), titles(db)].map((query) => rejected(query))
      const [first] = await Promise.all(waiting)
      expect(first).to.be.instanceOf(DatabaseError)
      expect(first?.message).to.contain(`${max} in use, 3 waiting`)
      const late = titles(db)
      go.open()
      await Promise.all(running)
      expect(await late).to.deep.equal([])
      await Promise.all(Array.from({ length: 20 }, () => titles(db)))
    })

    it('serve who waits in order', async () => {
      const db = await open({ max: 1 })
      const order: number[] = []
      await Promise.all([1, 2, 3, 4, 5].map((i) => db.connection().execute(async () => void order.push(i))))
      expect(order).to.deep.equal([1, 2, 3, 4, 5])
    })

    it('are not waited for without end by a query beside the transaction that holds the last', async () => {
      const db = await open({ max: 1, acquireTimeout: 200 })
      await createTables(db, options.client)
      const outcome = await inTime(
        db.transaction().execute(async (trx) => {
          await add(trx, 'Emma')
          return rejected(titles(db))
        }),
        'the query fails',
        5000,
      )
      expect(outcome).to.be.instanceOf(DatabaseError)
      expect(outcome.message).to.contain('1 in use, 1 waiting')
      expect(await titles(db)).to.deep.equal(['Emma'])
    })

    it('have slow queries logged, without their values', async () => {
      const db = await open({ slowQuery: 0 })
      await sql`select ${'secret'} as a`.execute(db)
      const slow = library?.log.filter(({ message }) => message === 'Slow query') ?? []
      expect(slow.length).to.be.greaterThan(0)
      expect(JSON.stringify(slow)).to.contain('select').and.not.to.contain('secret')
    })

    it('commit and roll back, with isolation levels where there are some', async () => {
      const db = await open()
      await createTables(db, options.client)
      await db
        .transaction()
        .setIsolationLevel('serializable')
        .execute((trx) => add(trx, 'Emma'))
      await rejected(
        db.transaction().execute(async (trx) => {
          await add(trx, 'Persuasion')
          throw new Error('no')
        }),
      )
      const trx = await db.startTransaction().execute()
      await add(trx, 'Sanditon')
      await (await trx.savepoint('a').execute()).rollbackToSavepoint('a').execute()
      await trx
        .releaseSavepoint('a' as never)
        .execute()
        .catch(() => {})
      await trx.commit().execute()
      expect(await titles(db)).to.deep.equal(['Emma', 'Sanditon'])
    })

    it('stream', async () => {
      const db = await open()
      await createTables(db, options.client)
      await db
        .insertInto('book')
        .values(['a', 'b', 'c', 'd', 'e'].map((title) => ({ title })))
        .execute()
      const seen: string[] = []
      for await (const { title } of db
        .selectFrom('book')
        .select('title')
        .where('title', '!=', 'c')
        .orderBy('id')
        .stream(2))
        seen.push(title)
      expect(seen).to.deep.equal(['a', 'b', 'd', 'e'])
      await db.transaction().execute(async (trx) => {
        await add(trx, 'f')
        for await (const { title } of trx.selectFrom('book').select('title').orderBy('id').stream(100)) {
          seen.push(title)
          if (title === 'b') break
        }
        await add(trx, 'g')
      })
      expect(seen.slice(4)).to.deep.equal(['a', 'b'])
      expect(await titles(db)).to.have.length(7)
    })
  })

for (const { name, options } of remote) {
  const client = options.client as 'postgres' | 'mysql'
  const { url } = options as { url: string }

  describe(`the network to ${name}`, () => {
    const open: Library[] = []

    afterEach(() => Promise.all(open.splice(0).map(({ server }) => server.stop())))

    function create(more: object = {}): Library {
      const library = createLibrary({ ...options, ...more })
      open.push(library)
      return library
    }

    const idOf = async (db: Kysely<Tables>) => (await identify[client].execute(db)).rows[0]?.id

    it('may ask for a password, which no message shows', async () => {
      const wrong = new URL(url)
      wrong.password = 'gehe%20im'
      const { server, log } = create({ url: wrong.href })
      const error = await rejected(server.start())
      expect(error).to.be.instanceOf(DatabaseError)
      expect(`${error.stack}${String(error.cause)}${JSON.stringify(log)}`).not.to.match(/gehe/)
      expect(error.message).to.match(/password|denied/i)
    })

    it('may not lead to the database, within connectTimeout', async () => {
      const proxy = await openSilentProxy(url)
      proxy.silence()
      const { server } = create({ url: proxy.url, connectTimeout: 300 })
      const error = await inTime(rejected(server.start()), 'the start fails', 5000)
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error.message).to.contain('300 ms')
      proxy.close()
    })

    it('closes idle connections, and old ones, and keeps some', async () => {
      const { db } = create({ idleTimeout: 100, maxLifetime: '1h', max: 5 })
      const first = await idOf(db)
      expect(await idOf(db)).to.equal(first)
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(await idOf(db)).not.to.equal(first)

      const { db: old } = create({ maxLifetime: 100 })
      const one = await idOf(old)
      await new Promise((resolve) => setTimeout(resolve, 150))
      expect(await idOf(old)).not.to.equal(one)

      const { db: kept, server } = create({ min: 2, idleTimeout: 100 })
      await server.start()
      const ids = new Set<unknown>()
      for (let i = 0; i < 4; i++) {
        await new Promise((resolve) => setTimeout(resolve, 150))
        ids.add(await idOf(kept))
      }
      expect(ids.size).to.be.lessThan(3)
    })

    it('lets the database end a query that takes too long', async () => {
      const { db } = create({ queryTimeout: 300, max: 1 })
      const error = await inTime(rejected(sleep[client].execute(db)), 'it is ended', 5000)
      expect(error).not.to.be.instanceOf(DatabaseError)
      expect(error.message).to.match(/statement timeout|max_statement_time|execution/i)
      expect(await idOf(db)).to.be.a('number')
    })

    it('may fall silent: the connection is given up', async () => {
      const proxy = await openSilentProxy(url)
      const { db, log } = create({ url: proxy.url, queryTimeout: 200, max: 1 })
      await idOf(db)
      proxy.silence()
      const startedAt = Date.now()
      const error = await rejected(idOf(db))
      expect(Date.now() - startedAt).to.be.within(5000, 9000)
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error.message).to.contain('given up')
      expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
      proxy.close()
    }).timeout(20_000)

    it('may lose idle connections, and those in a transaction', async () => {
      const { db, log } = create({ max: 2 })
      const { db: other } = create()
      const kill = async (id: unknown) => {
        const statement = client === 'postgres' ? `select pg_terminate_backend(${String(id)})` : `kill ${String(id)}`
        await sql.raw(statement).execute(other)
      }
      const idle = await idOf(db)
      await kill(idle)
      await until(() => log.some(({ message }) => message === 'A database connection was lost'), 'it is told')
      expect(await idOf(db)).not.to.equal(idle)

      const error = await rejected(
        db.transaction().execute(async (trx) => {
          await kill(await idOf(trx))
          await until(() => log.length >= 2, 'it is told')
          await titles(trx)
        }),
      )
      expect(error).not.to.be.instanceOf(DatabaseError)
      expect(await idOf(db)).to.be.a('number')
    })

    it('is given up by a stop after 5 s', async () => {
      const { server, db, log } = create()
      await server.start()
      const query = rejected(sleep[client].execute(db))
      const startedAt = Date.now()
      await new Promise((resolve) => setTimeout(resolve, 100))
      await server.stop()
      expect(Date.now() - startedAt).to.be.within(4900, 9000)
      expect(await query).to.be.instanceOf(DatabaseError)
      expect(log.some(({ message }) => message.includes('were cut'))).to.equal(true)
    }).timeout(20_000)

    it('is waited for by a stop', async () => {
      const { server, db } = create()
      await server.start()
      const inside = gate()
      const query = db.connection().execute(async (connection) => {
        inside.open()
        await new Promise((resolve) => setTimeout(resolve, 200))
        return idOf(connection)
      })
      await inside.opened
      await server.stop()
      expect(await query).to.be.a('number')
    })

    it('takes its parts one by one too', async () => {
      const { hostname, port, username, password, pathname } = new URL(url)
      const server = new Server({
        database: database({
          client,
          host: hostname,
          port: Number(port),
          user: username,
          password,
          name: pathname.slice(1),
        }),
      })
      await server.replaceDb(
        database({ client, url: `${client}://${username}@${hostname}:${port}`, password, name: pathname.slice(1) }),
      )
      await server.closeDb()
    })
  })
}

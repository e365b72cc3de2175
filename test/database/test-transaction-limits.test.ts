import { expect } from 'chai'
import { sql, type Kysely } from 'kysely'
import { DatabaseError, type Rollback, Server, StateError } from 'tribind'
import { afterCommit } from 'tribind/database'
import { gate, rejected, thrownBy } from '../feature/both-ways.ts'
import { createDatabases } from './databases.ts'
import { add, createLibrary, createTables, type Library, type Tables, titles } from './library.ts'

for (const { name, options } of await createDatabases())
  describe(`what a test transaction on ${name} can’t do`, () => {
    let library: Library
    let db: Kysely<Tables>
    let rollback: Rollback
    let handle: () => Promise<unknown>

    before(async () => {
      library = createLibrary({ ...options, acquireTimeout: 300 })
      ;({ db } = library)
      await createTables(db, options.client)
      library.server.bindHandler('/', () => handle())
      await library.server.start()
    })

    after(() => library.server.stop())

    beforeEach(async () => {
      library.log.length = 0
      await db.deleteFrom('book').execute()
      rollback = await library.server.transaction()
    })

    afterEach(() => rollback())

    it('waits no longer than 5 s for a request that goes on', async () => {
      const inside = gate()
      const go = gate()
      handle = async () => {
        await add(db, 'Emma')
        inside.open()
        await go.opened
        await add(db, 'Persuasion')
      }
      const response = library.server.inject('/')
      await inside.opened
      const startedAt = Date.now()
      await rollback()
      expect(Date.now() - startedAt).to.be.within(4900, 8000)
      expect(library.log.some(({ message }) => message.includes('requests still run'))).to.equal(true)
      go.open()
      expect((await response).status).to.equal(200)
      expect(await titles(db)).to.deep.equal(['Persuasion'])
    }).timeout(20_000)

    it('lets others pass while a transaction by startTransaction is open: they wait, and fail in time', async () => {
      const trx = await db.startTransaction().execute()
      const error = await rejected(titles(db))
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error.message).to.contain('300 ms')
      await trx.commit().execute()
      expect(await titles(db)).to.deep.equal([])
    })

    it('calls no function of a commit that is undone with the outer transaction', async () => {
      const calls: string[] = []
      const trx = await db.startTransaction().execute()
      afterCommit(trx, () => calls.push('kept'))
      const saved = await trx.savepoint('half').execute()
      afterCommit(saved, () => calls.push('dropped'))
      await saved.rollbackToSavepoint('half').execute()
      await trx.commit().execute()
      await db.selectFrom('book').select('id').execute()
      expect(calls).to.deep.equal(['kept'])
      expect(thrownBy(() => afterCommit(db as never, () => {})).message).to.contain('must be a transaction')
    })

    it('takes no second one, not even while the first begins', async () => {
      await rollback()
      const both = await Promise.allSettled([library.server.transaction(), library.server.transaction()])
      expect(both.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected'])
      const [first, second] = both
      expect((second as PromiseRejectedResult).reason).to.be.instanceOf(StateError)
      await (first as PromiseFulfilledResult<Rollback>).value()
    })

    if (name === 'MariaDB') {
      it('refuses what would commit, before it does', async () => {
        await add(db, 'Emma')
        for (const statement of [
          'alter table book add x integer',
          'create index i on book (title)',
          '/* a */ truncate table book',
          '/*!40101 truncate table book */',
          '/*M! commit */',
          'drop table copy',
          'lock tables book read',
        ]) {
          const error = await rejected(sql.raw(statement).execute(db))
          expect(error, statement).to.be.instanceOf(DatabaseError)
          expect(error.message).to.contain(statement)
        }
        await sql`create temporary table t (id integer)`.execute(db)
        await sql`drop temporary table t`.execute(db)
        await rollback()
        expect(await titles(db)).to.deep.equal([])
      })

      it('tells of a commit in a procedure', async () => {
        await rollback()
        await sql`create or replace procedure hidden() begin commit; end`.execute(db)
        const undo = await library.server.transaction()
        await add(db, 'Emma')
        const error = await rejected(sql`call hidden()`.execute(db))
        expect(error).to.be.instanceOf(DatabaseError)
        expect(error.message).to.contain('has committed the test transaction').and.to.contain('call hidden()')
        expect(await rejected(titles(db))).to.equal(error)
        await undo()
        expect(await titles(db)).to.deep.equal(['Emma'])
      })
    }

    if (name === 'PostgreSQL')
      it('checks deferred constraints when a transaction of the application commits', async () => {
        await sql`create table loan (copy integer references copy (id) deferrable initially deferred)`.execute(db)
        const lend = (trx: Kysely<Tables>) => sql`insert into loan values (7)`.execute(trx)
        expect((await rejected(lend(db))).message).to.contain('foreign key')
        expect((await rejected(db.transaction().execute(lend))).message).to.contain('foreign key')
        await db.transaction().execute(async (trx) => {
          await lend(trx)
          await sql`delete from loan`.execute(trx)
        })
        await add(db, 'Emma')
        expect(await titles(db)).to.deep.equal(['Emma'])
      })

    if (name === 'SQLite')
      it('tells of a statement that undoes all', async () => {
        await add(db, 'Emma')
        await rejected(sql`insert or rollback into book (title) values ('Emma')`.execute(db))
        const error = await rejected(titles(db))
        expect(error).to.be.instanceOf(DatabaseError)
        expect(error.message).to.contain('has undone the test transaction')
      })
    else
      it('waits no longer than 5 s for a statement that runs', async () => {
        const sleep = name === 'MariaDB' ? sql`select sleep(20)` : sql`select pg_sleep(20)`
        const hung = rejected(sleep.execute(db))
        const startedAt = Date.now()
        await rollback()
        expect(Date.now() - startedAt).to.be.within(4900, 9000)
        expect(await hung).to.be.instanceOf(DatabaseError)
        expect(library.log.some(({ message }) => message.includes('could not be undone in time'))).to.equal(true)
        expect(await titles(db)).to.deep.equal([])
      }).timeout(20_000)
  })

describe('afterCommit', () => {
  it('runs all functions, in order, where nothing is asked of the database between them and the commit', async () => {
    const { server, db } = createLibrary({ client: 'sqlite', file: ':memory:' })
    const calls: number[] = []
    await db.transaction().execute(async (trx) => {
      for (const number of [1, 2, 3]) afterCommit(trx, () => calls.push(number))
      afterCommit(trx.withTables(), () => calls.push(4))
    })
    expect(calls).to.deep.equal([1, 2, 3, 4])
    const rollback = await server.transaction()
    await db.transaction().execute(async (trx) => {
      for (const number of [5, 6]) afterCommit(trx, () => calls.push(number))
    })
    expect(calls).to.deep.equal([1, 2, 3, 4, 5, 6])
    await rollback()
    await server.stop()
  })

  it('is refused for a transaction that has ended', async () => {
    const { server, db } = createLibrary({ client: 'sqlite', file: ':memory:' })
    const trx = await db.startTransaction().execute()
    await trx.commit().execute()
    expect(thrownBy(() => afterCommit(trx, () => {})).message).to.contain('already committed')
    await server.stop()
  })

  it('is ended by what isn’t a function', async () => {
    const { server, db } = createLibrary({ client: 'sqlite', file: ':memory:' })
    await db.transaction().execute(async (trx) => {
      expect(thrownBy(() => afterCommit(trx, undefined as never)).message).to.contain('afterCommit')
    })
    await server.stop()
    expect(new Server().hasDb()).to.equal(false)
  })
})

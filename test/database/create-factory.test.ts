import { expect } from 'chai'
import { type Generated, type Kysely, sql } from 'kysely'
import { Server } from 'tribind'
import { createFactory, database } from 'tribind/database'
import { createDatabases } from './databases.ts'
import { isInstalled, startEngine } from './engines.ts'

interface Tables {
  books: { id: Generated<number>; title: string; copies: Generated<number> }
  shelves: { id: string; place: string }
}

const numbered = {
  SQLite: 'integer primary key autoincrement',
  PostgreSQL: 'serial primary key',
  MariaDB: 'integer primary key auto_increment',
}

function describeFactory(name: keyof typeof numbered, createServer: () => Server): void {
  let server: Server
  let db: Kysely<Tables>
  before(async () => {
    server = createServer()
    db = server.db() as Kysely<Tables>
    await sql`create table books (id ${sql.raw(numbered[name])}, title varchar(50), copies integer default 7)`.execute(
      db,
    )
    await sql`create table shelves (id varchar(20) primary key, place varchar(20))`.execute(db)
  })
  after(() => server.stop())

  it('saves rows with their ids and what the database adds', async () => {
    const book = createFactory('books', (n) => ({ title: `Book ${n}` }))
    const emmas = await book.save(db, 3, { title: 'Emma' })
    const [first] = emmas
    expect(first).to.have.property('id').that.is.a('number')
    const { id } = first as { id: number }
    expect(emmas).to.deep.equal([0, 1, 2].map((i) => ({ id: id + i, title: 'Emma', copies: 7 })))
    expect(await book.save(db)).to.deep.equal([{ id: id + 3, title: 'Book 4', copies: 7 }])
    expect(await db.selectFrom('books').selectAll().orderBy('id').execute()).to.have.lengthOf(4)
  })

  it('saves in a transaction, whose end decides', async () => {
    const before = await db.selectFrom('books').select('id').execute()
    const book = createFactory('books', () => ({ title: 'Emma' }))
    const undone = db.transaction().execute(async (transaction) => {
      expect(await book.save(transaction, 2)).to.have.lengthOf(2)
      throw new Error('undo')
    })
    await undone.catch(() => {})
    expect(await db.selectFrom('books').select('id').execute()).to.deep.equal(before)
  })

  it('keeps ids of its own', async () => {
    const shelf = createFactory('shelves', (n) => ({ id: `s${n}`, place: 'hall' }))
    expect(await shelf.save(db, 2)).to.deep.equal([
      { id: 's1', place: 'hall' },
      { id: 's2', place: 'hall' },
    ])
    const book = createFactory('books', () => ({ id: 1000, title: 'Emma' }))
    expect(await book.save(db)).to.deep.equal([{ id: 1000, title: 'Emma', copies: 7 }])
  })
}

for (const { name, options } of await createDatabases()) {
  describe(`createFactory on ${name}`, () => {
    describeFactory(name, () => new Server({ database: database(options) }))
  })
}

// MariaDB that says it is MySQL: then nothing may be asked of it that MySQL doesn't have.
if (isInstalled('mysql')) {
  const engine = await startEngine('mysql', { settings: { version: '8.0.36' } })
  describe('createFactory on MySQL', () => {
    describeFactory('MariaDB', () => new Server({ database: database({ client: 'mysql', url: engine.url }) }))
    after(() => engine.remove())
  })
}

describe('createFactory', () => {
  it('makes rows without a database', () => {
    const book = createFactory('books', (n) => ({ title: `Book ${n}`, copies: n }))
    expect(book.make()).to.deep.equal([{ title: 'Book 1', copies: 1 }])
    expect(book.make(2, { copies: 0 })).to.deep.equal([
      { title: 'Book 2', copies: 0 },
      { title: 'Book 3', copies: 0 },
    ])
  })

  it('takes a function', () => {
    expect(() => createFactory('books', { title: 'a' } as unknown as () => object)).to.throw('createFactory')
  })
})

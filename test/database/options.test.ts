import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { PostgresDialect, sql, SqliteAdapter, type Dialect, SqliteDialect } from 'kysely'
import Libsql from 'libsql'
import { Pool } from 'pg'
import { ConfigError, Server } from 'tribind'
import { database } from 'tribind/database'
import { rejected, thrownBy } from '../feature/both-ways.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { createDatabases } from './databases.ts'
import { add, createLibrary, createTables, titles } from './library.ts'

describe('the options of database()', () => {
  const cases: [what: string, options: object, message: RegExp][] = [
    ['no client', {}, /"database\.client" is required/],
    [
      'an unknown client',
      { client: 'oracle' },
      /"database\.client" must be postgres, mysql, sqlite, none or a dialect/,
    ],
    [
      'an unknown option',
      { client: 'sqlite', flie: 'x' },
      /unknown option "database\.flie", did you mean "database\.file"/,
    ],
    [
      'a port out of range',
      { client: 'postgres', port: 70_000 },
      /"database\.port" must be an integer from 1 to 65535, got 70000/,
    ],
    ['a time that is none', { client: 'postgres', queryTimeout: 'soon' }, /"database\.queryTimeout" must be a time/],
    ['no connections', { client: 'postgres', max: 0 }, /"database\.max" must be an integer from 1/],
    [
      'more connections than allowed',
      { client: 'postgres', min: 11 },
      /"database\.min" must be at most "database\.max" \(10\)/,
    ],
    ['SQLite without a file', { client: 'sqlite' }, /"database\.file" is required for sqlite/],
    ['a URL that is none', { client: 'postgres', url: 'geheim' }, /"database\.url" must be a URL such as/],
    ['a URL of another client', { client: 'postgres', url: 'mysql://u:geheim@h/n' }, /must be a URL of postgres/],
    [
      'a part that the URL has',
      { client: 'postgres', url: 'postgres://u:geheim@h/n', password: 'geheim' },
      /"database\.password" contradicts/,
    ],
    ['an unknown sslmode', { client: 'postgres', url: 'postgres://h/n?sslmode=maybe' }, /"sslmode" must be one of/],
    ['a password that is none', { client: 'postgres', password: ['geheim'] }, /"database\.password" must be a string$/],
  ]
  for (const [what, options, message] of cases)
    it(`refuse ${what}`, () => {
      const error = thrownBy(() => database(options as never))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(message).and.not.to.contain('geheim')
    })

  it('show no password', () => {
    const one = database({ client: 'postgres', url: 'postgres://u:geheim@h/n' })
    expect(JSON.stringify(one)).not.to.contain('geheim')
  })

  it('must come from database() for a server', () => {
    const error = thrownBy(() => new Server({ database: { client: 'sqlite', password: 'geheim' } as never }))
    expect(error).to.be.instanceOf(ConfigError)
    expect(error.message).to.contain('"database" must be what `database()`').and.not.to.contain('geheim')
  })
})

describe('SQLite', () => {
  it('is set up for servers', async () => {
    const file = `${temporaryFolder({})}/app.db`
    const { server, db } = createLibrary({ client: 'sqlite', file })
    const pragma = async (name: string) =>
      Object.values((await sql`pragma ${sql.raw(name)}`.execute(db)).rows[0] as object)[0]
    expect(await pragma('journal_mode')).to.equal('wal')
    expect(await pragma('foreign_keys')).to.equal(1)
    expect(await pragma('busy_timeout')).to.equal(5000)
    await createTables(db, 'sqlite')
    expect((await rejected(db.insertInto('copy').values({ book: 7 }).execute())).message).to.match(/foreign key/i)
    await server.stop()
    expect(readFileSync(file).subarray(0, 15).toString()).to.equal('SQLite format 3')
  })

  it('is opened by URL too', async () => {
    const folder = temporaryFolder({})
    for (const url of [`sqlite:${folder}/a.db`, `file:${folder}/a.db`, `sqlite://${folder}/a.db`, 'sqlite::memory:']) {
      const { server, db } = createLibrary({ client: 'sqlite', url })
      await createTables(db, 'sqlite')
      await server.stop()
    }
  })

  it('lives in memory, transactions included', async () => {
    const { server, db } = createLibrary({ client: 'sqlite', file: ':memory:' })
    await createTables(db, 'sqlite')
    await db.transaction().execute((trx) => add(trx, 'Emma'))
    await rejected(db.transaction().execute(async (trx) => (await add(trx, 'Persuasion'), add(trx, 'Emma'))))
    expect(await titles(db)).to.deep.equal(['Emma'])
    await server.stop()
  })

  it('tells ids and counts', async () => {
    const { server, db } = createLibrary({ client: 'sqlite', file: ':memory:' })
    await createTables(db, 'sqlite')
    const { insertId } = await db.insertInto('book').values({ title: 'Emma' }).executeTakeFirstOrThrow()
    expect(insertId).to.equal(1n)
    const row = await db.insertInto('book').values({ title: 'Persuasion' }).returning('id').executeTakeFirstOrThrow()
    expect(row.id).to.equal(2)
    expect((await db.deleteFrom('book').executeTakeFirst()).numDeletedRows).to.equal(2n)
    await server.stop()
  })
})

describe('a dialect of Kysely as the client', () => {
  it('brings its own connections', async () => {
    const dialect = new SqliteDialect({ database: new Libsql(':memory:') as never })
    const { server, db } = createLibrary({ client: dialect, acquireTimeout: 200 })
    await server.start()
    await createTables(db, 'sqlite')
    const error = await db.transaction().execute(async (trx) => {
      await add(trx, 'Emma')
      return rejected(titles(db))
    })
    expect(error.message).to.contain('1 in use, 1 waiting')
    const rollback = await server.transaction()
    await add(db, 'Persuasion')
    await rejected(add(db, 'Emma'))
    await db.transaction().execute((trx) => add(trx, 'Sanditon'))
    expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion', 'Sanditon'])
    await rollback()
    expect(await titles(db)).to.deep.equal(['Emma'])
    expect(db.getExecutor().adapter).to.be.instanceOf(SqliteAdapter)
    await server.stop()
  })

  it('fails the start where it can’t connect', async () => {
    const dialect = new SqliteDialect({ database: () => Promise.reject(new Error('not there')) })
    const { server } = createLibrary({ client: dialect })
    expect((await rejected(server.start())).message).to.contain('not there')
  })
})

for (const { name, options } of await createDatabases())
  if (name === 'PostgreSQL')
    it('a dialect of PostgreSQL has test transactions', async () => {
      const { url } = options as { url: string }
      const pool = new Pool({ connectionString: url })
      const dialect: Dialect = new PostgresDialect({ pool })
      const { server, db } = createLibrary({ client: dialect, max: 2 })
      await createTables(db, 'postgres')
      const rollback = await server.transaction()
      await add(db, 'Emma')
      await rejected(add(db, 'Emma'))
      expect(await titles(db)).to.deep.equal(['Emma'])
      await rollback()
      expect(await titles(db)).to.deep.equal([])
      await server.stop()
      expect(pool.ended).to.equal(true)
    })

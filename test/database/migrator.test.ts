import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Kysely } from 'kysely'
import { ConfigError, Server } from 'tribind'
import { database, DatabaseError, isUniqueViolation, migrator } from 'tribind/database'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { createDatabases } from './databases.ts'
import { failureOf } from './failure-of.ts'
import { recordLog } from './record-log.ts'

const books = `
export async function up(db) {
  await db.schema.createTable('books').addColumn('id', 'integer', (c) => c.primaryKey()).addColumn('title', 'text').execute()
}
export async function down(db) {
  await db.schema.dropTable('books').execute()
}
`
// In TypeScript, with a package, as applications write them.
const authors = `
import { type Kysely, sql } from 'kysely'
export async function up(db: Kysely<never>): Promise<void> {
  await sql\`create table authors (id integer primary key)\`.execute(db)
}
export async function down(db: Kysely<never>): Promise<void> {
  await sql\`drop table authors\`.execute(db)
}
`
const broken = `
export async function up(db) {
  await db.schema.createTable('half').addColumn('id', 'integer', (c) => c.primaryKey()).execute()
  await db.insertInto('half').values([{ id: 1 }, { id: 1 }]).execute()
}
`

const node_modules = { to: fileURLToPath(new URL('../../node_modules', import.meta.url)) }
/** A folder of modules that may import packages. */
const folderOf = (files: Record<string, string>) => temporaryFolder({ ...files, node_modules })

for (const { name, options } of await createDatabases()) {
  describe(`migrator on ${name}`, () => {
    const log = recordLog()
    const server = new Server({ database: database(options), logger: log.logger })
    const db = server.db() as Kysely<Record<string, Record<string, unknown>>>
    const tables = async () => (await db.introspection.getTables()).map((table) => table.name).sort()
    after(() => server.stop())
    beforeEach(() => log.clear())

    it('carries out what is pending, in the order of names, tells and logs which', async () => {
      const folder = folderOf({
        '002_authors.ts': authors,
        '001_books.mjs': books,
        'notes.md': '',
        'a.d.ts': '',
      })
      const migrations = migrator(server, { folder })
      expect(await migrations.status()).to.deep.equal([{ name: '001_books' }, { name: '002_authors' }])
      expect(await migrations.up()).to.deep.equal([{ migrationName: '001_books', direction: 'Up', status: 'Success' }])
      expect(await tables()).to.deep.equal(['books'])
      const [first, second] = await migrations.status()
      expect(first?.executedAt).to.be.instanceOf(Date)
      expect(second).to.deep.equal({ name: '002_authors' })
      expect((await migrations.latest()).map((one) => one.migrationName)).to.deep.equal(['002_authors'])
      expect(await tables()).to.deep.equal(['authors', 'books'])
      expect(await migrations.latest()).to.deep.equal([])
      expect(await migrations.down()).to.deep.equal([
        { migrationName: '002_authors', direction: 'Down', status: 'Success' },
      ])
      expect(await tables()).to.deep.equal(['books'])
      await migrations.down()
      expect(await migrations.down()).to.deep.equal([])
      expect(await tables()).to.deep.equal([])
      expect(log.lines()).to.deep.equal([
        'info Migrated 001_books',
        'info Migrated 002_authors',
        'info No migration is pending',
        'info Took a migration back 002_authors',
        'info Took a migration back 001_books',
        'info No migration was taken back',
      ])
    })

    it('rejects with the migration that failed and its file, and undoes where the database can', async () => {
      const folder = folderOf({ '001_books.mjs': books, '002_broken.mjs': broken, '003_authors.ts': authors })
      const migrations = migrator(server, { folder })
      const error = await failureOf(migrations.latest())
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error).to.include({ code: 'ERR_TRIBIND_DATABASE', failure: 'ERR_TRIBIND_DATABASE_MIGRATION' })
      expect(error.message).to.contain(`migration "002_broken" (${folder}/002_broken.mjs), up: `)
      expect(isUniqueViolation(error), 'the driver error is the cause').to.equal(true)
      const keeps = name === 'MariaDB'
      expect(await tables()).to.deep.equal(keeps ? ['books', 'half'] : [])
      expect((await migrations.status()).map(({ executedAt }) => executedAt !== undefined)).to.deep.equal([
        keeps,
        false,
        false,
      ])
      expect(log.lines()).to.deep.equal(keeps ? ['info Migrated 001_books'] : [])
      if (!keeps) return
      await failureOf(migrations.latest())
      expect(log.lines(), 'what is pending failed again').to.deep.equal(['info Migrated 001_books'])
      await db.schema.dropTable('half').execute()
      await migrations.down()
    })

    it('is undone by a test transaction, or refused where the database would commit', async () => {
      const folder = folderOf({ '001_books.mjs': books, '002_broken.mjs': broken })
      const migrations = migrator(server, { folder })
      const rollback = await server.transaction()
      if (name === 'MariaDB') {
        expect(await failureOf(migrations.up())).to.be.instanceOf(DatabaseError)
      } else {
        await migrations.up()
        expect(await tables()).to.deep.equal(['books'])
        await failureOf(migrations.up())
        await migrations.down()
        expect(await tables()).to.deep.equal([])
        await migrations.up()
      }
      await rollback()
      expect(await tables()).to.deep.equal([])
      expect((await migrations.status()).map(({ executedAt }) => executedAt)).to.deep.equal([undefined, undefined])
    })

    it('lets one of several processes migrate, while the others wait', async () => {
      const folder = folderOf({ '001_books.mjs': books, '002_authors.ts': authors })
      const other = new Server({ database: database(options), logger: log.logger })
      // The connections of SQLite wait without letting others of their process run.
      const second = name === 'SQLite' ? server : other
      const results = await Promise.all([server, second, server].map((one) => migrator(one, { folder }).latest()))
      expect(results.flat().map((one) => one.migrationName)).to.deep.equal(['001_books', '002_authors'])
      await other.stop()
      await migrator(server, { folder }).down()
      await migrator(server, { folder }).down()
    })

    it('says what is wrong with a folder or a file, and changes nothing', async () => {
      const missing = migrator(server, { folder: '/nowhere/migrations' })
      for (const call of ['latest', 'up', 'down', 'status'] as const) {
        const error = await failureOf(missing[call]())
        expect(error, call).to.be.instanceOf(ConfigError)
        expect(error.message).to.contain('/nowhere/migrations')
      }
      const cases: [Record<string, string>, string][] = [
        [
          { '001_books.mjs': books, '002_x.mjs': 'export const version = 2' },
          '002_x.mjs) must export a function up(db)',
        ],
        [
          { '001_books.mjs': books, '002_x.mjs': 'import "./nowhere.mjs"' },
          "002_x.mjs can't be loaded: Cannot find module",
        ],
        [{ '001_books.mjs': books, '001_books.ts': authors }, 'has two files of one name'],
      ]
      for (const [files, message] of cases) {
        const error = await failureOf(migrator(server, { folder: folderOf(files) }).latest())
        expect(error).to.be.instanceOf(ConfigError)
        expect(error.message).to.contain(message)
      }
      expect(await tables()).to.deep.equal([])
    })

    it('rejects where a migration is gone, one comes too late, or has no down', async () => {
      await migrator(server, { folder: folderOf({ '005_books.mjs': books }) }).latest()
      const gone = await failureOf(migrator(server, { folder: folderOf({ '006_x.mjs': books }) }).latest())
      expect(gone).to.be.instanceOf(DatabaseError)
      expect(gone.message).to.contain('005_books is missing')
      const late = folderOf({ '001_x.mjs': books, '005_books.mjs': books })
      expect((await failureOf(migrator(server, { folder: late }).latest())).message).to.contain('001_x')
      const onlyUp = folderOf({ '005_books.mjs': 'export const up = () => {}' })
      const error = await failureOf(migrator(server, { folder: onlyUp }).down())
      expect(error.message).to.contain('migration "005_books"').and.contain('it exports no function down')
      await migrator(server, { folder: folderOf({ '005_books.mjs': books }) }).down()
    })
  })
}

describe('migrator', () => {
  it('names an option that is missing, wrong or unknown', () => {
    const server = new Server()
    for (const options of [{}, { folder: '' }, { folder: 1 }, { folder: 'a', table: 'b' }]) {
      expect(() => migrator(server, options as { folder: string })).to.throw(ConfigError, /^migrator: .*(folder|table)/)
    }
  })
})

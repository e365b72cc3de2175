import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Kysely } from 'kysely'
import { ConfigError, Server } from 'tribind'
import { database, DatabaseError, isUniqueViolation, seed } from 'tribind/database'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { createDatabases } from './databases.ts'
import { failureOf } from './failure-of.ts'
import { recordLog } from './record-log.ts'

const insert = (...ids: number[]) => `
export async function seed(db) {
  ${ids.map((id) => `await db.insertInto('books').values({ id: ${id} }).execute()`).join('\n')}
}
`

for (const { name, options } of await createDatabases()) {
  describe(`seed on ${name}`, () => {
    const log = recordLog()
    const server = new Server({ database: database(options), logger: log.logger })
    const db = server.db() as Kysely<{ books: { id: number } }>
    const ids = async () => (await db.selectFrom('books').select('id').orderBy('id').execute()).map(({ id }) => id)
    before(() =>
      db.schema
        .createTable('books')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .execute(),
    )
    after(() => server.stop())
    beforeEach(async () => {
      await db.deleteFrom('books').execute()
      log.clear()
    })

    it('runs all seeds of a folder in the order of their names, or one by its name, and logs them', async () => {
      const folder = temporaryFolder({ 'b.mjs': insert(2), 'a.ts': insert(1), 'read.me': '' })
      expect(await seed(server, { folder })).to.deep.equal(['a', 'b'])
      expect(await ids()).to.deep.equal([1, 2])
      expect(log.lines()).to.deep.equal(['info Seeded a', 'info Seeded b'])
      await db.deleteFrom('books').execute()
      expect(await seed(server, { folder: pathToFileURL(folder), name: 'b' })).to.deep.equal(['b'])
      expect(await ids()).to.deep.equal([2])
    })

    it('undoes one that fails, names it and its file, and runs none after it', async () => {
      const folder = temporaryFolder({ '1.mjs': insert(1), '2.mjs': insert(2, 3, 1), '3.mjs': insert(4) })
      const error = await failureOf(seed(server, { folder }))
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error).to.include({ code: 'ERR_TRIBIND_DATABASE', failure: 'ERR_TRIBIND_DATABASE_SEED' })
      expect(error.message).to.contain(`seed "2" (${folder}/2.mjs): `)
      expect(isUniqueViolation(error)).to.equal(true)
      expect(await ids()).to.deep.equal([1])
      expect(log.lines()).to.deep.equal(['info Seeded 1'])
    })
  })
}

describe('seed', () => {
  it('says what is wrong with a folder, a name, a file or an option, and runs nothing', async () => {
    const server = new Server()
    const folder = temporaryFolder({ 'books.mjs': insert(1), 'x.mjs': 'export const seeds = []', 'y.mjs': 'throw 1' })
    const cases: [object, string][] = [
      [{ folder: '/nowhere/seeds' }, '/nowhere/seeds'],
      [{ folder, name: 'boks' }, 'there is no seed "boks"'],
      [{ folder, name: 'boks' }, 'did you mean "books"?'],
      [{ folder, name: 'x' }, 'x.mjs) must export a function seed(db)'],
      [{ folder, name: 'y' }, "y.mjs can't be loaded: 1"],
      [{}, 'seed: option "folder" is required'],
      [{ folder: new URL('http://a.example/') }, 'must be a folder, as a path or a file: URL'],
      [{ folder, table: 'a' }, 'seed: unknown option "table"'],
    ]
    for (const [options, message] of cases) {
      const error = await failureOf(seed(server, options as { folder: string }))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.contain(message)
    }
  })

  it('says that a folder has none', async () => {
    const log = recordLog()
    expect(await seed(new Server({ logger: log.logger }), { folder: temporaryFolder({}) })).to.deep.equal([])
    expect(log.lines()[0]).to.match(/^warn There is no seed /)
  })
})

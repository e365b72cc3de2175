import { expect } from 'chai'
import { compile } from './compile.ts'

describe('the type of server.db()', function () {
  this.timeout(60_000)

  it('is a Kysely of the tables in Register', () => {
    const wrong = compile(`
      import { Server } from 'tribind'
      import { afterCommit, database } from 'tribind/database'
      interface Tables { book: { id: number; title: string } }
      declare module 'tribind' { interface Register { db: Tables } }
      const server = new Server({ database: database({ client: 'sqlite', file: ':memory:' }) })
      export const titles: Promise<{ title: string }[]> = server.db().selectFrom('book').select('title').execute()
      server.bindHandler('/', (request) => request.server.db().selectFrom('book').select('title').execute())
      await server.db().transaction().execute(async (trx) => afterCommit(trx, () => {}))
      // @ts-expect-error no such table
      server.db().selectFrom('boook')
      // @ts-expect-error no such client
      database({ client: 'oracle' })
      await using undo = await server.transaction()
      await undo()
    `)
    expect(wrong).to.equal('')
  })

  it('takes any table where none are declared', () => {
    const wrong = compile(`
      import { Server } from 'tribind'
      import { database } from 'tribind/database'
      const server = new Server({ database: database({ client: 'sqlite', file: ':memory:' }) })
      await server.db().selectFrom('anything').select('title').execute()
    `)
    expect(wrong).to.equal('')
  })

  it('is what Register has where another library makes it, and needs no types of Kysely', () => {
    const wrong = compile(`
      import { type Database, Server } from 'tribind'
      declare module 'tribind' { interface Register { db: { find(id: number): string } } }
      const database: Database = {
        connect: () => ({ handle: { find: () => '' }, ping: async () => {}, close: async () => {} }),
      }
      const server = new Server({ database })
      export const found: string = server.db().find(1)
    `)
    expect(wrong).to.equal('')
  })
})

import { expect } from 'chai'
import type { Kysely } from 'kysely'
import type { Rollback } from 'tribind'
import { createDatabases, type TestDatabase } from './databases.ts'
import { add, createLibrary, createTables, type Library, type Tables, titles } from './library.ts'

/** What tests in a test transaction have. */
export interface RolledBack {
  readonly name: TestDatabase['name']
  readonly library: Library
  readonly db: Kysely<Tables>
  /** Undoes what the test has done; called after it too. */
  readonly rollback: Rollback
  /** Answers the next requests of `/slow`. */
  handleSlow: () => Promise<void>
}

/** Defines tests on each engine, each in a test transaction, of which nothing but the book Emma may be left. */
export async function describeRolledBack(what: string, define: (world: RolledBack) => void): Promise<void> {
  for (const { name, options } of await createDatabases())
    describe(`${what} on ${name}`, () => {
      const world = { name, handleSlow: async () => {} } as { -readonly [Name in keyof RolledBack]: RolledBack[Name] }

      before(async () => {
        world.library = createLibrary({ ...options, acquireTimeout: 3000 })
        const { server, db } = world.library
        world.db = db
        await createTables(db, options.client)
        await add(db, 'Emma')
        server.bindHandler('POST:/books/{title}', (request) => add(db, request.params['title'] as string))
        server.bindHandler('GET:/books', async () => JSON.stringify(await titles(db)))
        server.bindHandler('GET:/slow', () => world.handleSlow())
        await server.start()
      })

      after(() => world.library.server.stop())

      beforeEach(async () => {
        world.library.log.length = 0
        world.rollback = await world.library.server.transaction()
      })

      afterEach(async () => {
        await world.rollback()
        expect(await titles(world.db)).to.deep.equal(['Emma'])
      })

      define(world)
    })
}

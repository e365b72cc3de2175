import { expect } from 'chai'
import { sql } from 'kysely'
import { DatabaseError } from 'tribind'
import { isRetryable } from 'tribind/database'
import { inTime, rejected, until } from '../feature/both-ways.ts'
import { type Engine, isInstalled, startEngine } from './engines.ts'
import { add, createLibrary, createTables, type Library, titles } from './library.ts'

const sleep = { postgres: sql`select pg_sleep(20)`, mysql: sql`select sleep(20)` }

for (const client of (['postgres', 'mysql'] as const).filter(isInstalled))
  describe(`a server of ${client} that goes away and comes back`, function () {
    this.timeout(60_000)
    let engine: Engine
    let library: Library

    before(async () => {
      engine = await startEngine(client)
      library = createLibrary({ client, url: engine.url, max: 3, connectTimeout: 2000 })
      await library.server.start()
      await createTables(library.db, client)
    })

    after(async () => {
      await library.server.stop()
      await engine.remove()
    })

    /** Both errors of a driver and of tribind are fine: each query fails soon, and none hangs. */
    async function failsWhileAway(): Promise<void> {
      await inTime(rejected(titles(library.db)), 'a query fails', 5000)
    }

    async function isFoundAgain(): Promise<void> {
      await engine.start()
      const count = (await titles(library.db)).length
      await Promise.all([1, 2, 3, 4, 5, 6].map((i) => add(library.db, `${count}-${i}`)))
      expect(await titles(library.db)).to.have.length(count + 6)
    }

    for (const how of ['in order', 'crash'] as const) {
      it(`is found again after it was at rest (${how})`, async () => {
        await Promise.all([1, 2, 3].map(() => titles(library.db)))
        await engine.stop(how)
        await failsWhileAway()
        await isFoundAgain()
      })

      it(`is found again after a query was under way (${how})`, async () => {
        const query = rejected(sleep[client].execute(library.db))
        await new Promise((resolve) => setTimeout(resolve, 200))
        await engine.stop(how)
        expect(await inTime(query, 'the query fails', 10_000)).not.to.be.instanceOf(DatabaseError)
        await isFoundAgain()
      })

      it(`is found again after a transaction was under way (${how})`, async () => {
        const { log } = library
        log.length = 0
        const error = await rejected(
          library.db.transaction().execute(async (trx) => {
            await add(trx, 'lost')
            await engine.stop(how)
            await until(() => log.some(({ message }) => message === 'A database connection was lost'), 'it is told')
            await add(trx, 'lost too')
          }),
        )
        expect(error).not.to.be.instanceOf(DatabaseError)
        expect(isRetryable(error), error.message).to.equal(true)
        await isFoundAgain()
        expect(await titles(library.db)).not.to.include('lost')
      })
    }

    it('ends a test transaction, and a next one begins', async () => {
      const rollback = await library.server.transaction()
      await add(library.db, 'lost')
      await engine.stop('crash')
      await rejected(titles(library.db))
      await engine.start()
      await rejected(titles(library.db))
      await rollback()
      expect(await titles(library.db)).not.to.include('lost')
      await (
        await library.server.transaction()
      )()
    })
  })

import { expect } from 'chai'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import knex from 'knex'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import { type Database, Server, StateError } from 'tribind'
import { healthCheck, isUniqueViolation } from 'tribind/database'
import { createDatabases } from './databases.ts'
import { failureOf } from './failure-of.ts'

/** What a test does with each library. */
interface Library {
  readonly database: Database
  readonly run: (statement: string) => Promise<unknown>
}

type Open = (url: string) => Library

const libraries: Readonly<Record<'PostgreSQL' | 'MariaDB', Readonly<Record<string, Open>>>> = {
  PostgreSQL: {
    Drizzle(url) {
      const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5000 })
      pool.on('error', () => {})
      const handle = drizzlePostgres({ client: pool })
      return {
        database: { connect: () => ({ handle, ping: () => pool.query('select 1'), close: () => pool.end() }) },
        run: (statement) => handle.execute(sql.raw(statement)),
      }
    },
    Knex: (url) => openKnex('pg', url),
  },
  MariaDB: {
    Drizzle(url) {
      const pool = createPool({ uri: url, connectTimeout: 5000 })
      const handle = drizzleMysql({ client: pool })
      return {
        database: { connect: () => ({ handle, ping: () => pool.query('select 1'), close: () => pool.end() }) },
        run: (statement) => handle.execute(sql.raw(statement)),
      }
    },
    Knex: (url) => openKnex('mysql2', url),
  },
}

function openKnex(client: string, url: string): Library {
  const log = { warn: () => {}, error: () => {} }
  const handle = knex({ client, connection: url, acquireConnectionTimeout: 5000, log })
  return {
    database: { connect: () => ({ handle, ping: async () => handle.raw('select 1'), close: () => handle.destroy() }) },
    run: async (statement) => handle.raw(statement),
  }
}

for (const { name, options } of await createDatabases()) {
  if (name === 'SQLite' || !('url' in options)) continue
  const { url } = options
  for (const [library, open] of Object.entries(libraries[name])) {
    describe(`${library} on ${name} as the database of a server`, () => {
      it('is pinged by the start and the health check, and closed by the stop', async () => {
        const { database, run } = open(url)
        const server = new Server({ port: 0, database })
        server.get('/health', healthCheck())
        await server.start()
        expect(server.hasDb()).to.equal(true)
        expect(server.db()).to.equal(database.connect({} as never)?.handle)
        await run(`create table ${library} (id integer primary key)`)
        await run(`insert into ${library} values (1)`)
        const twice = await failureOf(run(`insert into ${library} values (1)`))
        expect(isUniqueViolation(twice), 'its errors are told apart').to.equal(true)
        expect((await server.inject('/health')).json()).to.deep.equal({ status: 'ok' })
        await server.stop()
        await failureOf(run('select 1'))
      })

      it('fails the start where it does not answer', async () => {
        const nowhere = new URL(url)
        nowhere.port = '1'
        const server = new Server({ port: 0, database: open(nowhere.href).database })
        expect(await failureOf(server.start())).to.be.instanceOf(Error)
        expect([server.state, server.addresses]).to.deep.equal(['stopped', []])
      })

      it('has no test transactions', async () => {
        const server = new Server({ database: open(url).database })
        expect(await failureOf(server.transaction())).to.be.instanceOf(StateError)
        await server.stop()
      })
    })
  }
}

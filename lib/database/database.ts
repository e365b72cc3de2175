import { type Database, type DatabaseConnector, DatabaseError, type DatabaseHost } from '../index.ts'
import type { AppConnection } from './app-connection.ts'
import type { Client } from './client.ts'
import { type DatabaseOptions, databaseOptions, type ReadDatabaseOptions } from './database-options.ts'
import { Engine } from './engine.ts'
import { handleOf } from './handle.ts'
import { createDialectClient } from './dialect-client.ts'
import { createMysqlClient } from './mysql-client.ts'
import { createPostgresClient } from './postgres-client.ts'
import { createSqliteClient } from './sqlite-client.ts'
import { readTarget } from './database-target.ts'
import { TestTransaction } from './test-transaction.ts'

/**
 * Returns a database for the option `database` of a server, or for `replaceDb`. It is built on Kysely, which must be installed, as
 * must be the driver.
 *
 * @throws ConfigError naming an option that doesn't exist, is missing or has a wrong value
 */
export function database(options: DatabaseOptions): Database {
  const read = databaseOptions.parse(options, 'database.')
  const { client } = read
  if (client === 'none') return { connect: () => undefined }
  if (typeof client === 'object') return { connect: (host) => connect(host, read, () => createDialectClient(client)) }
  const target = readTarget(read)
  return { connect: (host) => connect(host, read, () => creators[client](target, read)) }
}

function connect(host: DatabaseHost, options: ReadDatabaseOptions, create: () => Client): DatabaseConnector {
  let engine: Engine | undefined
  let isClosed = false
  // Made when it is first used: no package is loaded until then.
  const get = () => {
    if (engine === undefined && isClosed)
      throw new DatabaseError(`the database of server "${host.name}" is closed`, {
        failure: 'ERR_TRIBIND_DATABASE_CLOSED',
      })
    return (engine ??= new Engine(create(), options, host.logger))
  }
  const handle = handleOf(host)
  // A test transaction has the only connection of SQLite.
  const use = () => {
    const { detour } = handle
    return detour && ((ask: (connection: AppConnection) => Promise<unknown>) => detour.provide(ask))
  }
  return {
    get handle() {
      return handle.kysely
    },
    use: () => handle.use(get),
    open: () => get().open(use()),
    ping: (timeoutMs) => get().ping(timeoutMs, use()),
    close: async () => {
      isClosed = true
      await engine?.close()
    },
    async transaction() {
      const test = await TestTransaction.begin(handle)
      return () => test.end(host)
    },
  }
}

const creators = { postgres: createPostgresClient, mysql: createMysqlClient, sqlite: createSqliteClient }

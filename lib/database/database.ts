import { ConfigError, type Database, type DatabaseConnector, type DatabaseHost } from '../index.ts'
import type { Client } from './client.ts'
import { type DatabaseOptions, databaseOptions, type ReadDatabaseOptions } from './database-options.ts'
import { Engine } from './engine.ts'
import { handleOf } from './handle.ts'
import { createSqliteClient } from './sqlite-client.ts'

/**
 * Returns a database for the option `database` of a server, or for `replaceDb`. It is built on Kysely, which must be installed, as
 * must be the driver.
 *
 * @throws ConfigError naming an option that doesn't exist, is missing or has a wrong value
 */
export function database(options: DatabaseOptions): Database {
  const read = databaseOptions.parse(options, 'database.')
  return { connect: (host) => (read.client === 'none' ? undefined : connect(host, read)) }
}

function connect(host: DatabaseHost, options: ReadDatabaseOptions): DatabaseConnector {
  let engine: Engine | undefined
  // Made when it is first used: the package of Kysely may be missing until then.
  const get = () => (engine ??= new Engine(createClient(options), options, host.logger))
  const handle = handleOf(host)
  return {
    get handle() {
      return handle.kysely
    },
    use: () => handle.use(get),
    open: () => get().open(),
    ping: (timeoutMs) => get().ping(timeoutMs),
    close: async () => engine?.close(),
  }
}

function createClient(options: ReadDatabaseOptions): Client {
  const { client, file } = options
  if (client === 'sqlite') return createSqliteClient(options, file as string)
  throw new ConfigError('not yet', { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}

import type { CompiledQuery, QueryResult } from 'kysely'
import type { Client as PgClient, ClientConfig } from 'pg'
import { onDemand } from '../kit.ts'
import type { Client, ClientConnection, ConnectOptions } from './client.ts'
import type { ReadDatabaseOptions } from './database-options.ts'
import type { DatabaseTarget } from './database-target.ts'
import { driverPackage } from './driver-package.ts'
import { extendStack } from './extend-stack.ts'
import { kyselyPackage } from './kysely.ts'
import { SqlTransactions } from './sql-transactions.ts'

interface PgPackage {
  readonly Client: new (
    config: ClientConfig,
  ) => PgClient & { readonly connection: { readonly stream: { destroy(): void } } }
}

const load = onDemand<PgPackage>('pg', () => require('pg'))

/** Returns the client of PostgreSQL, by the package `pg`. */
export function createPostgresClient(target: DatabaseTarget, { queryTimeout }: ReadDatabaseOptions): Client {
  const { PostgresDialect } = kyselyPackage()
  const { host, port, name, user, password, ssl, options } = target
  const config: ClientConfig = {
    keepAlive: true,
    ...options,
    host,
    port,
    ssl,
    ...(name !== undefined && { database: name }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(queryTimeout > 0 && { statement_timeout: queryTimeout }),
  }
  return {
    kind: 'postgres',
    place: `postgres at ${host}:${port}${name === undefined ? '' : `/${name}`}`,
    max: Infinity,
    isRemote: true,
    // Its driver isn't used.
    dialect: new PostgresDialect({ pool: () => Promise.reject(new Error('unused')) }),
    connect: (settings) => connect(config, settings),
  }
}

async function connect(config: ClientConfig, { onLost, signal }: ConnectOptions): Promise<ClientConnection> {
  const { Client: Opened } = driverPackage('pg', load)
  const client = new Opened(config)
  const cut = () => client.connection.stream.destroy()
  // Also of a client that is in use: without a listener, the process would end.
  client.on('error', onLost)
  client.on('end', () => onLost(new Error('the database has closed the connection')))
  signal.addEventListener('abort', cut, { once: true })
  try {
    await client.connect()
    return new PostgresConnection(client, cut)
  } catch (error) {
    cut()
    throw error
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

class PostgresConnection implements ClientConnection {
  readonly isReusable = true
  readonly transactions: SqlTransactions = new SqlTransactions('postgres', (query) => this.executeQuery(query))
  readonly #client: PgClient
  readonly cut: () => void

  constructor(client: PgClient, cut: () => void) {
    this.#client = client
    this.cut = cut
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(sql, [...parameters])
      // Tells a COMMIT from one that became a ROLLBACK.
      if (command === 'COMMIT' || command === 'ROLLBACK') return { rows: [{ command } as Row] }
      return changes.has(command)
        ? { numAffectedRows: BigInt(rowCount ?? 0), rows: (rows as Row[] | undefined) ?? [] }
        : { rows: (rows as Row[] | undefined) ?? [] }
    } catch (error) {
      throw extendStack(error, new Error())
    }
  }

  /** Reads through a cursor of SQL, for which a transaction is needed. */
  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    const { CompiledQuery } = kyselyPackage()
    const run = (sql: string) => this.executeQuery<Row>(CompiledQuery.raw(sql))
    const isOwn = !this.transactions.isOpen
    if (isOwn) await run('begin')
    try {
      const declare = `declare tribind_cursor no scroll cursor for ${query.sql}`
      await this.executeQuery(CompiledQuery.raw(declare, [...query.parameters]))
      while (true) {
        const { rows } = await run(`fetch ${chunkSize} from tribind_cursor`)
        if (rows.length === 0) break
        yield { rows }
      }
    } finally {
      // After a failure in the transaction of an application, the cursor is gone with what it does next.
      await (isOwn ? run('rollback') : run('close tribind_cursor').catch(() => {}))
    }
  }

  end(): Promise<unknown> {
    return this.#client.end()
  }
}

const changes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

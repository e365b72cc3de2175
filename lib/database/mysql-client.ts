import type { CompiledQuery, QueryResult } from 'kysely'
import type { Connection, ConnectionOptions, QueryError, ResultSetHeader } from 'mysql2'
import { onDemand } from '../kit.ts'
import type { Client, ClientConnection, ConnectOptions } from './client.ts'
import type { ReadDatabaseOptions } from './database-options.ts'
import type { DatabaseTarget } from './database-target.ts'
import { driverPackage } from './driver-package.ts'
import { extendStack } from './extend-stack.ts'
import { kyselyPackage } from './kysely.ts'
import { SqlTransactions } from './sql-transactions.ts'

interface MysqlPackage {
  createConnection(options: ConnectionOptions): Connection
}

const load = onDemand<MysqlPackage>('mysql2', () => require('mysql2'))

/** The error of a server that doesn't know a variable. */
const UNKNOWN_VARIABLE = 1193

/** Returns the client of MySQL and MariaDB, by the package `mysql2`. */
export function createMysqlClient(target: DatabaseTarget, { queryTimeout }: ReadDatabaseOptions): Client {
  const { MysqlDialect } = kyselyPackage()
  const { host, port, name, user, password, ssl, options } = target
  const config: ConnectionOptions = {
    ...options,
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    ...(name !== undefined && { database: name }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(ssl !== false && { ssl: ssl === true ? {} : ssl }),
    // Ours tells where.
    connectTimeout: 0,
  }
  // MariaDB ends every statement, MySQL those alone that read.
  const limits = [`max_statement_time = ${queryTimeout / 1000}`, `max_execution_time = ${queryTimeout}`]
  return {
    kind: 'mysql',
    place: `mysql at ${host}:${port}${name === undefined ? '' : `/${name}`}`,
    max: Infinity,
    isRemote: true,
    // Its driver isn't used.
    dialect: new MysqlDialect({ pool: () => Promise.reject(new Error('unused')) }),
    async connect(settings) {
      const connection = await connect(config, settings)
      if (queryTimeout > 0) await setLimit(connection, limits)
      return connection
    },
  }
}

async function connect(config: ConnectionOptions, { onLost, signal }: ConnectOptions): Promise<MysqlConnection> {
  const connection = driverPackage('mysql2', load).createConnection(config)
  connection.on('error', onLost)
  connection.on('end', () => onLost(new Error('the database has closed the connection')))
  let giveUp = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      // Destroyed, it calls nothing back.
      giveUp = () => reject(new Error('no answer'))
      signal.addEventListener('abort', giveUp, { once: true })
      connection.connect((error) => (error ? reject(error) : resolve()))
    })
    return new MysqlConnection(connection, onLost)
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** Sets the time for a query by the first variable that the server knows, which is the first of the list from then on. */
async function setLimit(connection: MysqlConnection, limits: string[]): Promise<void> {
  for (const limit of Array.from(limits)) {
    try {
      await connection.executeQuery(kyselyPackage().CompiledQuery.raw(`set session ${limit}`))
      return
    } catch (error) {
      if ((error as QueryError).errno !== UNKNOWN_VARIABLE) throw error
      limits.push(limits.shift() as string)
    }
  }
}

class MysqlConnection implements ClientConnection {
  readonly isReusable = true
  readonly transactions: SqlTransactions = new SqlTransactions('mysql', (query) => this.executeQuery(query))
  readonly #connection: Connection
  readonly #onLost: (error: unknown) => void

  constructor(connection: Connection, onLost: (error: unknown) => void) {
    this.#connection = connection
    this.#onLost = onLost
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const result = await this.#query(sql, parameters)
      if (Array.isArray(result)) return { rows: result as Row[] }
      const { insertId, affectedRows, changedRows } = result
      return {
        ...(insertId > 0 && { insertId: BigInt(insertId) }),
        numAffectedRows: BigInt(affectedRows),
        ...(changedRows !== undefined && { numChangedRows: BigInt(changedRows) }),
        rows: [],
      }
    } catch (error) {
      // Told to the query alone, and not as an event.
      if ((error as QueryError).fatal) this.#onLost(error)
      throw extendStack(error, new Error())
    }
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    const stream = this.#connection.query(sql, parameters as unknown[]).stream()
    for await (const row of stream) yield { rows: [row as Row] }
  }

  end(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.end((error) => (error ? reject(error) : resolve()))
    })
  }

  cut(): void {
    this.#connection.destroy()
  }

  #query(sql: string, parameters: readonly unknown[]): Promise<ResultSetHeader | unknown[]> {
    return new Promise((resolve, reject) => {
      this.#connection.query(sql, parameters as unknown[], (error, result) => {
        if (error) reject(error)
        else resolve(result as unknown as ResultSetHeader | unknown[])
      })
    })
  }
}

import type { CompiledQuery, QueryResult } from 'kysely'
import type { Client, ClientConnection } from './client.ts'
import type { DatabaseTarget } from './database-target.ts'
import { kyselyPackage } from './kysely.ts'
import { SqlTransactions } from './sql-transactions.ts'
import { type SqliteDatabase, sqliteLibrary } from './sqlite-library.ts'

/** How long a write waits for one of another process, in milliseconds. */
const BUSY_MS = 5000

/** Returns the client of SQLite: one connection, which stays open. */
export function createSqliteClient({ file, options }: DatabaseTarget): Client {
  const { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } = kyselyPackage()
  return {
    kind: 'sqlite',
    place: `sqlite at ${file}`,
    max: 1,
    isRemote: false,
    dialect: {
      // A transaction undoes changes of tables too, of which the adapter of Kysely says nothing: for the Migrator.
      createAdapter: () => Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true }),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
    connect: async () => new SqliteConnection(open(file, options)),
  }
}

function open(file: string, options: object): SqliteDatabase {
  const database = sqliteLibrary()(file, options)
  try {
    database.exec(`pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal; pragma foreign_keys = on`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

class SqliteConnection implements ClientConnection {
  readonly isReusable = true
  readonly transactions: SqlTransactions = new SqlTransactions('sqlite', (query) => this.executeQuery(query))
  readonly #database: SqliteDatabase
  #isOpen = true

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = this.#database.prepare(sql)
    if (statement.reader) return { rows: statement.all(parameters) as Row[] }
    const { changes, lastInsertRowid } = statement.run(parameters)
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    for (const row of this.#database.prepare(sql).iterate(parameters)) yield { rows: [row as Row] }
  }

  async end(): Promise<void> {
    this.cut()
  }

  cut(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#database.close()
  }
}

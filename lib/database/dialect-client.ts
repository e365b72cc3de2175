import type { DatabaseConnection, Dialect, DialectAdapter, Driver } from 'kysely'
import type { Client, ClientConnection, DatabaseKind, TransactionControl } from './client.ts'
import { kyselyPackage } from './kysely.ts'
import { SqlTransactions } from './sql-transactions.ts'

/** Returns the client of a dialect of Kysely, whose driver keeps the connections. */
export function createDialectClient(dialect: Dialect): Client {
  const adapter = dialect.createAdapter()
  const kind = kindOf(adapter)
  const { supportsMultipleConnections = kind !== 'sqlite' } = adapter as { supportsMultipleConnections?: boolean }
  const driver = dialect.createDriver()
  let ready: Promise<void> | undefined
  const init = () =>
    (ready ??= driver.init().catch((error: unknown) => {
      ready = undefined
      throw error
    }))
  return {
    kind,
    place: `${kind === 'other' ? 'a database' : kind} by a dialect of Kysely`,
    max: supportsMultipleConnections ? Infinity : 1,
    isRemote: false,
    dialect,
    async connect() {
      await init()
      return new DialectConnection(driver, await driver.acquireConnection(), kind)
    },
    destroy: async () => ready && (await ready, driver.destroy()),
  }
}

function kindOf(adapter: DialectAdapter): DatabaseKind {
  const { PostgresAdapter, MysqlAdapter, SqliteAdapter } = kyselyPackage()
  if (adapter instanceof PostgresAdapter) return 'postgres'
  if (adapter instanceof MysqlAdapter) return 'mysql'
  if (adapter instanceof SqliteAdapter) return 'sqlite'
  return kindByName(adapter.constructor.name)
}

/** For adapters of another copy of Kysely. */
function kindByName(name: string): DatabaseKind {
  const [, kind = 'other'] = /^(postgres|mysql|sqlite)/i.exec(name) ?? []
  return kind.toLowerCase() as DatabaseKind
}

class DialectConnection implements ClientConnection {
  /** The driver has a pool of its own. */
  readonly isReusable = false
  readonly transactions: TransactionControl
  readonly executeQuery: DatabaseConnection['executeQuery']
  readonly streamQuery: DatabaseConnection['streamQuery']
  readonly #driver: Driver
  readonly #connection: DatabaseConnection
  #isOpen = true

  constructor(driver: Driver, connection: DatabaseConnection, kind: DatabaseKind) {
    this.#driver = driver
    this.#connection = connection
    this.executeQuery = connection.executeQuery.bind(connection)
    this.streamQuery = connection.streamQuery.bind(connection)
    const sql = new SqlTransactions(kind, (query) => connection.executeQuery(query))
    this.transactions = {
      begin: (settings) => driver.beginTransaction(connection, settings),
      commit: () => driver.commitTransaction(connection),
      rollback: () => driver.rollbackTransaction(connection),
      savepoint: (name) => sql.savepoint(name),
      rollbackTo: (name) => sql.rollbackTo(name),
      releaseSavepoint: (name) => sql.releaseSavepoint(name),
    }
  }

  async end(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#driver.releaseConnection(this.#connection)
  }

  cut(): void {
    this.end().catch(() => {})
  }
}

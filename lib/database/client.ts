import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult, TransactionSettings } from 'kysely'

/** What differs between databases where tribind itself writes SQL. */
export type DatabaseKind = 'postgres' | 'mysql' | 'sqlite' | 'other'

/** A kind of database, and how to connect to one. */
export interface Client {
  readonly kind: DatabaseKind
  /** Where it is, for messages: `postgres at localhost:5432/shop`. */
  readonly place: string
  /** How many connections there may be at all. */
  readonly max: number
  readonly dialect: Pick<Dialect, 'createAdapter' | 'createQueryCompiler' | 'createIntrospector'>
  /** Whether connections are of a network: they fall silent, and are closed when they are idle or old. */
  readonly isRemote: boolean
  /** Opens a connection. */
  connect(options: ConnectOptions): Promise<ClientConnection>
  /** Releases what the connections share, after the last of them. */
  destroy?(): Promise<void>
}

export interface ConnectOptions {
  /** Called when the connection ends, perhaps more than once. */
  readonly onLost: (error: unknown) => void
  /** Aborted when it takes too long. */
  readonly signal: AbortSignal
}

/** What a connection does for transactions. */
export interface TransactionControl {
  begin(settings: TransactionSettings): Promise<unknown>
  commit(): Promise<unknown>
  rollback(): Promise<unknown>
  savepoint(name: string): Promise<unknown>
  rollbackTo(name: string): Promise<unknown>
  releaseSavepoint(name: string): Promise<unknown>
}

/** A connection of a client. */
export interface ClientConnection {
  /** Whether it is kept after its use. */
  readonly isReusable: boolean
  readonly transactions: TransactionControl
  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>>
  streamQuery: DatabaseConnection['streamQuery']
  /** Closes it when it has answered. */
  end(): Promise<unknown>
  /** Closes it at once. */
  cut(): void
}

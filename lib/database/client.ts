import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely'

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
  /** Whether connections are closed that are idle or old. */
  readonly isRenewed: boolean
  /**
   * Opens a connection.
   *
   * @param onLost called once if the connection ends by itself
   */
  connect(onLost: (error: unknown) => void): Promise<ClientConnection>
  /** Releases what the connections share, after the last of them. */
  destroy?(): Promise<void>
}

export type CompileQuery = QueryCompiler['compileQuery']

/** What a connection does for transactions. */
export interface TransactionControl {
  begin(settings: TransactionSettings): Promise<unknown>
  commit(): Promise<unknown>
  rollback(): Promise<unknown>
  savepoint(name: string, compile: CompileQuery): Promise<unknown>
  rollbackTo(name: string, compile: CompileQuery): Promise<unknown>
  releaseSavepoint(name: string, compile: CompileQuery): Promise<unknown>
}

/** A connection of a client. */
export interface ClientConnection {
  readonly transactions: TransactionControl
  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>>
  streamQuery: DatabaseConnection['streamQuery']
  /** Closes it when it has answered. */
  end(): Promise<unknown>
  /** Closes it at once. */
  cut(): void
}

import type { CompiledQuery, QueryResult, TransactionSettings } from 'kysely'
import type { AppConnection } from './app-connection.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { PooledConnection } from './pooled-connection.ts'
import type { Scope } from './scope.ts'

/** What a test transaction does for the shares of its connection. */
export interface SharedConnection {
  /**
   * Executes a query in a scope.
   *
   * @param isInTransaction whether it is of a transaction of the application
   */
  execute<Row>(query: CompiledQuery, scope: Scope, isInTransaction: boolean): Promise<QueryResult<Row>>
  /** Begins a transaction of the application in a scope. Returns `undefined` if the test transaction is over. */
  begin(outer: Scope): Promise<Scope | undefined>
  commit(own: Scope): Promise<void>
  rollBack(own: Scope): Promise<void>
  /** Calls a function with the connection, for a savepoint of the application. */
  control(scope: Scope, run: (real: PooledConnection) => Promise<unknown>): Promise<void>
  /** Returns a connection for what begins after the end of the test transaction. */
  acquireLate(): Promise<LateConnection>
}

/** A connection that is kept until it is released. */
export interface LateConnection {
  readonly connection: AppConnection
  release(): void
}

/** A share of the connection of a test transaction, as a connection of the pool would be. */
export class ScopedConnection implements AppConnection {
  afterCommit: CommitQueue | undefined
  readonly #test: SharedConnection
  readonly #outer: Scope
  /** Of the transaction on it. */
  #own: Scope | undefined
  /** One beside it, for a transaction that began after the test transaction. */
  #late: LateConnection | undefined

  constructor(test: SharedConnection, outer: Scope) {
    this.#test = test
    this.#outer = outer
  }

  /** The scope of what runs on it. */
  get scope(): Scope {
    return this.#own ?? this.#outer
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#late !== undefined) return this.#late.connection.executeQuery(query)
    return this.#test.execute<Row>(query, this.scope, this.#own !== undefined)
  }

  /** Reads all rows at once, since further queries share the connection. */
  async *streamQuery<Row>(query: CompiledQuery, chunkSize = 1): AsyncIterableIterator<QueryResult<Row>> {
    const { rows } = await this.executeQuery<Row>(query)
    for (let i = 0; i < rows.length; i += chunkSize) yield { rows: rows.slice(i, i + chunkSize) }
  }

  async begin(settings: TransactionSettings): Promise<void> {
    this.#own = await this.#test.begin(this.#outer)
    if (this.#own !== undefined) return
    this.#late = await this.#test.acquireLate()
    await this.#late.connection.begin(settings)
  }

  async commit(): Promise<void> {
    await (this.#late?.connection.commit() ?? this.#end((own) => this.#test.commit(own)))
  }

  async rollback(): Promise<void> {
    await (this.#late?.connection.rollback() ?? this.#end((own) => this.#test.rollBack(own)))
  }

  async savepoint(name: string): Promise<void> {
    await (this.#late?.connection.savepoint(name) ?? this.#test.control(this.scope, (real) => real.savepoint(name)))
  }

  async rollbackTo(name: string): Promise<void> {
    await (this.#late?.connection.rollbackTo(name) ?? this.#test.control(this.scope, (real) => real.rollbackTo(name)))
  }

  async releaseSavepoint(name: string): Promise<void> {
    await (this.#late?.connection.releaseSavepoint(name) ??
      this.#test.control(this.scope, (real) => real.releaseSavepoint(name)))
  }

  /** Called when it is given back. */
  release(): void {
    this.#late?.release()
  }

  async #end(end: (own: Scope) => Promise<void>): Promise<void> {
    const own = this.#own
    if (own === undefined) return
    await end(own)
    this.#own = undefined
  }
}

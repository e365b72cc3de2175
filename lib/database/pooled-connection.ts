import type { CompiledQuery, DatabaseConnection, QueryResult, TransactionSettings } from 'kysely'
import { DatabaseError, type Logger } from '../index.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { ClientConnection } from './client.ts'
import type { AppConnection } from './app-connection.ts'
import type { Pooled } from './pool.ts'

/** What connections have from the options. */
export interface QueryLimits {
  readonly place: string
  readonly logger: Logger
  /** How long a query may be without an answer, in milliseconds; 0 for ever. */
  readonly silence: number
  /** From how long on a query is logged, in milliseconds; `undefined` for never. */
  readonly slowQuery: number | undefined
}

/** A connection of a pool. It gives a query up that isn't answered, and logs the slow ones. */
export class PooledConnection implements AppConnection, Pooled {
  readonly openedAt: number = performance.now()
  isLost = false
  afterCommit: CommitQueue | undefined
  readonly #client: ClientConnection
  readonly #limits: QueryLimits
  #fail: ((error: unknown) => void) | undefined

  constructor(client: ClientConnection, limits: QueryLimits) {
    this.#client = client
    this.#limits = limits
  }

  get isReusable(): boolean {
    return this.#client.isReusable
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { slowQuery } = this.#limits
    return slowQuery === undefined ? this.#execute(query) : this.#executeTimed(query, slowQuery)
  }

  streamQuery<Row>(...args: Parameters<DatabaseConnection['streamQuery']>): AsyncIterableIterator<QueryResult<Row>> {
    return this.#client.streamQuery(...args)
  }

  begin(settings: TransactionSettings): Promise<unknown> {
    return this.#watch(() => this.#client.transactions.begin(settings))
  }

  commit(): Promise<unknown> {
    return this.#watch(() => this.#client.transactions.commit())
  }

  async rollback(): Promise<void> {
    try {
      await this.#watch(() => this.#client.transactions.rollback())
    } catch (error) {
      // What its transaction is in isn't known.
      this.isLost = true
      throw error
    }
  }

  savepoint(name: string): Promise<unknown> {
    return this.#watch(() => this.#client.transactions.savepoint(name))
  }

  rollbackTo(name: string): Promise<unknown> {
    return this.#watch(() => this.#client.transactions.rollbackTo(name))
  }

  releaseSavepoint(name: string): Promise<unknown> {
    return this.#watch(() => this.#client.transactions.releaseSavepoint(name))
  }

  /** Called when the connection has ended by itself. The driver rejects what runs; if it doesn't, this does. */
  lose(error: unknown): void {
    this.isLost = true
    setImmediate(() => this.#fail?.(error))
  }

  end(): Promise<unknown> {
    this.isLost = true
    return this.#client.end()
  }

  cut(): void {
    this.#giveUp(
      new DatabaseError(
        `the connection to ${this.#limits.place} was cut: the database was closed, or its test transaction ended, and a query was still under way`,
        {
          failure: 'ERR_TRIBIND_DATABASE_CLOSED',
        },
      ),
    )
  }

  #giveUp(error: DatabaseError): void {
    this.isLost = true
    this.#fail?.(error)
    this.#client.cut()
  }

  #execute<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return this.#watch(() => this.#client.executeQuery<Row>(query))
  }

  async #executeTimed<Row>(query: CompiledQuery, slowQuery: number): Promise<QueryResult<Row>> {
    const startedAt = performance.now()
    try {
      return await this.#execute(query)
    } finally {
      const ms = performance.now() - startedAt
      // Without the parameters, which may be secret.
      if (ms >= slowQuery) this.#limits.logger.warn('Slow query', { sql: query.sql, ms: Math.round(ms) })
    }
  }

  /** Waits for an answer of the database, but not for ever. */
  #watch<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { silence } = this.#limits
    if (silence === 0) return ask()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(this.#createSilenceError(silence)), silence)
      const settle = () => {
        clearTimeout(timer)
        this.#fail = undefined
      }
      this.#fail = (error) => {
        settle()
        reject(error)
      }
      ask().then(
        (answer) => {
          settle()
          resolve(answer)
        },
        (error) => this.#fail?.(error),
      )
    })
  }

  #createSilenceError(ms: number): DatabaseError {
    return new DatabaseError(
      `database ${this.#limits.place} has not answered within ${ms} ms, 5 s after "queryTimeout": the connection was given up`,
      { failure: 'ERR_TRIBIND_DATABASE_SILENT' },
    )
  }
}

import type { CompiledQuery, DialectAdapter, QueryCompiler } from 'kysely'
import { DatabaseError, type Logger, TribindError } from '../index.ts'
import type { AppConnection } from './app-connection.ts'
import type { Client } from './client.ts'
import type { ReadDatabaseOptions } from './database-options.ts'
import { kyselyPackage } from './kysely.ts'
import { Pool } from './pool.ts'
import { PooledConnection, type QueryLimits } from './pooled-connection.ts'
import { startDeadline } from './start-deadline.ts'

/** How long a connection may be silent after the database should have ended its query, in milliseconds. */
const SILENCE_MS = 5000

/** How long a close waits for connections in use, in milliseconds. */
const CLOSE_MS = 5000

type UseConnection = (consumer: (connection: AppConnection) => Promise<unknown>) => Promise<unknown>

/** A database with its connections. Opens nothing by itself. */
export class Engine {
  readonly client: Client
  readonly logger: Logger
  readonly adapter: DialectAdapter
  readonly compiler: QueryCompiler
  readonly acquireTimeout: number
  readonly pool: Pool<PooledConnection>
  readonly #options: ReadDatabaseOptions
  readonly #limits: QueryLimits

  constructor(client: Client, options: ReadDatabaseOptions, logger: Logger) {
    const { queryTimeout, slowQuery, acquireTimeout } = options
    this.client = client
    this.logger = logger
    this.adapter = client.dialect.createAdapter()
    this.compiler = client.dialect.createQueryCompiler()
    this.acquireTimeout = acquireTimeout
    this.#options = options
    const silence = queryTimeout > 0 && client.isRemote ? queryTimeout + SILENCE_MS : 0
    this.#limits = { place: client.place, logger, silence, slowQuery }
    this.pool = this.#createPool()
  }

  /** Opens what shall be open. Rejects if the database doesn't answer, unless that isn't asked for. */
  async open(): Promise<void> {
    if (this.#options.ping) await this.ping()
    this.pool.fill()
  }

  /** Rejects with a DatabaseError unless the database answers in time. @param use lets a function use a connection; default: of the pool */
  async ping(
    timeoutMs: number = this.#options.connectTimeout,
    use: UseConnection = (ask) => this.#use(ask),
  ): Promise<void> {
    let clear = () => {}
    const timeout = new Promise((_, reject) => {
      clear = startDeadline(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)))
    })
    try {
      await Promise.race([use((connection) => connection.executeQuery(pingQuery())), timeout])
    } catch (error) {
      // A package that is missing is told as it is.
      throw error instanceof TribindError && !(error instanceof DatabaseError) ? error : this.#createPingError(error)
    } finally {
      clear()
    }
  }

  async close(): Promise<void> {
    const cut = await this.pool.close(CLOSE_MS)
    if (cut > 0) this.logger.warn('Database connections in use were cut', { database: this.client.place, cut })
    await this.client.destroy?.()
  }

  /** The error of a wait for a connection. */
  createTimeoutError(inUse: number, waiting: number): DatabaseError {
    return new DatabaseError(
      `no connection to ${this.client.place} became free within ${this.acquireTimeout} ms ("acquireTimeout"): ${inUse} in use, ${waiting} waiting${
        this.#max === 1 ? '; within a transaction, use the transaction for each query' : ''
      }`,
      { failure: 'ERR_TRIBIND_DATABASE_ACQUIRE' },
    )
  }

  get #max(): number {
    return Math.min(this.#options.max, this.client.max)
  }

  #createPool(): Pool<PooledConnection> {
    const { min, idleTimeout, maxLifetime, acquireTimeout } = this.#options
    const { isRemote, place } = this.client
    return new Pool({
      max: this.#max,
      min,
      idleTimeout: isRemote ? idleTimeout : 0,
      maxLifetime: isRemote ? maxLifetime : 0,
      acquireTimeout,
      connect: () => this.#connect(),
      createTimeoutError: (inUse, waiting) => this.createTimeoutError(inUse, waiting),
      createClosedError: () =>
        new DatabaseError(`database ${place} is closed`, { failure: 'ERR_TRIBIND_DATABASE_CLOSED' }),
    })
  }

  async #use<T>(consumer: (connection: PooledConnection) => Promise<T>): Promise<T> {
    const connection = await this.pool.acquire()
    try {
      return await consumer(connection)
    } finally {
      this.pool.release(connection)
    }
  }

  #createPingError(cause: unknown): DatabaseError {
    return new DatabaseError(`database ${this.client.place} does not answer: ${messageOf(cause)}`, {
      failure: 'ERR_TRIBIND_DATABASE_UNREACHABLE',
      cause,
    })
  }

  async #connect(): Promise<PooledConnection> {
    const { connectTimeout } = this.#options
    const late = new AbortController()
    const clear = startDeadline(connectTimeout, () => late.abort())
    let opened: PooledConnection | undefined
    try {
      const onLost = (error: unknown) => this.#lose(opened, error)
      return (opened = new PooledConnection(await this.client.connect({ onLost, signal: late.signal }), this.#limits))
    } catch (cause) {
      if (!late.signal.aborted) throw cause
      throw new DatabaseError(
        `no connection to ${this.client.place} was established within ${connectTimeout} ms ("connectTimeout")`,
        { failure: 'ERR_TRIBIND_DATABASE_CONNECT', cause },
      )
    } finally {
      clear()
    }
  }

  #lose(connection: PooledConnection | undefined, error: unknown): void {
    if (connection === undefined || connection.isLost) return
    connection.lose(error)
    this.pool.forget(connection)
    this.logger.warn('A database connection was lost', { database: this.client.place, error })
  }
}

function pingQuery(): CompiledQuery {
  return kyselyPackage().CompiledQuery.raw('select 1')
}

function messageOf(error: unknown): string {
  // Where a host has several addresses, Node.js has the reasons in `errors`.
  const { message, errors } = error as AggregateError
  return message || errors?.map(messageOf).join(', ') || String(error)
}

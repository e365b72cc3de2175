import type { DatabaseHandle } from '../base/database-handle.ts'
import { ConfigError, StateError } from '../base/errors.ts'
import type { Application } from '../http/application.ts'
import { printValue } from '../options/print-value.ts'
import { type Database, type DatabaseConnector, type DatabaseHost, isDatabase } from './database.ts'

/** Ends a test transaction and undoes it. `await using` calls it at the end of its block. */
export type Rollback = (() => Promise<void>) & AsyncDisposable

const databases = new WeakMap<Application, ServerDatabase>()

/** Returns the database of a server, whether or not it has one. */
export function databaseOf(server: Application): ServerDatabase {
  return databases.get(server) as ServerDatabase
}

/** The place of a server's database: which one is there, and its test transaction. */
export class ServerDatabase {
  readonly #server: Application
  readonly #host: DatabaseHost
  #current: DatabaseConnector | undefined
  #handle: unknown
  #rollback: Rollback | undefined
  #isStopped = false

  constructor(server: Application, host: DatabaseHost, database: Database | undefined) {
    this.#server = server
    this.#host = host
    databases.set(server, this)
    this.#use(database?.connect(host))
  }

  /** Whether there is one that isn't closed. */
  get isThere(): boolean {
    return this.#current !== undefined
  }

  /** Whether a test transaction is under way, or begins. */
  get isInTransaction(): boolean {
    return this.#rollback !== undefined
  }

  /** What `server.db()` returns: the same object also after the database was closed. @throws StateError if there never was one */
  get handle(): DatabaseHandle {
    this.#handle ??= this.#current?.handle
    if (this.#handle === undefined) throw this.#missing('db')
    return this.#handle as DatabaseHandle
  }

  /** Opens the database, for the start; `undefined` if there is none. */
  open(): Promise<void> | undefined {
    return this.#current && this.#open(this.#current)
  }

  /** Rejects unless the database answers. Resolves if there is none. */
  async ping(timeoutMs?: number): Promise<void> {
    await this.#current?.ping(timeoutMs)
  }

  /** Ends the test transaction, if there is one. */
  async rollBack(): Promise<void> {
    await this.#rollback?.()
  }

  /** Closes the database after its test transaction has ended. Does nothing without one. */
  async close(): Promise<void> {
    await this.rollBack()
    const current = this.#current
    this.#handle ??= current?.handle
    this.#current = undefined
    await current?.close()
  }

  /** Closes the database for good. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true
    try {
      await this.close()
    } catch (error) {
      this.#host.logger.error('The database failed to close', { error })
    }
  }

  /** Puts another database in the place of the one before, which is closed then. Nothing has changed if it rejects. */
  async replace(database: Database): Promise<void> {
    this.#checkReplaceable()
    const next = isDatabase(database) ? database.connect(this.#host) : undefined
    if (next === undefined)
      throw new ConfigError(
        `replaceDb: the database must be what database() of tribind/database returns, got ${printValue(database)}; to have none, call closeDb()`,
        { failure: 'ERR_TRIBIND_OPTION_VALUE' },
      )
    try {
      await next.ping()
      this.#checkReplaceable()
    } catch (error) {
      await next.close()
      throw error
    }
    const before = this.#current
    this.#use(next)
    await before?.close()
  }

  /** Begins a test transaction. */
  async transaction(): Promise<Rollback> {
    this.#checkRunning('transaction')
    const current = this.#current
    if (current === undefined) throw this.#missing('transaction')
    this.#checkNoTransaction('transaction')
    if (current.transaction === undefined)
      throw new StateError('transaction: this database has no test transactions, those of tribind/database have', {
        failure: 'ERR_TRIBIND_DATABASE_MISSING',
      })
    if (process.env['NODE_ENV'] === 'production')
      this.#host.logger.warn('A test transaction begins under NODE_ENV=production: it undoes what all requests write')
    const begun = current.transaction()
    let over: Promise<void> | undefined
    const end = async () => {
      try {
        const undo = await begun.catch(() => undefined)
        await undo?.()
      } finally {
        this.#rollback = undefined
      }
    }
    const rollback: Rollback = Object.assign(() => (over ??= end()), {
      [Symbol.asyncDispose]: () => rollback(),
    })
    this.#rollback = rollback
    try {
      await begun
    } catch (error) {
      this.#rollback = undefined
      throw error
    }
    return rollback
  }

  #use(next: DatabaseConnector | undefined): void {
    this.#current = next
    next?.use?.()
  }

  #checkReplaceable(): void {
    this.#checkRunning('replaceDb')
    this.#checkNoTransaction('replaceDb')
  }

  #checkRunning(call: string): void {
    if (!this.#isStopped && this.#server.state !== 'stopped') return
    throw new StateError(`${call}: server "${this.#server.name}" is stopped`, { failure: 'ERR_TRIBIND_SERVER_STOPPED' })
  }

  #checkNoTransaction(call: string): void {
    if (this.#rollback === undefined) return
    throw new StateError(
      `${call}: a test transaction is under way: await the rollback that transaction() returned first`,
      {
        failure: 'ERR_TRIBIND_DATABASE_IN_TRANSACTION',
      },
    )
  }

  async #open(current: DatabaseConnector): Promise<void> {
    await (current.open?.() ?? current.ping())
  }

  #missing(call: string): StateError {
    return new StateError(
      `${call}: server "${this.#server.name}" has no database: pass one to it, new Server({ database: database({ … }) }) with database() of tribind/database, or call replaceDb`,
      { failure: 'ERR_TRIBIND_DATABASE_MISSING' },
    )
  }
}

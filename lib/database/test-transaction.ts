import { AsyncLocalStorage } from 'node:async_hooks'
import type { CompiledQuery, QueryResult } from 'kysely'
import { DatabaseError, type DatabaseHost } from '../index.ts'
import { within } from '../kit.ts'
import type { AppConnection } from './app-connection.ts'
import type { Engine } from './engine.ts'
import type { Detour, Handle } from './handle.ts'
import { kyselyPackage } from './kysely.ts'
import type { PooledConnection } from './pooled-connection.ts'
import { Scope } from './scope.ts'
import { type LateConnection, ScopedConnection, type SharedConnection } from './scoped-connection.ts'
import { treatmentOf } from './statement-kinds.ts'
import { Turns } from './turns.ts'

/** How long a rollback waits for requests, and for a statement that runs, in milliseconds. */
const ROLLBACK_MS = 5000

/** Errors of MySQL and MariaDB: no such savepoint, and a deadlock, after which all is undone. */
const NO_SAVEPOINT = 1305
const DEADLOCK = 1213

/** All queries of a server on one connection in one transaction, which is undone. */
export class TestTransaction implements Detour, SharedConnection {
  readonly #handle: Handle
  readonly #engine: Engine
  readonly #real: PooledConnection
  readonly #root: Scope = new Scope('')
  /** What the connection does, savepoints around a statement included. */
  readonly #wire: Turns = new Turns()
  /** The connection for which the caller runs. */
  readonly #here = new AsyncLocalStorage<ScopedConnection>()
  #count = 0
  #isOver = false
  #isWarned = false
  /** Whether there may be constraints that wait for a commit. */
  #defers = false
  /** Why nothing can be undone any more. */
  #failure: DatabaseError | undefined

  /** Begins one. Resolves when every query of the handle runs in it. */
  static async begin(handle: Handle): Promise<TestTransaction> {
    const { engine } = handle
    const real = await engine.pool.acquire()
    try {
      await real.begin({})
    } catch (error) {
      engine.pool.release(real)
      throw error
    }
    const test = new TestTransaction(handle, engine, real)
    await test.#findDeferred()
    handle.detour = test
    return test
  }

  private constructor(handle: Handle, engine: Engine, real: PooledConnection) {
    this.#handle = handle
    this.#engine = engine
    this.#real = real
  }

  /** Lets Kysely use a share of the connection. */
  async provide<T>(consumer: (connection: AppConnection) => Promise<T>): Promise<T> {
    const outer = this.#scopeHere()
    if (outer !== this.#root) this.#warnOfSecondConnection()
    const connection = new ScopedConnection(this, outer)
    try {
      return await this.#here.run(connection, () => consumer(connection))
    } finally {
      const { afterCommit } = connection
      connection.release()
      if (afterCommit?.isDue === true) await afterCommit.run(this.#engine.logger)
    }
  }

  async #findDeferred(): Promise<void> {
    if (this.#engine.client.kind !== 'postgres') return
    const { rows } = await this.#run('select 1 from pg_constraint where condeferrable limit 1')
    this.#defers = rows.length > 0
  }

  /** Undoes all, once no request runs. */
  async end(host: DatabaseHost): Promise<void> {
    const deadline = performance.now() + ROLLBACK_MS
    let isIdle = false
    await within(
      ROLLBACK_MS,
      host.whenIdle().then(() => (isIdle = true)),
    )
    if (!isIdle) this.#engine.logger.warn('A test transaction is undone while requests still run')
    this.#isOver = true
    this.#handle.detour = undefined
    this.#root.turns.open()
    const left = Math.max(deadline - performance.now(), 100)
    let isUndone = false
    const undoing = this.#undo(left).then(() => (isUndone = true))
    await within(
      left,
      undoing.catch(() => {}),
    )
    // The database undoes what a connection leaves behind.
    if (!isUndone) {
      this.#engine.logger.warn('A test transaction could not be undone in time: its connection is cut')
      this.#real.cut()
    }
    this.#wire.open()
    this.#engine.pool.release(this.#real)
    this.#here.disable()
  }

  async execute<Row>(query: CompiledQuery, scope: Scope, isInTransaction: boolean): Promise<QueryResult<Row>> {
    const treatment = treatmentOf(query.sql, this.#engine.client.kind)
    if (this.#isOver && !isInTransaction) return this.#executeLate(query)
    if (treatment === 'leave out') return { rows: [] }
    if (treatment === 'ends') throw refusal('it would end the test transaction: use db.transaction()', query)
    if (treatment === 'commits') throw refusal('the database would commit the test transaction before it', query)
    const isGuarded = treatment === 'guard' || (!isInTransaction && this.#needsSavepoints)
    try {
      return await this.#inTurn(scope, () =>
        isGuarded ? this.#executeGuarded<Row>(query) : this.#executeBare<Row>(query),
      )
    } catch (error) {
      if (error === over && !isInTransaction) return this.#executeLate(query)
      throw error === over ? createOverError() : error
    }
  }

  /** The transaction has its turn in the outer scope until it ends. */
  async begin(outer: Scope): Promise<Scope | undefined> {
    const { turns } = outer.open
    await this.#await(turns)
    const own = new Scope(`tribind_${++this.#count}`, outer.open)
    try {
      await this.#unit(() => this.#real.savepoint(own.name))
      return own
    } catch (error) {
      turns.end()
      if (error === over) return undefined
      throw error
    }
  }

  async commit(own: Scope): Promise<void> {
    await this.control(own, () => this.#release(own.name))
    this.#close(own)
  }

  async rollBack(own: Scope): Promise<void> {
    try {
      await this.#inTurn(own, async () => {
        await this.#real.rollbackTo(own.name)
        await this.#real.releaseSavepoint(own.name)
      })
    } catch (error) {
      // All is undone.
      if (error !== over) throw error
    } finally {
      this.#close(own)
    }
  }

  async control(scope: Scope, run: (real: PooledConnection) => Promise<unknown>): Promise<void> {
    await this.#inTurn(scope, () => run(this.#real)).catch((error: unknown) => {
      throw error === over ? createOverError() : error
    })
  }

  acquireLate(): Promise<LateConnection> {
    return new Promise((resolve, reject) => {
      const keep = (connection: AppConnection) =>
        new Promise<void>((release) => resolve({ connection, release: () => release() }))
      this.#handle.provideConnection((connection) => keep(connection as AppConnection)).catch(reject)
    })
  }

  #executeLate<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return this.#handle.provideConnection((connection) => connection.executeQuery<Row>(query))
  }

  get #needsSavepoints(): boolean {
    const { kind } = this.#engine.client
    return kind === 'postgres' || kind === 'other'
  }

  /** The scope of the caller: that of the transaction in whose function it runs, if that isn't over. */
  #scopeHere(): Scope {
    return this.#here.getStore()?.scope.open ?? this.#root
  }

  async #undo(timeoutMs: number): Promise<void> {
    await this.#wire.begin(timeoutMs, () => new Error('a statement still runs'))
    if (!this.#real.isLost) await this.#real.rollback()
  }

  /** Waits for the turn in a scope, or in the one of the caller, if that lies within. */
  async #inTurn<T>(scope: Scope, run: () => Promise<T>): Promise<T> {
    const here = this.#scopeHere()
    const { turns } = here.isIn(scope) ? here : scope
    await this.#await(turns)
    try {
      return await this.#unit(run)
    } finally {
      turns.end()
    }
  }

  /** Checks the constraints of PostgreSQL that wait for a commit. They wait for the next then. */
  async #checkConstraints(): Promise<void> {
    this.#defers = true
    await this.#run(
      'savepoint tribind_check; set constraints all immediate; rollback to savepoint tribind_check; release savepoint tribind_check',
    )
  }

  async #await(turns: Turns): Promise<void> {
    await turns.begin(this.#engine.acquireTimeout, (waiting) => this.#engine.createTimeoutError(1, waiting))
  }

  /** Uses the connection alone. Throws `over` after the end. */
  async #unit<T>(run: () => Promise<T>): Promise<T> {
    await this.#await(this.#wire)
    try {
      if (this.#isOver) throw over
      if (this.#failure !== undefined) throw this.#failure
      return await run()
    } finally {
      this.#wire.end()
    }
  }

  async #executeBare<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await this.#real.executeQuery<Row>(query)
    } catch (error) {
      await this.#checkStillOpen(error)
      throw error
    }
  }

  /** Executes a query in a savepoint of its own, so that a failure spoils nothing else. */
  async #executeGuarded<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const name = `tribind_${++this.#count}`
    await this.#real.savepoint(name)
    try {
      const result = await this.#real.executeQuery<Row>(query)
      await this.#release(name, query)
      return result
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#real.isLost) throw error
      await this.#checkStillOpen(error)
      await this.#real.rollbackTo(name).catch((lost: unknown) => this.#checkSavepoint(lost, query))
      await this.#real.releaseSavepoint(name).catch((lost: unknown) => this.#checkSavepoint(lost, query))
      throw error
    }
  }

  /** Releases a savepoint, as a commit would: with a check of deferred constraints. */
  async #release(name: string, query?: CompiledQuery): Promise<void> {
    if (this.#defers || (query !== undefined && /deferrable/i.test(query.sql))) await this.#checkConstraints()
    await this.#real.releaseSavepoint(name).catch((lost: unknown) => this.#checkSavepoint(lost, query))
  }

  /** After a savepoint of ours that isn't there any more, nothing can be undone. */
  #checkSavepoint(error: unknown, query?: CompiledQuery): never {
    if ((error as { errno?: number }).errno !== NO_SAVEPOINT) throw error
    throw this.#fail('a statement has committed the test transaction: what was written until then stays', query, error)
  }

  /** Some errors end the whole transaction. */
  async #checkStillOpen(cause: unknown): Promise<void> {
    const { kind } = this.#engine.client
    if (kind === 'mysql' && (cause as { errno?: number }).errno === DEADLOCK)
      throw this.#fail('after a deadlock, the database has undone the test transaction', undefined, cause)
    if (kind !== 'sqlite') return
    // Refused within a transaction.
    const isLost = await this.#run('begin').then(
      () => true,
      () => false,
    )
    if (isLost) this.#fail('a failed statement has undone the test transaction', undefined, cause)
  }

  #fail(problem: string, query: CompiledQuery | undefined, cause: unknown): DatabaseError {
    const statement = query === undefined ? '' : ` (${query.sql})`
    return (this.#failure = new DatabaseError(`${problem}${statement}`, {
      failure: 'ERR_TRIBIND_DATABASE_STATEMENT',
      cause,
    }))
  }

  #run(sql: string): Promise<QueryResult<unknown>> {
    return this.#real.executeQuery(kyselyPackage().CompiledQuery.raw(sql))
  }

  #close(own: Scope): void {
    own.isOver = true
    own.turns.open()
    own.parent?.turns.end()
  }

  /** Where there is one connection, a query beside the transaction would fail without the test. */
  #warnOfSecondConnection(): void {
    if (this.#isWarned || this.#engine.client.max > 1) return
    this.#isWarned = true
    this.#engine.logger.warn(
      'Within a transaction, a query was not made with it: in a test transaction it works, else it would wait for the connection and fail',
    )
  }
}

/** Thrown by what comes after the end. */
const over = new Error('the test transaction is over')

function createOverError(): DatabaseError {
  return new DatabaseError('the test transaction in which this transaction began is over: all of it was undone', {
    failure: 'ERR_TRIBIND_DATABASE_OVER',
  })
}

function refusal(problem: string, { sql }: CompiledQuery): DatabaseError {
  return new DatabaseError(`in a test transaction, the statement is refused, ${problem}: ${sql}`, {
    failure: 'ERR_TRIBIND_DATABASE_STATEMENT',
  })
}

import type { CompiledQuery, QueryResult, TransactionSettings } from 'kysely'
import type { DatabaseKind, TransactionControl } from './client.ts'
import { kyselyPackage } from './kysely.ts'

/** Executes a query on one connection. */
type Execute = (query: CompiledQuery) => Promise<QueryResult<unknown>>

/** Begins and ends transactions by SQL, as the drivers of Kysely do. */
export class SqlTransactions implements TransactionControl {
  readonly #kind: DatabaseKind
  readonly #execute: Execute
  isOpen = false

  constructor(kind: DatabaseKind, execute: Execute) {
    this.#kind = kind
    this.#execute = execute
  }

  async begin(settings: TransactionSettings): Promise<void> {
    await this.#begin(settings)
    this.isOpen = true
  }

  async #begin({ isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    const modes = [isolationLevel && `isolation level ${isolationLevel}`, accessMode].filter(Boolean)
    // One that reads first and writes then would fail at once, and not wait, where another process writes.
    if (this.#kind === 'sqlite') await this.#run(accessMode === 'read only' ? 'begin' : 'begin immediate')
    else if (modes.length === 0) await this.#run('begin')
    else if (this.#kind === 'postgres') await this.#run(`start transaction ${modes.join(' ')}`)
    else {
      // That of the next transaction.
      await this.#run(`set transaction ${modes.join(', ')}`)
      await this.#run('begin')
    }
  }

  async commit(): Promise<void> {
    this.isOpen = false
    const { rows } = await this.#run('commit')
    // PostgreSQL answers so if a statement in it failed.
    if ((rows[0] as { command?: string } | undefined)?.command === 'ROLLBACK')
      throw new (kyselyPackage().AbortedTransactionError)()
  }

  rollback(): Promise<unknown> {
    this.isOpen = false
    return this.#run('rollback')
  }

  savepoint(name: string): Promise<unknown> {
    return this.#run(`savepoint ${this.#quote(name)}`)
  }

  rollbackTo(name: string): Promise<unknown> {
    return this.#run(`rollback to savepoint ${this.#quote(name)}`)
  }

  releaseSavepoint(name: string): Promise<unknown> {
    return this.#run(`release savepoint ${this.#quote(name)}`)
  }

  #run(sql: string): Promise<QueryResult<unknown>> {
    return this.#execute(kyselyPackage().CompiledQuery.raw(sql))
  }

  #quote(name: string): string {
    const mark = this.#kind === 'mysql' ? '`' : '"'
    return mark + name.replaceAll(mark, mark + mark) + mark
  }
}

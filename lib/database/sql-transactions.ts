import type { CompiledQuery, QueryResult, TransactionSettings } from 'kysely'
import type { DatabaseKind, TransactionControl } from './client.ts'
import { kyselyPackage } from './kysely.ts'

/** Executes a query on one connection. */
type Execute = (query: CompiledQuery) => Promise<QueryResult<unknown>>

const compiled = new Map<string, CompiledQuery>()

/** Begins and ends transactions by SQL, as the drivers of Kysely do. */
export class SqlTransactions implements TransactionControl {
  readonly #kind: DatabaseKind
  readonly #execute: Execute
  isOpen = false

  constructor(kind: DatabaseKind, execute: Execute) {
    this.#kind = kind
    this.#execute = execute
  }

  async begin({ isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    if (this.#kind === 'sqlite' || (isolationLevel === undefined && accessMode === undefined))
      await this.#runOften('begin')
    else await this.#beginWith([isolationLevel && `isolation level ${isolationLevel}`, accessMode].filter(Boolean))
    this.isOpen = true
  }

  async commit(): Promise<void> {
    this.isOpen = false
    const { rows } = await this.#runOften('commit')
    // PostgreSQL answers so if a statement in it failed.
    if ((rows[0] as { command?: string } | undefined)?.command === 'ROLLBACK')
      throw new (kyselyPackage().AbortedTransactionError)()
  }

  rollback(): Promise<unknown> {
    this.isOpen = false
    return this.#runOften('rollback')
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

  async #beginWith(modes: readonly unknown[]): Promise<void> {
    if (this.#kind === 'postgres') {
      await this.#run(`start transaction ${modes.join(' ')}`)
      return
    }
    // That of the next transaction.
    await this.#run(`set transaction ${modes.join(', ')}`)
    await this.#runOften('begin')
  }

  #run(sql: string): Promise<QueryResult<unknown>> {
    return this.#execute(kyselyPackage().CompiledQuery.raw(sql))
  }

  /** Runs a statement that is compiled once. */
  #runOften(sql: string): Promise<QueryResult<unknown>> {
    let query = compiled.get(sql)
    if (query === undefined) compiled.set(sql, (query = kyselyPackage().CompiledQuery.raw(sql)))
    return this.#execute(query)
  }

  #quote(name: string): string {
    const mark = this.#kind === 'mysql' ? '`' : '"'
    return mark + name.replaceAll(mark, mark + mark) + mark
  }
}

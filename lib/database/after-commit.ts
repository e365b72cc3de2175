import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { ConfigError } from '../index.ts'
import { checkFunction } from '../kit.ts'
import type { AppConnection } from './app-connection.ts'

/** How many functions wait for Kysely to name their connection. */
let waiting = 0

/**
 * Runs a function once the outermost transaction has committed, in a test transaction when its savepoint is released. After a
 * rollback it doesn't run. Functions run in order; one that fails is logged.
 *
 * @throws ConfigError for anything but a transaction of `server.db()`
 */
export function afterCommit<Tables>(transaction: Transaction<Tables>, fn: () => unknown): void {
  checkFunction('afterCommit', fn)
  const { isTransaction } = transaction as Partial<Transaction<Tables>>
  if (isTransaction !== true) throw createError()
  let error: unknown
  const add = async (connection: Partial<AppConnection>) => {
    if (connection.afterCommit === undefined) error = createError()
    else connection.afterCommit.add(fn)
  }
  // Has called `add` when it returns, unless something runs on the connection: a query, or the `add` of the call before.
  const added = transaction.getExecutor().provideConnection((connection) => add(connection))
  if (error !== undefined) throw error
  waiting++
  added.catch((reason: Error) => process.emitWarning(reason)).finally(() => waiting--)
}

/** Waits until the functions are with their connections that wait for nothing but each other. */
export async function takeWaiting(): Promise<void> {
  if (waiting > 0) await setImmediate()
}

function createError(): ConfigError {
  return new ConfigError('afterCommit: the first argument must be a transaction of server.db()', {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}

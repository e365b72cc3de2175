import type { DatabaseConnection } from 'kysely'
import type { CommitQueue } from './commit-queue.ts'
import type { TransactionControl } from './client.ts'

/** A connection as the handle passes it to Kysely: one of the pool, or a share of that of a test transaction. */
export interface AppConnection extends DatabaseConnection, TransactionControl {
  /** What runs after the transaction on it has committed. */
  afterCommit: CommitQueue | undefined
}

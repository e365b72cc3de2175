// Exports of tribind/database.
import type { Kysely } from 'kysely'

export { afterCommit } from './database/after-commit.ts'
export { database } from './database/database.ts'
export type { ClientName, DatabaseOptions } from './database/database-options.ts'
export { createFactory, type Factory } from './database/create-factory.ts'
export { DatabaseSessionStore, type DatabaseSessionStoreOptions } from './database/database-session-store.ts'
export { healthCheck, type HealthCheckOptions } from './database/health-check.ts'
export type { Migration, MigrationResult } from './database/kysely-migrator.ts'
export { type MigrationStatus, type Migrator, migrator, type MigratorOptions } from './database/migrator.ts'
export { seed, type SeedOptions } from './database/seed.ts'
export { isForeignKeyViolation, isRetryable, isUniqueViolation } from './database/query-errors.ts'
export { DatabaseError } from './index.ts'

declare module 'tribind' {
  interface DatabaseHandles<_Tables> {
    /** What `server.db()` returns. */
    readonly kysely: Kysely<_Tables>
  }
}

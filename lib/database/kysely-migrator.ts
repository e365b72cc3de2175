import type { Kysely } from 'kysely'
import { onDemandModule } from '../kit.ts'
import { kyselyPackage } from './kysely.ts'

// The types are not Kysely's: 0.29 has none of these names in its root, and 0.28 has no other module.

/** What one migration did. */
export interface MigrationResult {
  readonly migrationName: string
  readonly direction: 'Up' | 'Down'
  readonly status: 'Success' | 'Error' | 'NotExecuted'
}

/** What a module of migrations exports. */
export interface Migration {
  up(db: Kysely<unknown>): unknown
  down?(db: Kysely<unknown>): unknown
}

export interface MigrationResultSet {
  readonly error?: unknown
  readonly results?: readonly MigrationResult[]
}

/** The `Migrator` of Kysely. */
export interface KyselyMigrator {
  getMigrations(): Promise<readonly { readonly name: string; readonly executedAt?: Date }[]>
  migrateToLatest(): Promise<MigrationResultSet>
  migrateUp(): Promise<MigrationResultSet>
  migrateDown(): Promise<MigrationResultSet>
}

interface MigratorProps {
  readonly db: Kysely<unknown>
  readonly provider: { getMigrations(): Promise<Record<string, Migration>> }
  readonly nameComparator: (a: string, b: string) => number
}

interface MigrationModule {
  readonly Migrator: new (props: MigratorProps) => KyselyMigrator
}

const load = onDemandModule<MigrationModule>('kysely/migration', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('kysely/migration')
  } catch (error) {
    throw new Error('kysely/migration', { cause: error })
  }
})

/** Creates a `Migrator` of Kysely, which is in its root in 0.28, and in a module of its own from 0.29. */
export function createKyselyMigrator(props: MigratorProps): KyselyMigrator {
  const { Migrator = load().Migrator } = kyselyPackage() as unknown as Partial<MigrationModule>
  return new Migrator(props)
}

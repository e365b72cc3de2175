import { onDemandModule } from '../kit.ts'
import { kyselyPackage } from './kysely.ts'

type Migrator = typeof import('kysely').Migrator

const load = onDemandModule<{ readonly Migrator: Migrator }>('kysely/migration', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('kysely/migration')
  } catch (error) {
    throw new Error('kysely/migration', { cause: error })
  }
})

/** The `Migrator` of Kysely: in the root of 0.28, in a module of its own from 0.29. */
export function kyselyMigrator(): Migrator {
  return (kyselyPackage() as { readonly Migrator?: Migrator }).Migrator ?? load().Migrator
}

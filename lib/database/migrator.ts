import type { Kysely } from 'kysely'
import { ConfigError, DatabaseError, type Application } from '../index.ts'
import { defineOptions, type OptionTable } from '../kit.ts'
import {
  createKyselyMigrator,
  type KyselyMigrator,
  type Migration,
  type MigrationResult,
  type MigrationResultSet,
} from './kysely-migrator.ts'
import { compareNames, folderOption, listModules, loadModule, messageOf, type ModuleFile } from './module-folder.ts'

export interface MigratorOptions {
  /** The folder of the migrations, as a path or a `file:` URL: modules in JavaScript or, where the program runs such, in TypeScript. */
  folder: string | URL
}

/** A migration, and when it was carried out. */
export interface MigrationStatus {
  readonly name: string
  /** `undefined` if it wasn't. */
  readonly executedAt?: Date
}

/** Changes the tables of a database by files, in the order of their names. */
export interface Migrator {
  /** Carries out all migrations that weren't. Returns which those were. */
  latest(): Promise<readonly MigrationResult[]>
  /** Carries out the next migration. Returns an empty list if there is none. */
  up(): Promise<readonly MigrationResult[]>
  /** Takes back the last migration. Returns an empty list if there is none. */
  down(): Promise<readonly MigrationResult[]>
  /** Returns all migrations in their order. */
  status(): Promise<MigrationStatus[]>
}

/** The table of the options of a migrator. */
const migratorOptions: OptionTable<MigratorOptions, { readonly folder: string }> = defineOptions(
  { folder: folderOption() },
  { owner: 'migrator' },
)

type Direction = 'up' | 'down'

/**
 * Returns what migrates the database of a server: the `Migrator` of Kysely, on modules that export `up(db)` and `down(db)`.
 *
 * Several processes may migrate at once: one does, the others wait. What is done is logged. If a migration fails, PostgreSQL and
 * SQLite undo all of the call; MySQL and MariaDB, which commit each change of a table at once, keep what was done before.
 *
 * @throws ConfigError naming an option that is missing or wrong, and, when it is used, a folder or module that can't be read;
 * DatabaseError (`ERR_TRIBIND_DATABASE_MIGRATION`), when it is used, naming the migration that failed and its file
 */
export function migrator(server: Application, options: MigratorOptions): Migrator {
  return new ServerMigrator(server, migratorOptions.parse(options).folder)
}

class ServerMigrator implements Migrator {
  readonly #server: Application
  readonly #folder: string

  constructor(server: Application, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  latest(): Promise<readonly MigrationResult[]> {
    return this.#run('up', (migrations) => migrations.migrateToLatest())
  }

  up(): Promise<readonly MigrationResult[]> {
    return this.#run('up', (migrations) => migrations.migrateUp())
  }

  down(): Promise<readonly MigrationResult[]> {
    return this.#run('down', (migrations) => migrations.migrateDown())
  }

  async status(): Promise<MigrationStatus[]> {
    const files = await this.#list()
    const known = await this.#open(files).getMigrations()
    return known.map(({ name, executedAt }) => ({ name, ...(executedAt && { executedAt }) }))
  }

  async #run(
    direction: Direction,
    migrate: (migrations: KyselyMigrator) => Promise<MigrationResultSet>,
  ): Promise<readonly MigrationResult[]> {
    const files = await this.#list()
    const { error, results = [] } = await migrate(this.#open(files))
    const done = results.filter(({ status }) => status === 'Success')
    const isUndone = error !== undefined && this.#server.db().getExecutor().adapter.supportsTransactionalDdl
    if (!isUndone) this.#log(direction, done)
    if (error !== undefined) throw this.#fail(direction, files, results, error)
    const stuck = results.find(({ status }) => status === 'NotExecuted')
    if (stuck !== undefined)
      throw this.#fail(direction, files, [{ ...stuck, status: 'Error' }], new Error('it exports no function down'))
    return results
  }

  #list(): Promise<ModuleFile[]> {
    return listModules(this.#folder, 'migrator: the folder of migrations')
  }

  #open(files: readonly ModuleFile[]): KyselyMigrator {
    const provider = {
      getMigrations: async () =>
        Object.fromEntries(
          await Promise.all(files.map(async (file) => [file.name, await loadMigration(file)])),
        ) as Record<string, Migration>,
    }
    const db = this.#server.db() as Kysely<unknown>
    return createKyselyMigrator({ db, provider, nameComparator: compareNames })
  }

  #log(direction: Direction, done: readonly MigrationResult[]): void {
    const { logger } = this.#server
    if (done.length === 0) logger.info(direction === 'up' ? 'No migration is pending' : 'No migration was taken back')
    for (const { migrationName: migration } of done)
      logger.info(direction === 'up' ? 'Migrated' : 'Took a migration back', { migration })
  }

  #fail(
    direction: Direction,
    files: readonly ModuleFile[],
    results: readonly MigrationResult[],
    cause: unknown,
  ): Error {
    if (cause instanceof ConfigError) return cause
    const name = results.find(({ status }) => status === 'Error')?.migrationName
    const file = files.find((one) => one.name === name)?.file
    const what = name === undefined ? `migrations of ${this.#folder}` : `migration "${name}" (${file}), ${direction}`
    return new DatabaseError(`${what}: ${messageOf(cause)}`, {
      failure: 'ERR_TRIBIND_DATABASE_MIGRATION',
      cause,
    })
  }
}

async function loadMigration(file: ModuleFile): Promise<Migration> {
  const { up, down } = (await loadModule(file)) as Partial<Migration>
  if (typeof up === 'function') return { up, ...(typeof down === 'function' && { down }) }
  throw new ConfigError(`migration "${file.name}" (${file.file}) must export a function up(db)`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}

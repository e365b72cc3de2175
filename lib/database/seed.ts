import type { Kysely, Transaction } from 'kysely'
import { ConfigError, DatabaseError, type Application } from '../index.ts'
import { defineOptions, nearestName, type OptionTable, text } from '../kit.ts'
import { folderOption, listModules, loadModule, messageOf, type ModuleFile } from './module-folder.ts'

export interface SeedOptions {
  /** The folder of the seeds, as a path or a `file:` URL: modules in JavaScript or, where the program runs such, in TypeScript. */
  folder: string | URL
  /** The name of one file, without its ending. Default: all, in the order of their names. */
  name?: string
}

/** The table of the options of `seed`. */
const seedOptions: OptionTable<SeedOptions, { readonly folder: string; readonly name?: string }> = defineOptions(
  { folder: folderOption(), name: text() },
  { owner: 'seed' },
)

/**
 * Fills the database of a server: runs the modules of a folder, which export `seed(db)`, each in a transaction. Each is logged.
 *
 * @returns the names of those that ran
 * @throws ConfigError naming an option, a folder or a module that is wrong; DatabaseError (`ERR_TRIBIND_DATABASE_SEED`) naming the
 * seed that failed and its file: what it did is undone, and those after it haven't run
 */
export async function seed(server: Application, options: SeedOptions): Promise<readonly string[]> {
  const { folder, name } = seedOptions.parse(options)
  const all = await listModules(folder, 'seed: the folder of seeds')
  const chosen = name === undefined ? all : [find(all, name, folder)]
  // Before the first runs, so that a wrong one leaves nothing half done.
  const seeds = await Promise.all(chosen.map(async (file) => ({ ...file, run: await loadSeed(file) })))
  if (seeds.length === 0) server.logger.warn('There is no seed', { folder })
  for (const { name: seedName, file, run } of seeds) {
    try {
      await (server.db() as Kysely<unknown>).transaction().execute(run)
    } catch (cause) {
      throw new DatabaseError(`seed "${seedName}" (${file}): ${messageOf(cause)}`, {
        failure: 'ERR_TRIBIND_DATABASE_SEED',
        cause,
      })
    }
    server.logger.info('Seeded', { seed: seedName })
  }
  return seeds.map((one) => one.name)
}

function find(all: readonly ModuleFile[], name: string, folder: string): ModuleFile {
  const found = all.find((file) => file.name === name)
  if (found !== undefined) return found
  const nearest = nearestName(
    name,
    all.map((file) => file.name),
  )
  const guess = nearest === undefined ? '' : `, did you mean "${nearest}"?`
  throw new ConfigError(`seed: there is no seed "${name}" in ${folder}${guess}`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}

async function loadSeed(file: ModuleFile): Promise<(db: Transaction<unknown>) => Promise<void>> {
  const { seed: run } = await loadModule(file)
  if (typeof run === 'function') return async (db) => void (await (run as (db: Transaction<unknown>) => unknown)(db))
  throw new ConfigError(`seed "${file.name}" (${file.file}) must export a function seed(db)`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}

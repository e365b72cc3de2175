import { expect } from 'chai'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { type Engine, type EngineName, isInstalled, runOn, startEngine } from './engines.ts'

/** A database of the test file's own, gone after its tests. */
export interface TestDatabase {
  readonly name: 'SQLite' | 'PostgreSQL' | 'MariaDB'
  /** What `database()` takes. */
  readonly options: { client: 'sqlite'; file: string } | { client: EngineName; url: string }
}

const engines = [
  { client: 'postgres', name: 'PostgreSQL', variable: 'POSTGRES_URL' },
  { client: 'mysql', name: 'MariaDB', variable: 'MARIADB_URL' },
] as const

/**
 * Creates an empty database on each engine, for `for (const { name, options } of await createDatabases()) describe(…)`.
 *
 * PostgreSQL and MariaDB are those of the variables `POSTGRES_URL` and `MARIADB_URL`; without them, one of the file's own is
 * started where it is installed. Where it isn't, its tests are left out, which is said, and is a failure in CI.
 */
export async function createDatabases(): Promise<TestDatabase[]> {
  const file = `${temporaryFolder({})}/test.db`
  const found: (TestDatabase | undefined)[] = await Promise.all(engines.map(createDatabase))
  return [{ name: 'SQLite', options: { client: 'sqlite', file } }, ...found.filter((one) => one !== undefined)]
}

/** Creates an empty database on PostgreSQL alone, as `createDatabases` does; `undefined` where it isn't installed. */
export function createPostgres(): Promise<TestDatabase | undefined> {
  return createDatabase(engines[0])
}

let count = 0

async function createDatabase({ client, name, variable }: (typeof engines)[number]): Promise<TestDatabase | undefined> {
  const given = process.env[variable]
  if (!given && !isInstalled(client)) {
    leaveOut(name, variable)
    return undefined
  }
  const engine: Engine | undefined = given ? undefined : await startEngine(client)
  const server = given ?? (engine as Engine).url
  const own = `tribind_${process.pid}_${Date.now() % 1e9}_${count++}`
  await runOn(server, `create database ${own}`)
  after(async () => {
    const connections = client === 'postgres' ? ' with (force)' : ''
    await runOn(server, `drop database ${own}${connections}`)
    await engine?.remove()
  })
  const url = new URL(server)
  url.pathname = own
  return { name, options: { client, url: url.href } }
}

function leaveOut(name: string, variable: string): void {
  const reason = `neither is ${variable} set nor is it installed`
  if (process.env.CI) it(`in CI there is ${name}`, () => expect.fail(reason))
  else console.warn(`The tests on ${name} are left out: ${reason}.`)
}

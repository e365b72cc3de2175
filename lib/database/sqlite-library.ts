import { ConfigError } from '../index.ts'
import { onDemand } from '../kit.ts'

/** What is used of better-sqlite3 and libsql. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  close(): unknown
}

export interface SqliteStatement {
  /** Whether it returns rows. */
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(parameters: readonly unknown[]): Iterable<unknown>
}

/** Opens a file. */
export type OpenSqlite = (file: string, options: object) => SqliteDatabase

type SqliteClass = new (file: string, options: object) => SqliteDatabase

const versionOfBetterSqlite = onDemand<{ version: string }>('better-sqlite3/package.json', () =>
  require('better-sqlite3/package.json'),
)
const betterSqlite = onDemand<SqliteClass>('better-sqlite3', () => require('better-sqlite3'))
const libsql = onDemand<SqliteClass>('libsql', () => require('libsql'))

/**
 * Returns the library of SQLite to use: better-sqlite3 where it is installed and fits this version of Node.js, else `node:sqlite`
 * where it is complete, else libsql.
 *
 * @throws ConfigError if there is none
 */
export function sqliteLibrary(): OpenSqlite {
  const reasons: string[] = []
  const attempts = { 'better-sqlite3': openerOfBetterSqlite, 'node:sqlite': openerOfNode, libsql: openerOfLibsql }
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      return attempt()
    } catch (error) {
      reasons.push(`${name} (${reasonOf(error)})`)
    }
  }
  throw new ConfigError(
    `database: SQLite needs one of ${reasons.join(', ')}: run npm install libsql, or npm install better-sqlite3`,
    { failure: 'ERR_TRIBIND_PACKAGE_MISSING' },
  )
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'MODULE_NOT_FOUND' ? 'not installed' : (message.split('\n')[0] as string)
}

function openerOfBetterSqlite(): OpenSqlite {
  const { version } = versionOfBetterSqlite()
  // It would end the process while it is loaded.
  if (Number.parseInt(version) >= 13 && !isNodeFrom(22, 14))
    throw new Error(`${version} needs Node.js 22.14, this is ${process.versions.node}`)
  const Opened = betterSqlite()
  return (file, options) => new Opened(file, options)
}

function openerOfLibsql(): OpenSqlite {
  const Opened = libsql()
  return (file, options) => new Opened(file, options)
}

function isNodeFrom(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

interface NodeStatement {
  all(...parameters: readonly unknown[]): unknown[]
  run(...parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(...parameters: readonly unknown[]): Iterable<unknown>
  columns(): unknown[]
}

interface NodeDatabase {
  prepare(sql: string): NodeStatement
  exec(sql: string): void
  close(): void
}

interface NodeSqlite {
  readonly DatabaseSync: new (file: string, options: object) => NodeDatabase
  readonly StatementSync: { readonly prototype: Partial<NodeStatement> }
}

function openerOfNode(): OpenSqlite {
  const sqlite = process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite | undefined
  if (sqlite === undefined) throw new Error(`not in Node.js ${process.versions.node}`)
  if (typeof sqlite.StatementSync.prototype.columns !== 'function')
    throw new Error(`incomplete in Node.js ${process.versions.node}`)
  return (file, options) => {
    const database = new sqlite.DatabaseSync(file, options)
    return {
      prepare: (sql) => adaptStatement(database.prepare(sql)),
      exec: (sql) => database.exec(sql),
      close: () => database.close(),
    }
  }
}

function adaptStatement(statement: NodeStatement): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    // Its rows have no prototype, others' have.
    all: (parameters) => statement.all(...parameters).map((row) => ({ ...(row as object) })),
    run: (parameters) => statement.run(...parameters),
    iterate: (parameters) => statement.iterate(...parameters),
  }
}

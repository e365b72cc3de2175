import { type Generated, type Kysely, sql } from 'kysely'
import { Server, type ServerOptions } from 'tribind'
import { database, type DatabaseOptions } from 'tribind/database'
import { collectingLogger, type Entry } from '../feature/both-ways.ts'

/** The tables of the tests. */
export interface Tables {
  book: { id: Generated<number>; title: string }
  copy: { id: Generated<number>; book: number }
}

/** A server with the tables, and its log. */
export interface Library {
  readonly server: Server
  readonly db: Kysely<Tables>
  readonly log: Entry[]
}

/** Returns the handle of a server. Not typed by `Register`, which is one for all tests and examples. */
export function dbOf(server: Pick<Server, 'db'>): Kysely<Tables> {
  return server.db() as unknown as Kysely<Tables>
}

/** Creates a server with a database; the caller stops it. */
export function createLibrary(options: DatabaseOptions, more: ServerOptions = {}): Library {
  const log: Entry[] = []
  const server = new Server({
    address: '127.0.0.1',
    port: 0,
    stopTimeout: 1000,
    logger: collectingLogger(log),
    database: database(options),
    ...more,
  })
  return { server, db: dbOf(server), log }
}

/** Creates the tables anew. */
export async function createTables(db: Kysely<Tables>, client: DatabaseOptions['client']): Promise<void> {
  await db.schema.dropTable('copy').ifExists().execute()
  await db.schema.dropTable('book').ifExists().execute()
  const key = sql.raw(keys[client as keyof typeof keys])
  await sql`create table book (id ${key}, title varchar(100) not null unique)`.execute(db)
  await sql`create table copy (id ${key}, book integer not null, foreign key (book) references book (id))`.execute(db)
}

const keys = {
  postgres: 'serial primary key',
  mysql: 'integer primary key auto_increment',
  sqlite: 'integer primary key',
}

/** The titles of all books, sorted. */
export async function titles(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.selectFrom('book').select('title').execute()
  return rows.map(({ title }) => title).sort()
}

/** Adds a book. */
export async function add(db: Kysely<Tables>, title: string): Promise<void> {
  await db.insertInto('book').values({ title }).execute()
}

import type { Kysely } from 'kysely'
import type { Application, ServerSessionStore, StoredSession } from '../index.ts'
import { databaseOf, defineOptions, endOf, integer, onDemandOfNode, type OptionTable, text } from '../kit.ts'
import { isMissingTable, isUniqueViolation } from './query-errors.ts'

export interface DatabaseSessionStoreOptions {
  /** Default `sessions`. */
  table?: string
  /** How long a session without an age of its own is kept unused, in milliseconds. Default one day. */
  maxAgeMs?: number
}

/** The table of the options of a `DatabaseSessionStore`. */
const databaseSessionStoreOptions: OptionTable<DatabaseSessionStoreOptions> = defineOptions(
  {
    table: text({ default: 'sessions' }),
    maxAgeMs: integer({ from: 1, unit: 'milliseconds' }, { default: 86_400_000 }),
  },
  { owner: 'DatabaseSessionStore' },
)

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

const PRUNE_EVERY_MS = 600_000

interface Row {
  /** The hash of the session's id. */
  id: string
  /** The session as JSON, in ASCII. */
  data: string
  /** When it ends, in milliseconds since 1970. Some drivers read it as a text. */
  expires: number | string
}

type Done = (error?: unknown) => void

/**
 * Keeps sessions in the database of a server, in a table `(id varchar(64) primary key, data text, expires bigint)`.
 *
 * As `session: { store: (server) => new DatabaseSessionStore(server) }`, the start creates the table where it is missing. A row is
 * named after the hash of its session's id, so that no one who reads the table can take a session over. Expired rows are never
 * read, and removed every ten minutes when something is written.
 */
export class DatabaseSessionStore implements ServerSessionStore {
  readonly #server: Application
  readonly #table: string
  readonly #maxAgeMs: number
  #prunedAt = 0

  /** @throws ConfigError naming the option that doesn't exist or has a wrong value */
  constructor(server: Application, options: DatabaseSessionStoreOptions = {}) {
    const { table, maxAgeMs } = databaseSessionStoreOptions.parse(options)
    this.#server = server
    this.#table = table
    this.#maxAgeMs = maxAgeMs
  }

  /** Creates the table where it is missing; in a test transaction, which would undo it, nothing is done. The start calls this. */
  async prepare(): Promise<void> {
    if (databaseOf(this.#server).isInTransaction || (await this.#isThere())) return
    try {
      await this.#db.schema
        .createTable(this.#table)
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('data', 'text')
        .addColumn('expires', 'bigint')
        .execute()
    } catch (error) {
      // Another process may have been faster.
      if (!(await this.#isThere())) throw error
    }
  }

  get(id: string, respond: (error?: unknown, session?: StoredSession | null) => void): void {
    this.#run(() => this.#read(hash(id))).then((session) => respond(null, session), respond)
  }

  set(id: string, session: StoredSession, respond: Done = () => {}): void {
    const values = { data: toAscii(JSON.stringify(session)), expires: endOf(session, this.#maxAgeMs) }
    this.#run(() => this.#write(hash(id), values)).then(() => respond(), respond)
  }

  destroy(id: string, respond: Done = () => {}): void {
    this.#run(() => this.#db.deleteFrom(this.#table).where('id', '=', hash(id)).execute()).then(
      () => respond(),
      respond,
    )
  }

  touch(id: string, session: StoredSession, respond: Done = () => {}): void {
    this.#run(() => this.#update(hash(id), { expires: endOf(session, this.#maxAgeMs) })).then(() => respond(), respond)
  }

  /** Removes the rows of expired sessions. The store also does this by itself. */
  async prune(): Promise<void> {
    await this.#db.deleteFrom(this.#table).where('expires', '<=', Date.now()).execute()
  }

  get #db(): Kysely<Record<string, Row>> {
    return this.#server.db() as Kysely<Record<string, Row>>
  }

  /** Where the table is missing, as in a database that took the place of another, it is created and the query is tried again. */
  async #run<T>(query: () => Promise<T>): Promise<T> {
    try {
      return await query()
    } catch (error) {
      if (!isMissingTable(error)) throw error
      await this.prepare()
      return query()
    }
  }

  async #read(id: string): Promise<StoredSession | undefined> {
    const row = await this.#db.selectFrom(this.#table).selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined || Number(row.expires) <= Date.now()) return undefined
    const session = JSON.parse(row.data) as StoredSession
    // `touch` renews only the end.
    if (session.cookie.expires) session.cookie.expires = new Date(Number(row.expires))
    return session
  }

  async #write(id: string, values: Omit<Row, 'id'>): Promise<void> {
    await this.#pruneInTime()
    // Without `on conflict`, which not all databases have.
    if (await this.#update(id, values)) return
    try {
      await this.#db
        .insertInto(this.#table)
        .values({ id, ...values })
        .execute()
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      await this.#update(id, values)
    }
  }

  /** Resolves to whether the row is there. */
  async #update(id: string, values: Partial<Row>): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable(this.#table)
      .set(values)
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  async #pruneInTime(): Promise<void> {
    const now = Date.now()
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    await this.prune()
  }

  async #isThere(): Promise<boolean> {
    try {
      await this.#db.selectFrom(this.#table).select('id').limit(1).execute()
      return true
    } catch (error) {
      if (isMissingTable(error)) return false
      throw error
    }
  }
}

/** An id may have any length and any characters, which databases compare in different ways. */
function hash(id: string): string {
  return crypto().createHash('sha256').update(id).digest('hex')
}

/** Whatever the character set of the table is. */
function toAscii(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

import { within } from '../../../kit.ts'
import { REPORT_LIFE_MS, type Store, type Stored, type StoreSession } from './store.ts'
import { checkDocumentSize, emptyError, MAX_DOCUMENT_SIZE } from './store-document.ts'

/** What is used of a `Client` of the package `pg`. */
export interface PostgresClient {
  query(sql: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>
  on(event: 'notification', listener: (told: Told) => void): unknown
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown
  off(event: 'notification', listener: (told: Told) => void): unknown
  off(event: 'error' | 'end', listener: (error: Error) => void): unknown
}

interface Told {
  readonly channel: string
}

/** A client that a session has created. */
export interface OwnPostgresClient extends PostgresClient {
  connect(): Promise<unknown>
  end(): Promise<unknown>
  readonly connection: { readonly stream: { destroy(): void } }
}

/** Where a document is in PostgreSQL, and by which client it is read. */
export interface PostgresTarget {
  readonly place: string
  /** Quoted, as the names below. */
  readonly table: string
  readonly instances: string
  readonly key: string
  readonly channel: string
  /** Of the application; else each session creates one. */
  readonly client: PostgresClient | undefined
  readonly createClient: () => OwnPostgresClient
}

/** A document in a row of PostgreSQL, beside its revision. */
export class PostgresStore implements Store {
  readonly place: string
  readonly advice: string
  readonly #target: PostgresTarget

  constructor(target: PostgresTarget) {
    this.#target = target
    this.place = target.place
    this.advice = `insert a row into ${target.table}, or write one by the method "write" of the provider`
  }

  createSession(onLost: (error: Error) => void): PostgresSession {
    return new PostgresSession(this.#target, onLost)
  }

  /** Creates the tables that are missing. */
  async setup(): Promise<void> {
    const session = this.createSession(() => {})
    try {
      await session.connect()
      await session.setup()
    } finally {
      await session.close()
    }
  }

  guard(): () => void {
    const { client } = this.#target
    const ignore = () => {}
    client?.on('error', ignore)
    return () => void client?.off('error', ignore)
  }
}

/** A table that isn't there. */
const UNDEFINED_TABLE = '42P01'

/** One connection for all: PostgreSQL tells of changes between the answers to queries. */
export class PostgresSession implements StoreSession {
  readonly #target: PostgresTarget
  readonly #client: PostgresClient
  readonly #own: OwnPostgresClient | undefined
  readonly #lost: (error?: Error) => void
  /** Its end: pg is given one query after the other. */
  #queries: Promise<unknown> = Promise.resolve()
  #onNotification: ((told: Told) => void) | undefined

  constructor(target: PostgresTarget, onLost: (error: Error) => void) {
    this.#target = target
    this.#own = target.client === undefined ? target.createClient() : undefined
    this.#client = target.client ?? (this.#own as OwnPostgresClient)
    this.#lost = (error = new Error('the connection was closed')) => onLost(error)
    this.#client.on('error', this.#lost)
    this.#client.on('end', this.#lost)
  }

  async connect(): Promise<void> {
    await (this.#own?.connect() ?? this.ping())
  }

  async subscribe(onChange: () => void): Promise<void> {
    const { channel } = this.#target
    this.#onNotification = (told) => {
      if (told.channel === channel) onChange()
    }
    this.#client.on('notification', this.#onNotification)
    await this.#ask(`listen ${quoteName(channel)}`)
  }

  ping(): Promise<unknown> {
    return this.#ask('select 1')
  }

  async read(): Promise<Stored | undefined> {
    const { table, key } = this.#target
    const text = 'document::text'
    const [row] = await this.#query<{ document: string | null; size: number; revision: string }>(
      `select octet_length(${text}) as size, revision, case when octet_length(${text}) <= ${MAX_DOCUMENT_SIZE} then ${text} end as document from ${table} where key = $1`,
      [key],
    )
    if (row === undefined) return undefined
    checkDocumentSize(row.size)
    if (row.document === null) return undefined
    return { document: row.document, revision: Number(row.revision) }
  }

  /** In one statement, and so in one transaction, at whose end the change is told. */
  async write(text: string): Promise<number> {
    const { table, key, channel } = this.#target
    const [row] = await this.#query<{ revision: string }>(
      `with written as (
         insert into ${table} as held (key, document, revision) values ($1, $2, 1)
         on conflict (key) do update set document = excluded.document, revision = held.revision + 1
         returning revision
       ) select revision, pg_notify($3, revision::text) from written`,
      [key, text, channel],
    )
    return Number(row?.revision)
  }

  /** Also removes the rows of processes that have ended without doing so. */
  report(id: string, text: string): Promise<unknown> {
    const { instances, key } = this.#target
    return this.#query(
      `with gone as (delete from ${instances} where id <> $2 and reported_at < ${deadline})
       insert into ${instances} (key, id, report, reported_at) values ($1, $2, $3, now())
       on conflict (key, id) do update set report = excluded.report, reported_at = now()`,
      [key, id, text],
    )
  }

  retract(id: string): Promise<unknown> {
    const { instances, key } = this.#target
    return this.#query(`delete from ${instances} where key = $1 and id = $2`, [key, id])
  }

  async reports(): Promise<readonly string[]> {
    const { instances, key } = this.#target
    const rows = await this.#query<{ report: string }>(
      `select report::text from ${instances} where key = $1 and reported_at >= ${deadline}`,
      [key],
    )
    return rows.map(({ report }) => report)
  }

  /** Creates the tables that are missing. */
  setup(): Promise<unknown> {
    const { table, instances } = this.#target
    return this.#ask(
      `create table if not exists ${table} (key text primary key, document json not null, revision bigint not null default 1);
       create table if not exists ${instances} (key text, id text, report json not null, reported_at timestamptz not null, primary key (key, id))`,
    )
  }

  async close(): Promise<void> {
    const client = this.#client
    if (this.#onNotification !== undefined) client.off('notification', this.#onNotification)
    if (this.#own === undefined) {
      client.off('error', this.#lost)
      client.off('end', this.#lost)
      if (this.#onNotification !== undefined)
        await this.#ask(`unlisten ${quoteName(this.#target.channel)}`).catch(() => {})
    } else {
      // The listeners stay: without one, an error that comes late would end the process.
      await within(500, this.#own.end()).catch(() => {})
      this.#own.connection.stream.destroy()
    }
  }

  #ask(sql: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }> {
    const answer = this.#queries.then(() => this.#client.query(sql, values))
    this.#queries = answer.catch(() => {})
    return answer
  }

  async #query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    try {
      const { rows } = await this.#ask(sql, values)
      return rows as Row[]
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error
      throw emptyError(
        `${(error as Error).message}: create it as docs/dynamic-configuration.md says, or call the method "setup" of the provider`,
        error,
      )
    }
  }
}

const deadline = `now() - interval '${REPORT_LIFE_MS} milliseconds'`

/** Quotes a name of SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

import type { Client, ClientConfig } from 'pg'
import { defineOptions, isObject, onDemand, option, type OptionTable, text } from '../../kit.ts'
import { clientPackage, missingPackage } from './store/client-package.ts'
import { isUrl, placeOfUrl } from './store/url.ts'
import { type OwnPostgresClient, type PostgresClient, PostgresStore, quoteName } from './store/postgres-store.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'

/** The options of `postgresProvider`: one of `url`, `options`, `pool` and `client`. */
export interface PostgresProviderOptions extends StoreProviderOptions {
  /** Such as `postgres://user:password@10.0.0.5:5432/name`. One connection is opened, and closed with the server. */
  url?: string
  /** Options of `Client` of the package `pg`, beside or instead of the url. */
  options?: object
  /** A pool of the package `pg`. Its options are used; the connection isn't one of the pool, since it has to stay. */
  pool?: PostgresPool
  /** A connected `Client` of the package `pg`. It is used as it is and not closed. It doesn't connect again, and neither does the provider. */
  client?: PostgresClient
  /** Such as `tribind_configuration`, also with a schema. That of the processes is `TABLE_instances`. Default `tribind_configuration`. */
  table?: string
  /** The key of the row. Default `default`. */
  key?: string
  /** The channel on which changes are told. Default the name of the table. */
  channel?: string
}

/** What is used of a pool of the package `pg`. */
export interface PostgresPool {
  readonly options: object
}

type Named = 'table' | 'key' | 'channel'
type ReadOptions = ReadStoreProviderOptions & PostgresProviderOptions & Required<Pick<PostgresProviderOptions, Named>>

/** PostgreSQL cuts longer names, and then no longer finds them. */
const MAX_NAME = 63
const INSTANCES = '_instances'

interface DerivedName {
  readonly createDefault: (earlier: Readonly<Record<string, unknown>>) => string
  readonly defaultText: string
}

const table: OptionTable<PostgresProviderOptions, ReadOptions> = defineOptions(
  {
    ...storeRows('postgres'),
    url: option<string>(isUrl, 'a URL such as postgres://10.0.0.5/name', { secret: true }),
    options: option<object>(isObject, 'an object of options of the package "pg"', { secret: true }),
    pool: option<PostgresPool>(isPool, 'a pool of the package "pg"'),
    client: option<PostgresClient>(isClient, 'a client of the package "pg"'),
    table: option<string, { default: string }>(
      isTable,
      `the name of a table, also with a schema, of at most ${MAX_NAME - INSTANCES.length} bytes each`,
      { default: 'tribind_configuration' },
    ),
    key: text({ default: 'default' }),
    channel: option<string, DerivedName>(isName, `a name of at most ${MAX_NAME} bytes`, {
      createDefault: ({ table }) => table as string,
      defaultText: 'the name of the table',
    }),
  },
  { owner: 'postgresProvider', check: findProblem },
)

const load = onDemand<{ readonly Client: new (config: ClientConfig) => Client }>('pg', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('pg')
  } catch (error) {
    throw missingPackage('postgresProvider', 'pg', error)
  }
})

/** Publishes the JSON document in a row of PostgreSQL. */
export class PostgresProvider extends StoreProvider {
  readonly #store: PostgresStore

  constructor(store: PostgresStore, options: ReadStoreProviderOptions) {
    super(store, options)
    this.#store = store
  }

  /** Creates the tables of the document and of the processes, where they are missing. */
  setup(): Promise<void> {
    return this.#store.setup()
  }
}

/** Publishes the JSON document in a row of PostgreSQL, and what it becomes. @throws ConfigError naming an option that is wrong, or the package `pg` where it isn't there */
export function postgresProvider(given: PostgresProviderOptions): PostgresProvider {
  const options = table.parse(given)
  const { url, client, key, channel } = options
  const pg = client === undefined ? clientPackage('postgresProvider', 'pg', load) : undefined
  const config = clientConfig(options)
  const store = new PostgresStore({
    place: `PostgreSQL${placeOfUrl(url)}, table ${options.table}, key "${key}"`,
    table: quoteTable(options.table),
    instances: quoteTable(options.table + INSTANCES),
    key,
    channel,
    client,
    createClient: () => new (pg as NonNullable<typeof pg>).Client(config) as unknown as OwnPostgresClient,
  })
  return new PostgresProvider(store, options)
}

/** Those of a pool as they are: its password can't be listed. */
function clientConfig({ url, options, pool }: ReadOptions): object {
  if (pool !== undefined) return pool.options
  return {
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    ...options,
    ...(url !== undefined && { connectionString: url }),
  }
}

function quoteTable(name: string): string {
  return name.split('.').map(quoteName).join('.')
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0') && Buffer.byteLength(value) <= MAX_NAME
}

function isTable(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const parts = value.split('.')
  return parts.length <= 2 && parts.every((part) => part !== '' && isName(part + INSTANCES))
}

function isPool(value: unknown): boolean {
  return isObject(value) && isObject((value as Partial<PostgresPool>).options)
}

/** Not a pool: it would listen on one connection, and ask on another. */
function isClient(value: unknown): boolean {
  if (!isObject(value) || 'totalCount' in value) return false
  return typeof Reflect.get(value, 'query') === 'function' && typeof Reflect.get(value, 'on') === 'function'
}

function findProblem({ url, options, pool, client }: ReadOptions): string | undefined {
  const ways = [url ?? options, pool, client].filter((way) => way !== undefined)
  return ways.length === 1 ? undefined : 'set one of the options "url" (or "options"), "pool" and "client"'
}

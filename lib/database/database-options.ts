import type { Dialect } from 'kysely'
import type { Duration } from '../index.ts'
import {
  type Complete,
  defineOptions,
  duration,
  flag,
  integer,
  isObject,
  type OptionTable,
  option,
  text,
} from '../kit.ts'

/** The clients by name. `none` is no database, for configurations. */
export type ClientName = 'postgres' | 'mysql' | 'sqlite' | 'none'

/** The options of `database()`. Those of other clients than the chosen one have no effect, so that a configuration can have them all. */
export interface DatabaseOptions {
  /** `mysql` is MariaDB too. A dialect of Kysely brings its own connections, of which `max` are used at once. */
  client: ClientName | Dialect
  /** Such as `postgres://user:password@host:5432/name`; parts that it lacks may be options. */
  url?: string
  /** The name of the machine, or a path of Unix sockets. Default `localhost`. */
  host?: string
  /** Default 5432, or 3306 for MySQL. */
  port?: number
  /** The name of the database. */
  name?: string
  user?: string
  password?: string
  /** The file of SQLite; `:memory:` for one that lives as long as the server. */
  file?: string
  /** Whether to connect over TLS, or the options of `tls.connect`. Default false. */
  ssl?: boolean | object
  /** How many connections may be open. SQLite has one. Default 10. */
  max?: number
  /** How many connections stay open while they are idle. Default 0. */
  min?: number
  /** How long a connection stays open while it is idle. 0 for ever. Default 30 s. */
  idleTimeout?: Duration
  /** How old a connection gets. 0 for any age. Default 5 minutes. */
  maxLifetime?: Duration
  /** How long a connection may take to be established, and the ping of the start to be answered. Default 5 s. */
  connectTimeout?: Duration
  /** How long a query waits for a connection. Default 10 s. */
  acquireTimeout?: Duration
  /** How long a query may take before the database ends it. 0 for ever. MySQL ends queries alone that read. Default 30 s. */
  queryTimeout?: Duration
  /** How long a query may take before it is logged. Default: none is. */
  slowQuery?: Duration
  /** Whether the start fails if the database doesn't answer. Default true. */
  ping?: boolean
  /** Options of the driver: `pg`, `mysql2`, or the library of SQLite. */
  options?: object
}

/** The options with their defaults, times in milliseconds. */
export type ReadDatabaseOptions = Complete<
  Omit<DatabaseOptions, TimeName | 'slowQuery'>,
  'url' | 'host' | 'port' | 'name' | 'user' | 'password' | 'file' | 'ssl'
> & { readonly [Name in TimeName]: number } & { readonly slowQuery?: number }

type TimeName = 'idleTimeout' | 'maxLifetime' | 'connectTimeout' | 'acquireTimeout' | 'queryTimeout'

const names: readonly unknown[] = ['postgres', 'mysql', 'sqlite', 'none'] satisfies ClientName[]

/** The table of the options of `database()`. */
export const databaseOptions: OptionTable<DatabaseOptions, ReadDatabaseOptions> = defineOptions(
  {
    client: option(
      (value) => names.includes(value) || isDialect(value),
      'postgres, mysql, sqlite, none or a dialect of Kysely',
      {
        required: true,
      },
    ),
    url: text({ secret: true }),
    host: text({ defaultText: '`localhost`' }),
    port: integer({ from: 1, to: 65_535 }, { defaultText: '5432 or 3306' }),
    name: text(),
    user: text(),
    password: option((value) => typeof value === 'string', 'a string', { secret: true }),
    file: text(),
    ssl: option(
      (value) => typeof value === 'boolean' || isObject(value),
      'true, false or an object of options for TLS',
      {
        secret: true,
      },
    ),
    max: integer({ from: 1 }, { default: 10 }),
    min: integer({ from: 0 }, { default: 0 }),
    idleTimeout: duration(0, { default: 30_000 }),
    maxLifetime: duration(0, { default: 300_000 }),
    connectTimeout: duration(1, { default: 5000 }),
    acquireTimeout: duration(1, { default: 10_000 }),
    queryTimeout: duration(0, { default: 30_000 }),
    slowQuery: duration(0),
    ping: flag({ default: true }),
    options: option(isObject, 'an object of options for the driver', {
      default: {},
      defaultText: 'none',
      secret: true,
    }),
  },
  {
    check: ({ min, max }, place) =>
      min > max ? `option "${place}min" must be at most "${place}max" (${max}), got ${min}` : undefined,
  },
)

function isDialect(value: unknown): value is Dialect {
  return isObject(value) && typeof (value as Partial<Dialect>).createDriver === 'function'
}

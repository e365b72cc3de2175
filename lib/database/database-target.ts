import { ConfigError } from '../index.ts'
import type { ClientName, ReadDatabaseOptions } from './database-options.ts'

/** Where a database is, and how to log in. */
export interface DatabaseTarget {
  readonly host: string
  readonly port: number
  readonly name: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** Of SQLite. */
  readonly file: string
  readonly ssl: boolean | object
  /** Options of the driver. */
  readonly options: object
}

type Parts = Partial<Pick<DatabaseTarget, 'host' | 'port' | 'name' | 'user' | 'password' | 'file' | 'ssl' | 'options'>>

const clients: Readonly<Record<string, ClientName>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'sqlite:': 'sqlite',
  'file:': 'sqlite',
}

const defaultPorts: Readonly<Record<string, number>> = { postgres: 5432, mysql: 3306 }

/** What `sslmode` in a URL means, as in libpq, except that `prefer` isn't there: it would be no protection. */
const sslModes: Readonly<Record<string, boolean | object>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  'no-verify': { rejectUnauthorized: false },
  'verify-ca': true,
  'verify-full': true,
}

/** Returns where a database is, from its URL and the options. @throws ConfigError if they don't fit together */
export function readTarget(options: ReadDatabaseOptions): DatabaseTarget {
  const client = options.client as ClientName
  const { url, host, port, name, user, password, file, ssl } = options
  const given: Parts = Object.fromEntries(
    Object.entries({ host, port, name, user, password, file, ssl }).filter(([, value]) => value !== undefined),
  )
  const fromUrl = url === undefined ? {} : readUrl(url, client)
  for (const part of Object.keys(given)) {
    if (part in fromUrl)
      throw conflict(`option "database.${part}" contradicts "database.url", which has it too: set one or the other`)
  }
  const parts: Parts = { ...fromUrl, ...given }
  if (client === 'sqlite' && parts.file === undefined)
    throw new ConfigError('option "database.file" is required for sqlite: the path of a file, or ":memory:"', {
      failure: 'ERR_TRIBIND_OPTION_MISSING',
    })
  return {
    host: parts.host ?? 'localhost',
    port: parts.port ?? defaultPorts[client] ?? 0,
    name: parts.name,
    user: parts.user,
    password: parts.password,
    file: parts.file ?? '',
    ssl: parts.ssl ?? false,
    options: { ...fromUrl.options, ...options.options },
  }
}

function readUrl(text: string, client: ClientName): Parts {
  if (client === 'sqlite' && /^(sqlite|file):/.test(text)) return { file: fileOf(text) }
  const url = parseUrl(text)
  const actual = clients[url.protocol]
  if (actual !== client)
    throw conflict(
      `option "database.url" must be a URL of ${client}, as "database.client" says, got one that begins with ${url.protocol}//`,
    )
  const { host: hostField, sslmode, ...options } = Object.fromEntries(url.searchParams)
  const host = hostField || decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1')
  return {
    ...(host && { host }),
    ...(url.port && { port: Number(url.port) }),
    ...(url.pathname.length > 1 && { name: decodeURIComponent(url.pathname.slice(1)) }),
    ...(url.username && { user: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(sslmode !== undefined && { ssl: readSslMode(sslmode) }),
    options,
  }
}

/** The path in `sqlite:app.db`, `sqlite:///var/app.db`, `sqlite::memory:` and `file:app.db`. */
function fileOf(text: string): string {
  return decodeURIComponent(text.replace(/^\w+:(\/\/)?/, ''))
}

function parseUrl(text: string): URL {
  try {
    // `new URL` refuses a host that is a path, and an empty one before a user.
    return new URL(text)
  } catch {
    // Without the cause, which has the URL and thereby the password.
    throw new ConfigError('option "database.url" must be a URL such as postgres://user:password@host:5432/name', {
      failure: 'ERR_TRIBIND_OPTION_VALUE',
    })
  }
}

function readSslMode(mode: string): boolean | object {
  const ssl = sslModes[mode]
  if (ssl !== undefined) return ssl
  throw new ConfigError(
    `option "database.url": "sslmode" must be one of ${Object.keys(sslModes).join(', ')}, got ${JSON.stringify(mode)}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}

function conflict(problem: string): ConfigError {
  return new ConfigError(problem, { failure: 'ERR_TRIBIND_OPTION_CONFLICT' })
}

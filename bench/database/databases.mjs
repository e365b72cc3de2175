// The databases to measure on: SQLite, and those of POSTGRES_URL and MARIADB_URL. Each as options of `database()` and as a dialect
// of Kysely on the same client.

import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import Libsql from 'libsql'
import { createPool } from 'mysql2'
import pg from 'pg'

const file = join(tmpdir(), `tribind-bench-${process.pid}.db`)
process.on('exit', () => ['', '-wal', '-shm'].forEach((end) => rmSync(file + end, { force: true })))

export const databases = [
  {
    name: 'SQLite (libsql)',
    options: { client: 'sqlite', file },
    createDialect() {
      const database = new Libsql(file)
      database.exec('pragma busy_timeout = 5000; pragma journal_mode = wal; pragma foreign_keys = on')
      return new SqliteDialect({ database })
    },
    key: 'integer primary key',
  },
  {
    name: 'PostgreSQL',
    options: { client: 'postgres', url: process.env.POSTGRES_URL },
    createDialect: () =>
      new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: 10 }) }),
    key: 'serial primary key',
  },
  {
    name: 'MariaDB',
    options: { client: 'mysql', url: process.env.MARIADB_URL },
    createDialect: () => new MysqlDialect({ pool: createPool({ uri: process.env.MARIADB_URL, connectionLimit: 10 }) }),
    key: 'integer primary key auto_increment',
  },
].filter(({ options }) => options.file !== undefined || options.url !== undefined)

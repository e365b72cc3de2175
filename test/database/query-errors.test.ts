import { expect } from 'chai'
import { isForeignKeyViolation, isRetryable, isUniqueViolation } from 'tribind/database'

/** The errors of drivers as they were measured, by what they are. */
const measured = {
  unique: {
    'pg, postgres.js': { code: '23505', severity: 'ERROR' },
    mysql2: { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' },
    mariadb: { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' },
    'better-sqlite3, libsql': { code: 'SQLITE_CONSTRAINT_UNIQUE' },
    'better-sqlite3, libsql: the primary key': { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
    'node:sqlite': { code: 'ERR_SQLITE_ERROR', errcode: 2067, errstr: 'constraint failed' },
    'node:sqlite: the primary key': { code: 'ERR_SQLITE_ERROR', errcode: 1555, errstr: 'constraint failed' },
  },
  foreignKey: {
    'pg, postgres.js': { code: '23503' },
    'pg: restrict, from PostgreSQL 18': { code: '23001' },
    'mysql2: no parent': { code: 'ER_NO_REFERENCED_ROW_2', errno: 1452, sqlState: '23000' },
    'mysql2: a child': { code: 'ER_ROW_IS_REFERENCED_2', errno: 1451, sqlState: '23000' },
    'better-sqlite3, libsql': { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' },
    'libsql: restrict': { code: 'SQLITE_CONSTRAINT_TRIGGER', message: 'FOREIGN KEY constraint failed' },
    'node:sqlite': { code: 'ERR_SQLITE_ERROR', errcode: 787 },
    'node:sqlite: restrict': { code: 'ERR_SQLITE_ERROR', errcode: 1811, message: 'FOREIGN KEY constraint failed' },
  },
  retryable: {
    'pg: serialization': { code: '40001' },
    'pg: deadlock': { code: '40P01' },
    'pg: stopped': { code: '57P01' },
    'pg: the end of a connection': { message: 'Connection terminated unexpectedly' },
    'pg: a connection that had ended': { message: 'Client has encountered a connection error and is not queryable' },
    'mysql2: a connection that had ended': { message: "Can't add new command when connection is in closed state" },
    'mysql2: deadlock': { code: 'ER_LOCK_DEADLOCK', errno: 1213, sqlState: '40001' },
    'mysql2: lock wait': { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 },
    'mysql2: the end of a connection': { code: 'PROTOCOL_CONNECTION_LOST' },
    'any: refused': { code: 'ECONNREFUSED', errno: -111 },
    'better-sqlite3, libsql': { code: 'SQLITE_BUSY' },
    'node:sqlite': { code: 'ERR_SQLITE_ERROR', errcode: 5 },
  },
  none: {
    'pg: not null': { code: '23502' },
    'pg: syntax': { code: '42601' },
    'pg: statement timeout': { code: '57014' },
    'mysql2: no such table': { code: 'ER_NO_SUCH_TABLE', errno: 1146 },
    'libsql: not null': { code: 'SQLITE_CONSTRAINT_NOTNULL' },
    'libsql: a trigger that refuses': { code: 'SQLITE_CONSTRAINT_TRIGGER', message: 'no' },
    'node:sqlite: not null': { code: 'ERR_SQLITE_ERROR', errcode: 1299 },
    'a plain error': { message: 'broken' },
  },
}

const ask = (error: unknown) => ({
  unique: isUniqueViolation(error),
  foreignKey: isForeignKeyViolation(error),
  retryable: isRetryable(error),
})

describe('errors of queries', () => {
  for (const [kind, errors] of Object.entries(measured)) {
    for (const [name, fields] of Object.entries(errors)) {
      it(`are told apart: ${kind}, ${name}`, () => {
        const none = { unique: false, foreignKey: false, retryable: false }
        const expected = kind === 'none' ? none : { ...none, [kind]: true }
        const error = Object.assign(new Error(), fields)
        expect(ask(error)).to.deep.equal(expected)
        expect(ask(new Error('Failed query', { cause: error })), 'wrapped').to.deep.equal(expected)
      })
    }
  }

  it('are nothing for what is no error, and for a cause that is its own', () => {
    const own = new Error('a')
    own.cause = own
    for (const value of [undefined, null, '23505', 1062, {}, own]) {
      expect(ask(value)).to.deep.equal({ unique: false, foreignKey: false, retryable: false })
    }
  })
})

/** What a driver puts on its errors. */
interface DriverError {
  /** PostgreSQL: the SQLSTATE. MySQL, MariaDB, SQLite and Node.js: a name. */
  readonly code?: unknown
  /** MySQL and MariaDB. */
  readonly errno?: unknown
  /** `node:sqlite`, whose `code` is the same for all errors. */
  readonly errcode?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

/** The codes of one kind of error. */
interface Kind {
  /** Of PostgreSQL, by pg, postgres.js and PGlite. */
  readonly states: readonly unknown[]
  /** What better-sqlite3, libsql, Node.js and drivers call it. */
  readonly names: readonly unknown[]
  /** Of MySQL and MariaDB. */
  readonly numbers: readonly unknown[]
  /** Of SQLite, extended ones too. */
  readonly sqlite: readonly unknown[]
}

const uniqueViolation: Kind = {
  states: ['23505'],
  names: ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID'],
  numbers: [1022, 1062, 1169, 1586, 1859],
  sqlite: [1555, 2067, 2579],
}

const foreignKeyViolation: Kind = {
  // PostgreSQL 18 has a code of its own for `on delete restrict`.
  states: ['23503', '23001'],
  names: ['SQLITE_CONSTRAINT_FOREIGNKEY'],
  numbers: [1216, 1217, 1451, 1452],
  sqlite: [787],
}

/** What was rolled back because of others, and what didn't reach the server. */
const conflict: Kind = {
  // Serialization failure, deadlock, lock not available.
  states: ['40001', '40P01', '55P03'],
  names: [
    'SQLITE_BUSY',
    'SQLITE_BUSY_RECOVERY',
    'SQLITE_BUSY_SNAPSHOT',
    'SQLITE_BUSY_TIMEOUT',
    'SQLITE_LOCKED',
    'SQLITE_LOCKED_SHAREDCACHE',
  ],
  // The record has changed (MariaDB 11), lock wait timeout, deadlock.
  numbers: [1020, 1205, 1213],
  sqlite: [5, 261, 517, 773, 6, 262],
}

const lostConnection: Kind = {
  // Connection exceptions, too many connections, a server that shuts down, has crashed or starts.
  states: ['08000', '08001', '08003', '08004', '08006', '53300', '57P01', '57P02', '57P03'],
  names: [
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'PROTOCOL_CONNECTION_LOST',
    // Of postgres.js.
    'CONNECTION_CLOSED',
    'CONNECTION_ENDED',
    'CONNECTION_DESTROYED',
    'CONNECT_TIMEOUT',
  ],
  // Too many connections, shutdown, killed, gone away, lost, closed after a time.
  numbers: [1040, 1053, 1927, 2006, 2013, 4031],
  sqlite: [],
}

const missingTable: Kind = { states: ['42P01'], names: [], numbers: [1146], sqlite: [] }

/** Returns whether a query failed because a value that must be unique is there already, also as `cause` of the error. */
export function isUniqueViolation(error: unknown): boolean {
  return isOf(uniqueViolation, error)
}

/** Returns whether a query failed because a row refers to one that isn't there, or is referred to, also as `cause`. */
export function isForeignKeyViolation(error: unknown): boolean {
  // SQLite reports `on delete restrict` as the failure of a trigger.
  return isOf(foreignKeyViolation, error) || chainOf(error).some(isRestriction)
}

/**
 * Returns whether what failed may succeed when it is tried again as a whole, also as `cause`: after a deadlock, a
 * serialization failure, a lock that was waited for too long, a busy SQLite, or a connection that was refused or lost.
 *
 * A connection that is lost during a commit leaves open whether it was committed: repeat only what may be done twice.
 */
export function isRetryable(error: unknown): boolean {
  return isOf(conflict, error) || isOf(lostConnection, error) || chainOf(error).some(isEndOfConnection)
}

/** Returns whether a query failed because its table doesn't exist. */
export function isMissingTable(error: unknown): boolean {
  // Of SQLite's errors, only the message says it.
  return isOf(missingTable, error) || String((error as DriverError).message).startsWith('no such table: ')
}

function isOf({ states, names, numbers, sqlite }: Kind, error: unknown): boolean {
  return chainOf(error).some(
    ({ code, errno, errcode }) =>
      states.includes(code) || names.includes(code) || numbers.includes(errno) || sqlite.includes(errcode),
  )
}

function isRestriction({ code, errcode, message }: DriverError): boolean {
  return (code === 'SQLITE_CONSTRAINT_TRIGGER' || errcode === 1811) && message === 'FOREIGN KEY constraint failed'
}

/** What pg and mysql2 report without a code: a connection that ends in the middle of a query, and one that had ended before. */
const endOfConnection =
  /^(?:Connection terminated|Client has encountered a connection error|Can't add new command when connection is in closed)/

function isEndOfConnection({ message }: DriverError): boolean {
  return typeof message === 'string' && endOfConnection.test(message)
}

/** Tools on top of a driver wrap its errors. */
function chainOf(error: unknown): readonly DriverError[] {
  const chain: DriverError[] = []
  for (let one = error; typeof one === 'object' && one !== null && chain.length < 10; one = (one as DriverError).cause)
    chain.push(one as DriverError)
  return chain
}

import type {
  ConnectionProvider,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
} from 'kysely'
import { DatabaseError, type DatabaseHost } from '../index.ts'
import { CommitQueue } from './commit-queue.ts'
import { takeWaiting } from './after-commit.ts'
import type { AppConnection } from './app-connection.ts'
import type { Engine } from './engine.ts'
import { kyselyPackage } from './kysely.ts'

const handles = new WeakMap<DatabaseHost, Handle>()

/** Returns the handle of a server, of which there is one. */
export function handleOf(host: DatabaseHost): Handle {
  let handle = handles.get(host)
  if (handle === undefined) handles.set(host, (handle = new Handle(host)))
  return handle
}

/** Provides connections in place of the pool. */
export interface Detour {
  provide<T>(consumer: (connection: AppConnection) => Promise<T>): Promise<T>
}

/** One `Kysely` for a server's life. What it asks goes to the database that the server has at that time. */
export class Handle implements ConnectionProvider {
  /** A test transaction. */
  detour: Detour | undefined
  readonly #host: DatabaseHost
  #engine: (() => Engine) | undefined
  #kysely: Kysely<unknown> | undefined

  constructor(host: DatabaseHost) {
    this.#host = host
  }

  get kysely(): Kysely<unknown> {
    return (this.#kysely ??= this.#create())
  }

  get engine(): Engine {
    if (this.#engine !== undefined) return this.#engine()
    throw new DatabaseError(`server "${this.#host.name}" has no database`, { failure: 'ERR_TRIBIND_DATABASE_CLOSED' })
  }

  /** Uses another database from now on. @param engine returns it, and makes it when it is first called */
  use(engine: () => Engine): void {
    this.#engine = engine
  }

  /** Lets Kysely use a connection. */
  provideConnection<T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    return this.detour === undefined ? this.provide(consumer) : this.detour.provide(consumer)
  }

  /** Lets a function use a connection of the pool. */
  async provide<T>(consumer: (connection: AppConnection) => Promise<T>): Promise<T> {
    const { pool, logger } = this.engine
    const acquired = pool.acquire()
    const connection = acquired instanceof Promise ? await acquired : acquired
    try {
      return await consumer(connection)
    } finally {
      const { afterCommit } = connection
      connection.afterCommit = undefined
      pool.release(connection)
      if (afterCommit?.isDue === true) await afterCommit.run(logger)
    }
  }

  #create(): Kysely<unknown> {
    const { Kysely, DefaultQueryExecutor } = kyselyPackage()
    const compiler: QueryCompiler = { compileQuery: (node, id) => this.engine.compiler.compileQuery(node, id) }
    const dialect: Dialect = {
      createAdapter: () => forwardAdapter(() => this.engine.adapter),
      createQueryCompiler: () => compiler,
      createDriver: () => driver,
      createIntrospector: (db): DatabaseIntrospector => this.engine.client.dialect.createIntrospector(db),
    }
    const executor = new DefaultQueryExecutor(compiler, dialect.createAdapter(), this)
    return new Kysely({ config: { dialect }, dialect, driver, executor })
  }
}

/** Does what Kysely asks on the connection itself. */
const driver: Driver = {
  init: async () => {},
  acquireConnection: () => Promise.reject(new Error('connections come from the provider')),
  releaseConnection: async () => {},
  destroy: () =>
    Promise.reject(
      new DatabaseError('the database of a server is closed by its stop, or by closeDb()', {
        failure: 'ERR_TRIBIND_DATABASE_CLOSED',
      }),
    ),
  async beginTransaction(connection, settings) {
    const own = connection as AppConnection
    await own.begin(settings)
    own.afterCommit = new CommitQueue()
  },
  async commitTransaction(connection) {
    const { afterCommit } = connection as AppConnection
    await takeWaiting()
    await (connection as AppConnection).commit()
    if (afterCommit !== undefined) afterCommit.isCommitted = true
  },
  async rollbackTransaction(connection) {
    await (connection as AppConnection).rollback()
  },
  async savepoint(connection, name) {
    await (connection as AppConnection).savepoint(name)
    ;(connection as AppConnection).afterCommit?.savepoint(name)
  },
  async rollbackToSavepoint(connection, name) {
    await (connection as AppConnection).rollbackTo(name)
    ;(connection as AppConnection).afterCommit?.rollbackTo(name)
  },
  async releaseSavepoint(connection, name) {
    await (connection as AppConnection).releaseSavepoint(name)
  },
}

/** Returns an adapter that is the current one in all, `instanceof` included. */
function forwardAdapter(current: () => DialectAdapter): DialectAdapter {
  return new Proxy({} as DialectAdapter, {
    get(_, key) {
      // Whatever the database: the pool has one connection or many, and makes callers wait.
      if (key === 'supportsMultipleConnections') return true
      const value: unknown = Reflect.get(current(), key)
      return typeof value === 'function' ? (value.bind(current()) as unknown) : value
    },
    getPrototypeOf: () => Object.getPrototypeOf(current()) as object,
  })
}

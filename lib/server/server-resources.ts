import type { NamedChain } from '../base/chain-types.ts'
import type { DatabaseHandle } from '../base/database-handle.ts'
import { StateError } from '../base/errors.ts'
import type { Registered, ValueOf, ValuesOf } from '../base/register.ts'
import type { Binder } from '../binding/binder.ts'
import { DomainRegistrar } from '../binding/domain.ts'
import type { ServerConfig } from '../http/application.ts'
import { runAsNoRequest } from '../observe/current-request.ts'
import type { Configuration } from './configuration.ts'
import type { Database } from './database.ts'
import type { NamedChains } from './named-chains.ts'
import type { ReadServerOptions } from './options.ts'
import type { CreateMiddleware, Provided } from './provided.ts'
import type { ServerConfiguration } from './server-configuration.ts'
import type { Rollback, ServerDatabase } from './server-database.ts'

/** The parts of a server that its resources come from. */
interface ResourceParts {
  readonly chains: NamedChains
  readonly configuration: ServerConfiguration
  readonly provided: Provided
  readonly database: ServerDatabase
}

/** What an application keeps at its server and asks it for: services, the configurations, the database and chains. */
export class ServerResources extends DomainRegistrar {
  readonly name: string
  readonly #config: Registered<'config', ServerConfig> | undefined
  readonly #parts: () => ResourceParts
  readonly #services = new Map<string, unknown>()

  constructor(binder: Binder, { name, config }: ReadServerOptions, parts: () => ResourceParts) {
    super(binder)
    this.name = name
    this.#config = config
    this.#parts = parts
  }

  /** The option `config`; its type is that of `config` in `Register`. @throws StateError if it isn't set */
  get config(): Registered<'config', ServerConfig> {
    if (this.#config !== undefined) return this.#config
    throw new StateError(
      `server "${this.name}" has no configuration: pass one as new Server({ config: await loadConfig({ … }) })`,
      { failure: 'ERR_TRIBIND_CONFIG_ABSENT' },
    )
  }

  /** Keeps an object of the application under a name. */
  registerService<Name extends string>(name: Name, service: ValueOf<'services', Name>): this {
    this.#services.set(name, service)
    return this
  }

  /** Returns a registered service. @throws StateError if the name isn't registered */
  service<Name extends keyof ValuesOf<'services'>>(name: Name): ValuesOf<'services'>[Name]
  service<T = unknown>(name: string): T
  service(name: string): unknown {
    if (!this.#services.has(name))
      throw new StateError(`no service "${name}" is registered: register it with registerService`, {
        failure: 'ERR_TRIBIND_SERVICE_UNKNOWN',
      })
    return this.#services.get(name)
  }

  /** Returns a registered service, or `undefined`. */
  lookupService<Name extends keyof ValuesOf<'services'>>(name: Name): ValuesOf<'services'>[Name] | undefined
  lookupService<T = unknown>(name: string): T | undefined
  lookupService(name: string): unknown {
    return this.#services.get(name)
  }

  /**
   * Returns the handle of the database, always the same object: with `tribind/database` a `Kysely`, typed by `db` of `Register`.
   *
   * @throws StateError if the server has no database
   */
  db(): DatabaseHandle {
    return this.#parts().database.handle
  }

  /** Returns whether the server has a database that isn't closed. */
  hasDb(): boolean {
    return this.#parts().database.isThere
  }

  /** Closes the database; connections in use have 5 s. Does nothing without one. The stop of the server closes it too. */
  closeDb(): Promise<void> {
    return runAsNoRequest(() => this.#parts().database.close())
  }

  /**
   * Opens another database, puts it in the place of the one before, and closes that. For tests. Handles of `db()` use the new one
   * from then on.
   *
   * @throws DatabaseError if it doesn't answer, nothing has changed then; StateError in a test transaction and after the stop
   */
  replaceDb(database: Database): Promise<void> {
    return runAsNoRequest(() => this.#parts().database.replace(database))
  }

  /**
   * Begins a test transaction: every query of this server runs in it, whoever captured `db()` and whenever. Transactions of the
   * application are savepoints in it.
   *
   * @returns the function that undoes all, once no request runs (it waits 5 s at most)
   * @throws StateError without a database, in a test transaction, and after the stop
   */
  transaction(): Promise<Rollback> {
    return runAsNoRequest(() => this.#parts().database.transaction())
  }

  /** What is known of the configurations that providers publish. @throws StateError unless the option `configuration` is set */
  get configuration(): Configuration {
    return this.#parts().configuration.face
  }

  /**
   * Names a handler, an object or a class, which a service of a dynamic configuration binds by `use`.
   *
   * @throws ConfigError for a name that is taken, and for anything else
   */
  provide(name: string, endpoint: object): this {
    this.#parts().provided.provide(name, endpoint)
    return this
  }

  /**
   * Names a kind of middleware for dynamic configurations: what stands there under the name is what the function is called with.
   *
   * @throws ConfigError for a name that is taken, and for anything but a function
   */
  provideMiddleware(name: string, create: CreateMiddleware): this {
    this.#parts().provided.provideMiddleware(name, create)
    return this
  }

  /**
   * Returns a chain of the option `chains`, as `createChain` of `tribind/forward` does. The stop of the server closes it.
   *
   * @throws ChainError for a name that stands for nothing
   */
  chain(name: string): NamedChain {
    return this.#parts().chains.get(name)
  }
}

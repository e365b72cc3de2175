import type { NamedChain } from '../base/chain-types.ts'
import type { DatabaseHandle } from '../base/database-handle.ts'
import type { Registered, ValuesOf } from '../base/register.ts'
import type { Logger } from '../log/logger.ts'

/** The states of a server, in their order; none is ever left backwards. */
export type ServerState = 'created' | 'preparing' | 'ready' | 'stopped'

/** One registered route, hook, middleware or status handler, for one method and one domain. */
export interface RouteInfo {
  /** `ALL` for every method. */
  readonly method: string
  readonly route: string
  /** `''` for every host. */
  readonly domain: string
  readonly type: 'handler' | 'object' | 'controller' | 'websocket' | 'static' | 'hook' | 'middleware' | 'status'
  /** Of the function, or `Class.method`; of a static folder, its path. */
  readonly name: string
  /** The event of a hook, the status of a status handler. */
  readonly hook?: string
  /** The layer it is bound in; `undefined` for the layer `code`. */
  readonly layer?: string
  /** The name of the entry point where alone it serves; `undefined` where it is bound on the server. */
  readonly entryPoint?: string
  /** The higher goes first, among those of the same type. */
  readonly priority: number
}

/** What a server uses of its configuration; `Config` of `tribind/config` is the class behind it. */
export interface ServerConfig {
  readonly values: object
  /** Returns the value at a path such as `database.pool.max`. @throws ConfigError if there is none */
  get(path: string): unknown
  /** Whether a value is set at the path. */
  has(path: string): boolean
}

/** The server as requests and controllers see it; `Server` is the class behind it. */
export interface Application {
  readonly name: string
  readonly state: ServerState
  readonly logger: Logger
  /** The option `config`. @throws StateError if it isn't set */
  readonly config: Registered<'config', ServerConfig>
  /** The bound port of the first address; 0 for a Unix socket. */
  readonly port: number
  /** All bound addresses, such as `127.0.0.1:8199`. */
  readonly addresses: readonly string[]
  isReady(): boolean
  /** What is registered: routes in matching order, then WebSockets, static folders, hooks and status handlers in theirs, then middleware. */
  routes(): RouteInfo[]
  stop(): Promise<void>
  /** Returns a chain of the option `chains`. @throws ChainError for a name that stands for nothing */
  chain(name: string): NamedChain
  /** Returns the handle of the database, always the same. @throws StateError if the server has none */
  db(): DatabaseHandle
  /** Returns whether the server has a database that isn't closed. */
  hasDb(): boolean
  /** Returns the service of that name; its type is that of `services` in `Register`. @throws StateError if it isn't registered */
  service<Name extends keyof ValuesOf<'services'>>(name: Name): ValuesOf<'services'>[Name]
  service<T = unknown>(name: string): T
  /** Returns the service of that name, or `undefined` if it isn't registered. */
  lookupService<Name extends keyof ValuesOf<'services'>>(name: Name): ValuesOf<'services'>[Name] | undefined
  lookupService<T = unknown>(name: string): T | undefined
}

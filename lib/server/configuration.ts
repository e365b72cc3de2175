import type { JsonSchema } from '../options/option.ts'

/** What is wrong with a part of a configuration. */
export interface ConfigurationIssue {
  /** Such as `routes.cart.pattern`; `''` for the document as a whole. */
  readonly path: string
  readonly message: string
}

/** What became of a configuration that a provider published. */
export type Verdict =
  | { readonly applied: true; readonly version: number }
  | { readonly applied: false; readonly issues: readonly ConfigurationIssue[] }
  /** A newer one of the same provider came before it was its turn. */
  | { readonly applied: false; readonly superseded: true }

/** Where a provider publishes. After the abort of its signal, all calls are ignored. */
export interface ConfigurationSink {
  /**
   * Serves a configuration in place of the provider's last one. It is copied. `undefined`, `null` and `{}` change nothing.
   *
   * Never rejects.
   *
   * @param revision what the provider knows the configuration by, shown in the status
   */
  publish(configuration: unknown, revision?: string | number): Promise<Verdict>
  /** Takes away all that the provider has. Never rejects. */
  withdraw(): Promise<Verdict>
  /** Notes that the provider can't reach its source, or can't read what is there; what was published last goes on. */
  failed(error: Error): void
  /** Notes that the source was reached, also where nothing has changed. */
  alive(): void
}

/** Publishes a configuration, again and again. */
export interface ConfigurationProvider {
  /** Its routes are served by the layer `@NAME`. */
  readonly name: string
  /** Whether the start waits until a configuration of it is served. Default false. */
  readonly required?: boolean
  /**
   * Publishes what there is, and what it becomes, until the signal is aborted. Where it throws or rejects before, it is called again, after
   * 0.5 s at first and 30 s at most.
   */
  provide(sink: ConfigurationSink, signal: AbortSignal): unknown
  /** Reads and publishes at once. Default: the provider is started again. */
  reload?(): unknown
  /** Returns what the processes that share its source say of themselves. Default: there are no others. */
  instances?(): Promise<readonly InstanceStatus[]>
}

/** What a process says of what it serves, to the others that share a source of configurations. */
export interface InstanceStatus {
  /** Such as `host-4711`; its own for each process. */
  readonly id: string
  /** The revision that it serves. */
  readonly revision: string | number | undefined
  /** The version of its server. */
  readonly version: number
  /** When it wrote this, in milliseconds since 1970. */
  readonly reportedAt: number
  readonly issues: readonly ConfigurationIssue[]
}

/** What happens to a configuration of which a part is invalid. */
export type OnInvalid = 'refuse' | 'isolate'

/** What is known of a provider. Times are milliseconds since 1970. */
export interface ProviderStatus {
  readonly name: string
  readonly state: 'starting' | 'ok' | 'stale' | 'failed'
  readonly revision: string | number | undefined
  readonly lastPublishAt: number | undefined
  readonly lastContactAt: number | undefined
  readonly issues: readonly ConfigurationIssue[]
}

/** What is known of a route, a service or a middleware of a configuration. */
export interface PartStatus {
  /** Without `@provider`. */
  readonly name: string
  readonly provider: string
  /** `disabled` is what isn't in use because of an issue, `warning` what is in spite of one. */
  readonly status: 'enabled' | 'disabled' | 'warning'
  readonly issues: readonly ConfigurationIssue[]
  /** The qualified names of what refers to it, such as `cart@file`. */
  readonly usedBy: readonly string[]
}

/** What is served of the configurations of all providers, as a copy. */
export interface ConfigurationStatus {
  /** The version of the server in which it was last changed; 0 before. */
  readonly version: number
  /** In milliseconds since 1970. */
  readonly appliedAt: number | undefined
  /** Whether an older version is served, and what providers publish is held back. */
  readonly pinned: boolean
  readonly providers: readonly ProviderStatus[]
  readonly routes: readonly PartStatus[]
  readonly services: readonly PartStatus[]
  readonly middlewares: readonly PartStatus[]
}

/** A version that was served. */
export interface HistoryEntry {
  readonly version: number
  /** In milliseconds since 1970. */
  readonly appliedAt: number
  /** The providers whose configuration was another one in the version before. */
  readonly changed: readonly string[]
  /** The version that was brought back; `undefined` for one that providers published. */
  readonly rollbackOf?: number
  /** What was served, by the name of the provider. Frozen. */
  readonly configurations: Readonly<Record<string, object>>
}

/** The configurations that providers publish while the server serves; `server.configuration`. */
export interface Configuration {
  status(): ConfigurationStatus
  /**
   * Returns what would be wrong with a configuration in the place of a provider's. Changes nothing.
   *
   * @param provider default `api`
   */
  check(configuration: unknown, provider?: string): Promise<readonly ConfigurationIssue[]>
  /** Lists the latest versions, the newest first; the option `history` says how many. */
  history(): readonly HistoryEntry[]
  /**
   * Serves an older version as a new one, and holds back what providers publish until `resume`.
   *
   * @returns the new version
   * @throws ConfigError for a version that the history doesn't have; StateError unless the server is ready
   */
  rollback(version: number): Promise<{ readonly version: number }>
  /** Serves what providers publish again, beginning with the newest of each. Does nothing where nothing is held back. */
  resume(): Promise<void>
  /**
   * Makes providers read again: all, or the one of that name. Resolves when they have published, or have failed.
   *
   * @throws ConfigError for a name that no provider has
   */
  reload(provider?: string): Promise<void>
}

/** The provider `api`, which the administration publishes through. */
export interface ApiProvider {
  /** What is served of it, after a rollback that of the older version; `undefined` for nothing. Frozen. */
  readonly document: object | undefined
  /** Its changes don't wait for `throttle`. */
  set(configuration: object): Promise<Verdict>
  withdraw(): Promise<Verdict>
}

/** What is known of a node that requests are forwarded to. */
export interface ServiceNode {
  readonly name: string
  readonly addr: string
  /** Such as `up` and `down`. */
  readonly state: string
  /** How many failures have followed one another. */
  readonly fails: number
  readonly activeRequests: number
  readonly totalRequests: number
  readonly lastError: string | undefined
}

/** What the wing makes for a server. */
export interface ConfigurationPort {
  readonly face: Configuration
  /** After all providers of the options. */
  readonly api: ApiProvider
  /** Returns a configuration without its secrets. */
  redact(configuration: object): object
  /** Returns the nodes of the services that are served, by place and provider: `services.carts@file`, `routes.cart.service@file`. */
  nodes(): ReadonlyMap<string, readonly ServiceNode[]>
  /** The JSON Schema of a configuration, in the draft 2020-12. */
  readonly schema: JsonSchema
  /**
   * Starts the providers. Resolves when each required one has a configuration served.
   *
   * @throws ConfigError after `readyTimeout`, naming the provider and its last issue; the reason of the signal
   */
  start(signal: AbortSignal): Promise<void>
  /** Stops the providers at once; what is being applied comes to its end. Never rejects. */
  stop(): Promise<void>
}

import type { Command, ObserverOptions } from '../../index.ts'
import type {
  ChainNodeOptions,
  ConnectorType,
  DialerType,
  ForwardOptions,
  Interface,
  SelectorOptions,
} from '../../forward.ts'

/** What services run, whether files or URLs say so: with defaults, times in milliseconds, absolute paths, and names for all. */
export interface ServicesModel {
  readonly services: readonly ServiceModel[]
  readonly chains: readonly ChainModel[]
  readonly hops: readonly HopModel[]
  readonly observers: readonly ObserverModel[]
  readonly api?: ApiModel
}

/** Where a part was written. It is no part of what is said: two parts that differ in it alone are the same. */
export interface PartOrigin {
  /** The file as it was named, `standard input`, or the flag with its URL, without passwords: `-L http://:8080`. */
  readonly source: string
  /** In the file, such as `services.0`; empty for a URL. */
  readonly path: string
  /** From 1; left out where it isn't known. */
  readonly line?: number
}

/** What a service does with connections. */
export type HandlerType = 'app' | 'http' | 'socks5' | 'auto' | 'tcp' | 'forward'

/** A service: where it listens, and what answers there. It becomes an entry point of the same name. */
export interface ServiceModel {
  readonly origin: PartOrigin
  readonly name: string
  /** As the address of an entry point. */
  readonly addr: string
  readonly handler: {
    readonly type: HandlerType
    /** The name of a chain of the model. */
    readonly chain?: string
    readonly auth?: CredentialsModel
    readonly metadata: {
      /** The absolute path of the module of an `app`. */
      readonly module?: string
    }
  }
  readonly listener: {
    readonly type: 'tcp' | 'tls'
    /** Absolute paths. Always there for `tls`. */
    readonly tls?: { readonly certFile: string; readonly keyFile: string }
  }
  /** Always there for `tcp` and `forward`. What of it only `forward` takes is set for `forward` only. */
  readonly forwarder?: ForwarderModel
  /** The name of an observer of the model. */
  readonly observer?: string
  readonly metadata: ServiceMetadata
}

export interface CredentialsModel {
  readonly username: string
  readonly password: string
}

export interface ServiceMetadata {
  readonly enableStats: boolean
  readonly 'observer.period'?: number
  readonly 'observer.resetTraffic'?: boolean
  /** From where connections leave. */
  readonly interface?: Interface
  readonly preUp?: Commands
  readonly postUp?: Commands
  readonly preDown?: Commands
  readonly postDown?: Commands
  /** Whether the chain of `-F` isn't for this service. What has it has no `handler.chain` either. */
  readonly ignoreChain: boolean
}

/** Commands as the option of an entry point takes them. */
export type Commands = Command | readonly Command[]

/** Where a `tcp` or `forward` service sends connections or requests: options of `tcpForward` or `forward`. */
export interface ForwarderModel extends Omit<ForwardOptions, 'nodes' | 'selector' | 'chain' | 'interface'> {
  readonly nodes: readonly ForwarderNodeModel[]
  readonly selector: Required<SelectorOptions>
}

/** A node with all that `forward` takes; `tcpForward` takes those without `host`, `headers` and `tls`. */
export type ForwarderNodeModel = Exclude<ForwardOptions['nodes'][number], string | URL> & { readonly addr: string }

/** A chain: hops in order, each whole or by the name of one of the model. */
export interface ChainModel {
  readonly origin: PartOrigin
  readonly name: string
  readonly hops: readonly (Omit<HopModel, 'origin'> | { readonly name: string; readonly nodes?: undefined })[]
}

/** A hop, as `createChain` takes it. */
export interface HopModel {
  readonly origin: PartOrigin
  readonly name: string
  readonly interface?: Interface
  readonly selector: Required<SelectorOptions<'ip' | 'host'>>
  readonly retries?: number
  readonly nodes: readonly ChainNodeModel[]
}

export type ChainNodeModel = ChainNodeOptions & {
  readonly connector?: { readonly type: ConnectorType; readonly auth?: CredentialsModel }
  readonly dialer: { readonly type: DialerType }
}

/** Who is told. `period` and `resetTraffic` are in the metadata of each service. */
export interface ObserverModel {
  readonly origin: PartOrigin
  readonly name: string
  readonly plugin: {
    readonly type: 'http'
    readonly addr: string
    readonly timeout: number
  } & Pick<ObserverOptions, 'token'>
}

/** The administration. */
export interface ApiModel {
  readonly origin: PartOrigin
  readonly addr: string
  /** What the option `admin.token` is. */
  readonly auth?: { readonly token: string }
  readonly pathPrefix: string
  readonly dashboard: boolean
}

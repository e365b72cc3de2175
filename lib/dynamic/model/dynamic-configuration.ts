import type {
  BasicAuthOptions,
  CircuitBreakerOptions,
  CompressOptions,
  CorsOptions,
  Duration,
  ErrorPagesOptions,
  EtagOptions,
  FieldChanges,
  ForwardAuthOptions,
  InFlightOptions,
  RateLimitOptions,
  RedirectOptions,
  RedirectToHttpsOptions,
  RequestIdOptions,
  RetryOptions,
  SecurityHeadersOptions,
  StaticOptions,
} from '../../index.ts'
import type { ForwardOptions } from '../../forward/request/forward-options.ts'

/** A configuration of routes, as data. */
export interface DynamicConfiguration {
  readonly routes?: Readonly<Record<string, RouteConfiguration>>
  readonly services?: Readonly<Record<string, ServiceConfiguration>>
  readonly middlewares?: Readonly<Record<string, MiddlewareConfiguration>>
}

/** Which requests go to which service. */
export interface RouteConfiguration {
  /** `[METHOD:]route[@domain]`. */
  readonly pattern: string
  readonly service: ServiceReference
  /** The outermost first; they are for this route alone. */
  readonly middlewares?: readonly MiddlewareReference[]
  /** The names of those where alone it serves. Default: all. */
  readonly entryPoints?: readonly string[]
}

/** A name, with `@provider` for one of another provider, or a service that is written in its place. */
export type ServiceReference = string | ServiceConfiguration

/** A name, with `@provider` for one of another provider, or a middleware that is written in its place. */
export type MiddlewareReference = string | MiddlewareConfiguration

/** What an answer has beside its body. */
interface FixedHead {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** What answers requests. */
export type ServiceConfiguration =
  /** A name that `server.provide` was called with. */
  | { readonly use: string }
  | { readonly forward: ForwardOptions }
  | { readonly static: StaticOptions & { readonly root: string } }
  | { readonly redirect: RedirectOptions }
  | ({ readonly text: string } & FixedHead)
  | ({ readonly json: unknown } & FixedHead)
  | { readonly weighted: readonly { readonly service: ServiceReference; readonly weight?: number }[] }
  | {
      readonly mirror: {
        readonly service: ServiceReference
        readonly to: ServiceReference
        readonly percent?: number
        readonly maxBodySize?: number
      }
    }
  | {
      readonly failover: {
        readonly service: ServiceReference
        readonly fallback: ServiceReference
        readonly maxBodySize?: number
      }
    }

/** The middlewares that are ours, by the member that each has. */
interface OwnMiddlewares {
  readonly chain: readonly MiddlewareReference[]
  readonly addPrefix: string
  readonly stripPrefix: string
  readonly replacePath: string
  readonly headers: FieldChanges
  readonly basicAuth: Pick<BasicAuthOptions, 'users' | 'realm'>
  readonly forwardAuth: ForwardAuthOptions
  readonly rateLimit: Omit<RateLimitOptions, 'limiter'>
  readonly inFlight: InFlightOptions
  readonly retry: RetryOptions
  readonly circuitBreaker: CircuitBreakerOptions
  readonly ipAllow: readonly string[]
  readonly ipDeny: readonly string[]
  readonly redirect: RedirectOptions
  readonly redirectToHttps: RedirectToHttpsOptions
  readonly cors: CorsOptions
  readonly compress: CompressOptions
  readonly etag: EtagOptions
  readonly securityHeaders: SecurityHeadersOptions
  readonly requestId: RequestIdOptions
  readonly timeout: Duration
  readonly bodyLimit: number
  readonly errorPages: Omit<ErrorPagesOptions, 'service'> & { readonly service: ServiceReference }
}

type OneOf<Members> = { [Name in keyof Members]: { readonly [Own in Name]: Members[Name] } }[keyof Members]

/** What acts on requests around their service: one member, ours or one that `server.provideMiddleware` was called with. */
export type MiddlewareConfiguration = OneOf<OwnMiddlewares> | OthersMiddleware

/** Its name is none of ours, so that what is wrong in the options of ours is an error of types. */
type OthersMiddleware = Readonly<Record<string, unknown>> & { readonly [Own in keyof OwnMiddlewares]?: never }

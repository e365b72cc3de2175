import {
  addPrefix,
  basicAuth,
  type BasicAuthOptions,
  bodyLimit,
  circuitBreaker,
  type CircuitBreakerOptions,
  compress,
  type CompressOptions,
  cors,
  type CorsOptions,
  type CreateMiddleware,
  errorPages,
  type ErrorPagesOptions,
  etag,
  type EtagOptions,
  type FieldChanges,
  forwardAuth,
  type ForwardAuthOptions,
  headers,
  inFlight,
  type InFlightOptions,
  ipAllow,
  ipDeny,
  type Middleware,
  rateLimit,
  type RateLimitOptions,
  redirect,
  type RedirectOptions,
  redirectToHttps,
  type RedirectToHttpsOptions,
  replacePath,
  requestId,
  type RequestIdOptions,
  retry,
  type RetryOptions,
  securityHeaders,
  type SecurityHeadersOptions,
  stripPrefix,
  timeout,
} from '../../index.ts'
import {
  addPrefixOption,
  basicAuthOptions,
  bodyLimitOption,
  circuitBreakerOptions,
  compressOptions,
  corsOptions,
  defineOptions,
  errorPagesRows,
  etagOptions,
  forwardAuthOptions,
  headersOptions,
  inFlightOptions,
  ipListOption,
  printValue,
  type Option,
  type OptionFields,
  rateLimitOptions,
  redirectOptions,
  redirectToHttpsOptions,
  replacePathOption,
  requestIdOptions,
  retryOptions,
  securityHeadersOptions,
  stripPrefixOption,
  timeoutOption,
} from '../../kit.ts'
import type { Unread } from '../../forward/request/unread.ts'
import { type Kind, kind, requiredOptions } from './kind.ts'
import { wholePathOf } from '../services/compose.ts'
import { reference, type Reference, references } from './reference.ts'

/** The middlewares that one of a configuration stands for, the outermost first. */
export type Middlewares = Middleware | readonly Middleware[]

interface ReadErrorPages {
  readonly status: (status: number) => boolean
  readonly service: Reference
  readonly path?: string
}

const errorPageTable = defineOptions<Unread<ReadErrorPages>, ReadErrorPages>({
  ...errorPagesRows,
  service: reference('services'),
})

const kinds: readonly Kind<Middlewares>[] = [
  kind<{ chain: readonly Reference[] }, Middlewares>(
    'chain',
    { chain: references('middlewares', { required: true }) },
    ({ read, middlewares }) => read.chain.flatMap(middlewares),
  ),
  ofValue('addPrefix', addPrefixOption, addPrefix),
  ofValue('stripPrefix', stripPrefixOption, stripPrefix),
  ofValue('replacePath', replacePathOption, replacePath),
  ofOptions<FieldChanges>('headers', headersOptions, headers),
  ofOptions<BasicAuthOptions>('basicAuth', basicAuthOptions, basicAuth),
  ofOptions<ForwardAuthOptions>('forwardAuth', forwardAuthOptions, forwardAuth),
  ofOptions<RateLimitOptions>('rateLimit', rateLimitOptions, rateLimit),
  ofOptions<InFlightOptions>('inFlight', inFlightOptions, inFlight),
  ofOptions<RetryOptions>('retry', retryOptions, retry),
  ofOptions<CircuitBreakerOptions>('circuitBreaker', circuitBreakerOptions, circuitBreaker),
  ofValue('ipAllow', ipListOption, ipAllow),
  ofValue('ipDeny', ipListOption, ipDeny),
  ofOptions<RedirectOptions>('redirect', redirectOptions, redirect),
  ofOptions<RedirectToHttpsOptions>('redirectToHttps', redirectToHttpsOptions, redirectToHttps),
  ofOptions<CorsOptions>('cors', corsOptions, cors),
  ofOptions<CompressOptions>('compress', compressOptions, compress),
  ofOptions<EtagOptions>('etag', etagOptions, etag),
  ofOptions<SecurityHeadersOptions>('securityHeaders', securityHeadersOptions, securityHeaders),
  ofOptions<RequestIdOptions>('requestId', requestIdOptions, requestId),
  kind<{ errorPages: ReadErrorPages }, Middlewares>(
    'errorPages',
    {
      errorPages: requiredOptions(errorPageTable, 'an object with status and service'),
    },
    ({ read, given, handler }) => {
      const service = handler(read.errorPages.service)
      return errorPages({ ...(given['errorPages'] as ErrorPagesOptions), service: wholePathOf(service) })
    },
  ),
  ofValue('timeout', timeoutOption, timeout),
  ofValue('bodyLimit', bodyLimitOption, bodyLimit),
]

/** The kinds of middlewares that are ours, by name. */
export const middlewareKinds: ReadonlyMap<string, Kind<Middlewares>> = new Map(kinds.map((kind) => [kind.name, kind]))

/** Declares a kind that code gave a name to. */
export function providedKind(name: string, create: CreateMiddleware): Kind<Middlewares> {
  return ofValue(name, { isValid: () => true, words: 'options', required: true }, (options: never) => {
    const middleware: unknown = create(options)
    if (typeof middleware === 'function') return middleware as Middleware
    throw new Error(`provideMiddleware("${name}") must return a middleware, got ${printValue(middleware)}`)
  })
}

/** Declares a kind whose value is an object of options. */
function ofOptions<Options extends object>(
  name: string,
  table: OptionFields<object>,
  create: (options: Options) => Middleware,
): Kind<Middlewares> {
  return ofValue(name, requiredOptions(table, 'an object of options'), create as CreateMiddleware)
}

/** Declares a kind by its only member, whose value is passed on as it was written. */
function ofValue(name: string, row: Option<unknown, 'always'>, create: CreateMiddleware): Kind<Middlewares> {
  return kind<Record<string, unknown>, Middlewares>(name, { [name]: row }, ({ given }) => create(given[name] as never))
}

// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// base
export { checkFunction } from './base/check-function.ts'
export { isField } from './base/is-field.ts'
export { isPlain } from './base/is-plain.ts'
export { nearestName, suggestName } from './base/nearest-name.ts'
export { onDemand, onDemandModule, onDemandOfNode } from './base/on-demand.ts'
export type { Registered } from './base/register.ts'
export { runAtOnce, runInSlices, type Steps } from './base/steps.ts'
export { onStop } from './base/stop-hooks.ts'
export { unlessAborted } from './base/unless-aborted.ts'
export { within } from './base/within.ts'
export {
  becomeWorker,
  type CarryOut,
  type Gate,
  type Member,
  type MemberServer,
  type Workers,
  type WorkerScope,
} from './base/workers.ts'

// binding
export { type HttpHandler, markHttpHandler } from './binding/http-handler.ts'
export type { Listed } from './binding/list-routes.ts'
export {
  findPagePackage,
  isTold,
  type OpenapiPort,
  type OpenapiSource,
  openapiSourceOf,
  openapiWing,
  type PagePackage,
} from './binding/openapi.ts'
export { bindFrom } from './binding/origin.ts'
export type { RegisteredEndpoint, RegisteredInterceptor } from './binding/registry.ts'

// connection
export { Pipelines } from './connection/queued-responses.ts'
export { whenAnswered } from './connection/upgrade.ts'

// declare
export { declarationOfBound } from './declare/declaration.ts'
export { type AnySchema, readJsonSchema, SchemaOutline } from './declare/schema-outline.ts'

// entrypoint
export { completeEntryPoint, entryPointOptions, parseEntryPoint } from './entrypoint/entry-point-options.ts'
export { ConnectionService, type OpenService, type ServicePlace } from './entrypoint/handler/connection-service.ts'
export { ServerHandler } from './entrypoint/handler/server-handler.ts'
export { createHttpServer } from './entrypoint/http-server.ts'
export { observerOptions } from './entrypoint/observers/observer-options.ts'

// http
export { KeptBody } from './http/body/kept-body.ts'
export { bodyLimitOf } from './http/body/body-flow.ts'
export { drainBody } from './http/body/drain-body.ts'
export { awaitsContinue } from './http/body/expect-continue.ts'
export {
  fieldChanges,
  headersOptions,
  joinChanges,
  noFieldChanges,
  type ReadChanges,
  type ReadFieldChanges,
} from './http/field-changes.ts'
export { toFolderPath } from './http/files/locate-file.ts'
export { forwardedFor } from './http/forwarded-for.ts'
export { flushHeadSoon } from './http/output/flush-head.ts'
export { isListField } from './http/output/list-field.ts'
export type { Relayed } from './http/output/send-relayed.ts'
export type { RequestCore } from './http/request-core.ts'
export { readKey, requestKey } from './http/request-key.ts'
export { type RequestView, setFields } from './http/request-view.ts'
export { show, viewOf } from './http/show-request.ts'
/** @internal */
export { coreOf } from './http/request.ts'

// layers
export { serveAlone, type ServeAlone } from './layers/serve-alone.ts'
export type { ReplacedTogether } from './layers/build-content.ts'

export { type Acting, findActing } from './layers/find-acting.ts'
export type { ExplainedBinding, ExplainedRequest } from './layers/explain-request.ts'

// middleware
export { addPrefixOption } from './middleware/add-prefix.ts'
export { basicAuthOptions, readCredentials } from './middleware/basic-auth.ts'
export { bodyLimitOption } from './middleware/body-limit.ts'
export { circuitBreakerOptions } from './middleware/circuit-breaker.ts'
export { compressOptions } from './middleware/compress.ts'
export { corsOptions } from './middleware/cors.ts'
export { etagOptions } from './middleware/etag.ts'
export { errorPagesRows } from './middleware/error-pages.ts'
export { matchesTag } from './middleware/etag.ts'
export { forwardAuthOptions } from './middleware/forward-auth.ts'
export { inFlightOptions } from './middleware/in-flight.ts'
export { ipListOption } from './middleware/ip-filter.ts'
export { rateLimitOptions } from './middleware/rate-limit.ts'
export { redirectOptions } from './middleware/redirect.ts'
export { redirectToHttpsOptions } from './middleware/redirect-to-https.ts'
export { replacePathOption } from './middleware/replace-path.ts'
export { requestIdOptions } from './middleware/request-id.ts'
export { securityHeadersOptions } from './middleware/security-headers.ts'
export { retryOptions } from './middleware/retry.ts'
export { stripPrefixOption } from './middleware/strip-prefix.ts'
export { statusOfThrown } from './middleware/status-of-thrown.ts'
export { timeoutOption } from './middleware/timeout.ts'

// net
export { type Address as ListenAddress, isUnixAddress, parseAddresses } from './net/address.ts'
export { isForwardedName } from './net/forwarded.ts'
export { type Fields, hopFilter, passTrailers } from './net/hop-by-hop.ts'
export { parseHost } from './net/host.ts'
export { httpMethods, idempotentMethods, isMethod } from './net/methods.ts'
export { parsePath } from './net/path.ts'
export { parseTrust } from './net/proxy-trust.ts'
export { findRawSegments, type RawSegment, stripSegments } from './net/raw-segments.ts'
export { isStatusPattern, matchStatuses, statusSchema } from './net/status-set.ts'

// options
export { type Complete, defineOptions, type OptionTable, type RowsOf } from './options/define-options.ts'
export {
  bytes,
  callback,
  duration,
  flag,
  integer,
  isText,
  oneOf,
  readDuration,
  text,
  textSchema,
} from './options/option-kinds.ts'
export {
  type About,
  type Fields as OptionFields,
  isObject,
  type JsonSchema,
  nested,
  option,
  type Option,
  type OptionRow,
  type PresenceOf,
  type Report,
} from './options/option.ts'
export { printValue } from './options/print-value.ts'

// pipeline
export { beforeServing, checkServer, type Endpoint, takesUpgrades } from './pipeline/exchange.ts'
export { hasErrorMapper, resultMappersOf } from './pipeline/plan.ts'

// routing
export { type Bound, compareBound } from './routing/bound.ts'
export { alignRests } from './routing/match-route.ts'
export { formatPattern, parsePattern, type Pattern } from './routing/pattern.ts'
export { parseRoute, type Route } from './routing/route.ts'
export { matchMixed, type MixedSegment, type Segment } from './routing/segment.ts'

// own folder
export { ownFolder } from './own-folder.ts'

// observe
export type { RequestObserver } from './observe/request-observer.ts'

// server
export { connectInMemory } from './server/inject.ts'
export { adminAddress, adminOptions } from './server/admin-options.ts'
export type { ConfigurationPort, ServiceNode } from './server/configuration.ts'
export { type AdminParts, type AdminPort, adminWing } from './server/server-admin.ts'
export { type ConfigurationParts, configurationWing } from './server/server-configuration.ts'
export type { Provided } from './server/provided.ts'
export { type ChainsOptions, type ChainsPort, forwardWing } from './server/named-chains.ts'
export { type ReadServerOptions, serverOptions } from './server/options.ts'
export { databaseOf } from './server/server-database.ts'
export { insideOf } from './server/server-inside.ts'
export { unsentBytes } from './entrypoint/sent-bytes.ts'
export { leaveEndToParent } from './server/signals.ts'

// static
export { folderOf, StaticFolder } from './static/static-folder.ts'
export { staticRows } from './static/static-options.ts'

// session
export { endOf } from './session/session-store.ts'

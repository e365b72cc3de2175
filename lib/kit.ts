// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// base
export { checkFunction } from './base/check-function.ts'
export { isPlain } from './base/is-plain.ts'
export { nearestName } from './base/nearest-name.ts'
export { onDemand, onDemandModule, onDemandOfNode } from './base/on-demand.ts'
export type { Registered } from './base/register.ts'
export { onStop } from './base/stop-hooks.ts'
export { within } from './base/within.ts'

// binding
export { type HttpHandler, markHttpHandler } from './binding/http-handler.ts'
export type { Listed } from './binding/list-routes.ts'
export { bindFrom } from './binding/origin.ts'

// connection
export { Pipelines } from './connection/queued-responses.ts'
export { whenAnswered } from './connection/upgrade.ts'

// entrypoint
export { completeEntryPoint } from './entrypoint/entry-point-options.ts'
export { ConnectionService, type OpenService, type ServicePlace } from './entrypoint/handler/connection-service.ts'
export { createHttpServer } from './entrypoint/http-server.ts'

// http
export { drainBody } from './http/body/drain-body.ts'
export { awaitsContinue } from './http/body/expect-continue.ts'
export { flushHeadSoon } from './http/output/flush-head.ts'
export { isListField } from './http/output/list-field.ts'
export type { Relayed } from './http/output/send-relayed.ts'
export type { RequestCore } from './http/request-core.ts'
export { coreOf } from './http/request.ts'

// layers
export type { ExplainedRequest } from './layers/explain-request.ts'
export type { ReplacedTogether } from './layers/layers.ts'

// middleware
export { readCredentials } from './middleware/basic-auth.ts'

// net
export { type Address as ListenAddress, isUnixAddress, parseAddresses } from './net/address.ts'
export { parseHost } from './net/host.ts'
export { httpMethods, isMethod } from './net/methods.ts'
export { parsePath } from './net/path.ts'
export { normalizeAddress, parseTrust } from './net/proxy-trust.ts'

// options
export { type Complete, defineOptions, type OptionTable } from './options/define-options.ts'
export { bytes, callback, duration, flag, integer, oneOf, readDuration, text } from './options/option-kinds.ts'
export { isObject, type JsonSchema, nested, option, type Option } from './options/option.ts'
export { printValue } from './options/print-value.ts'

// pipeline
export { checkServer, takesUpgrades } from './pipeline/exchange.ts'

// routing
export { compareBound } from './routing/bound.ts'
export { alignRests } from './routing/match-route.ts'
export { parseRoute, type Route } from './routing/route.ts'
export { matchMixed, type MixedSegment, type Segment } from './routing/segment.ts'

// own folder
export { ownFolder } from './own-folder.ts'

// observe
export type { RequestObserver } from './observe/request-observer.ts'

// server
export { adminAddress, type ReadAdminOptions } from './server/admin-options.ts'
export type { ApiProvider, ConfigurationPort, ServiceNode } from './server/configuration.ts'
export type { ReadConfigurationOptions } from './server/configuration-options.ts'
export { type AdminParts, type AdminPort, adminWing } from './server/server-admin.ts'
export { type ConfigurationParts, configurationWing } from './server/server-configuration.ts'
export type { Provided } from './server/provided.ts'
export { type ChainsOptions, type ChainsPort, forwardWing } from './server/named-chains.ts'
export { type ReadServerOptions, serverOptions } from './server/options.ts'
export { databaseOf } from './server/server-database.ts'

// session
export { endOf } from './session/session-store.ts'

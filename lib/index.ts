// Server
export type { WorkerScope } from './base/workers.ts'
export { getServer } from './server/get-server.ts'
export { type LifecycleHook, Server } from './server/server.ts'
export { serverFromContext } from './server/server-from-context.ts'
export type { Component } from './server/component.ts'
export type { ServerDiagnostics } from './server/server-diagnostics.ts'
export type { Database, DatabaseConnector, DatabaseHost } from './server/database.ts'
export type { Rollback } from './server/server-database.ts'
export type { AdminOptions } from './server/admin-options.ts'
export type {
  Configuration,
  ConfigurationIssue,
  ConfigurationProvider,
  ConfigurationSink,
  ConfigurationStatus,
  HistoryEntry,
  InstanceStatus,
  OnInvalid,
  PartStatus,
  ProviderStatus,
  Verdict,
} from './server/configuration.ts'
export type { ConfigurationOptions } from './server/configuration-options.ts'
export type { CreateMiddleware } from './server/provided.ts'
export type { CreateBaseContext } from './server/base-contexts.ts'
export type { DetectLanguage, ServerOptions } from './server/options.ts'
export { EntryPoint } from './entrypoint/entry-point.ts'
export type { ConnectionHandler } from './entrypoint/handler/connection-function.ts'
export type { EntryPointHandler } from './entrypoint/handler/handler-option.ts'
export type { ConnectionService } from './entrypoint/handler/connection-service.ts'
export type { HttpHandler } from './binding/http-handler.ts'
export type { Command, CommandFunction, CommandOptions, CommandTarget } from './entrypoint/commands/command-options.ts'
export type { EntryPointOptions, EntryPointsOption } from './entrypoint/entry-point-options.ts'
export type { EntryPointEvent, EntryPointState, EntryPointStatus } from './entrypoint/entry-point-status.ts'
export type { Stats } from './entrypoint/statistics.ts'
export type { Duration } from './options/option-kinds.ts'
export type { NamedObservers, ObserverOption, ObserverOptions } from './entrypoint/observers/observer-options.ts'
export type { ObserverEvent, ObserverStatsEvent, ObserverStatusEvent } from './entrypoint/observers/observer-event.ts'
export type { ObserverStatus } from './entrypoint/observers/observer.ts'
export type { HttpsOptions, Pem } from './entrypoint/tls/https-options.ts'
export type { InjectOptions, InjectResult } from './server/inject.ts'
export type { Application, RouteInfo, ServerConfig, ServerState } from './http/application.ts'
export { createLogger, type LoggerOptions } from './log/create-logger.ts'
export type { Level, Logger } from './log/logger.ts'
export type { TrustProxy } from './net/proxy-trust.ts'

// Registration
export { Domain, type DomainRegistrar } from './binding/domain.ts'
export { type Handler, type Hook, type Registrar, RouterGroup, type StatusHandler } from './binding/registrar.ts'
export { type DefinedBuild, Layer, type LayerBuild, type Replaced } from './layers/layer.ts'
export { LayerRoutes } from './layers/layer-routes.ts'
export type { ReplaceOptions } from './layers/replace-options.ts'
export type { SwitchEvents, SwitchListener } from './layers/switch-events.ts'
export type { Mountable } from './binding/mount-draft.ts'
export type { OpenapiDocument } from './binding/openapi.ts'
export type { OpenapiInfo, OpenapiOperation, OpenapiOptions } from './binding/openapi-options.ts'
export type { NamingStyle } from './binding/name-to-uri.ts'
export type { UpgradeHandler } from './websocket/web-socket-endpoint.ts'
export type { WebSocketHandler, WebSocketOptions } from './websocket/web-socket-options.ts'
export type { WebSocket, WebSocketEvents } from './websocket/web-socket.ts'
export type { Event } from './pipeline/event.ts'
export type { Middleware, Next } from './pipeline/exchange.ts'
export type { RequestDiagnostics } from './observe/diagnostics.ts'
export { createPath } from './routing/create-path.ts'
export type { ParamsOf } from './routing/params-of.ts'

// Requests
export { Controller } from './pipeline/controller.ts'
export { Request } from './http/request.ts'
export { Response } from './http/response.ts'
export { Cookie, type CookieOptions } from './http/cookies/cookie.ts'
export { EventStream, type EventStreamOptions } from './http/events/event-stream.ts'
export type { ServerSentEvent } from './http/events/event-format.ts'
export type { Session } from './http/session.ts'
export type { BodySource } from './http/output/body-source.ts'
export type { FormFields } from './http/forms/form.ts'
export { UploadFile } from './http/forms/upload-file.ts'
export type { UploadOptions } from './http/forms/upload-limits.ts'
export type { FileOptions } from './http/files/file-options.ts'
export type { StaticOptions } from './static/static-options.ts'
export type { MethodOverrideOptions, OverridingMethod } from './http/method-override.ts'
export type { ProblemDetails } from './http/output/problem.ts'
export type { HeaderValue } from './http/output/response-headers.ts'
export { Context, type ContextBase } from './base/context.ts'
export { currentRequest } from './observe/current-request.ts'
export type { View } from './http/view.ts'
export type { ChainSetting, ChainTypes, HopSetting, NamedChain } from './base/chain-types.ts'
export type { DatabaseHandle, DatabaseHandles } from './base/database-handle.ts'
export type { Language, ServerLanguages } from './http/language.ts'
export type { Register } from './base/register.ts'
export type { ViewEngine, ViewOptions } from './view/view-options.ts'

// Declared endpoints
export {
  type AnyDeclaration,
  type Declaration,
  declaration,
  type DeclaredHandler,
  type DeclaredInput,
  type HandlerInput,
  type HandlerResult,
} from './declare/declaration.ts'
export type {
  DeclarationParts,
  DeclaredResponse,
  NamedPart,
  ReadDeclaration,
  TypedBody,
} from './declare/declaration-parts.ts'
export type { AnySchema } from './declare/schema-outline.ts'
export { Reply, reply, type ReplyOptions } from './http/reply.ts'

export { declareMethods, type MethodDeclarations } from './binding/declare-methods.ts'
export type { MapResult, MapResultsOptions } from './declare/results.ts'
export type { Envelope } from './declare/serialize.ts'
export type { CheckResponses } from './http/request-settings.ts'
export type { MapError, MappedError } from './pipeline/exchange.ts'

// Middleware
export type { FieldChanges } from './http/field-changes.ts'
export type { RequestKey } from './http/request-key.ts'
export type { StatusPattern } from './net/status-set.ts'
export { addPrefix } from './middleware/add-prefix.ts'
export { bodyLimit } from './middleware/body-limit.ts'
export { basicAuth, type BasicAuthOptions, fixedUsers, type VerifyUser } from './middleware/basic-auth.ts'
export { bearerAuth, type BearerAuthOptions, type VerifyToken } from './middleware/bearer-auth.ts'
export { chain } from './middleware/chain.ts'
export { circuitBreaker, type CircuitBreakerOptions } from './middleware/circuit-breaker.ts'
export { compress, type CompressOptions } from './middleware/compress.ts'
export type { ContentCoding } from './middleware/content-coding.ts'
export { cors, type CorsOptions, type CorsOrigin } from './middleware/cors.ts'
export { errorPages, type ErrorPagesOptions } from './middleware/error-pages.ts'
export { csrf, type CsrfOptions, csrfToken } from './middleware/csrf.ts'
export { etag, type EtagOptions } from './middleware/etag.ts'
export { forwardAuth, type ForwardAuthOptions } from './middleware/forward-auth.ts'
export { type ConnectMiddleware, fromConnect } from './middleware/from-connect.ts'
export { type ExpressErrorHandler, fromExpress, type FromExpressOptions } from './middleware/from-express.ts'
export { hashPassword } from './middleware/hash-password.ts'
export { headers } from './middleware/headers.ts'
export { inFlight, type InFlightOptions } from './middleware/in-flight.ts'
export { ipAllow, ipDeny } from './middleware/ip-filter.ts'
export { rateLimit, type RateLimiter, type RateLimiterResult, type RateLimitOptions } from './middleware/rate-limit.ts'
export { redirect, type RedirectOptions } from './middleware/redirect.ts'
export { redirectToHttps, type RedirectToHttpsOptions } from './middleware/redirect-to-https.ts'
export { replacePath } from './middleware/replace-path.ts'
export { requestId, type RequestIdOptions } from './middleware/request-id.ts'
export { retry, type RetryOptions } from './middleware/retry.ts'
export { securityHeaders, type SecurityHeadersOptions } from './middleware/security-headers.ts'
export { stripPrefix } from './middleware/strip-prefix.ts'
export { timeout } from './middleware/timeout.ts'

// Sessions
export type { SessionCookieOptions, SessionOptions } from './session/session-options.ts'
export type { ServerSessionStore, SessionStore, StoredSession } from './session/session-store.ts'
export { flash, takeFlash } from './session/flash.ts'
export { FileSessionStore, type FileSessionStoreOptions } from './session/file-session-store.ts'
export { MemorySessionStore, type MemorySessionStoreOptions } from './session/memory-session-store.ts'

// Errors
export {
  ChainError,
  CommandError,
  ConfigError,
  type ConfigIssue,
  CookieError,
  DatabaseError,
  DuplicateRouteError,
  type EgressAttempt,
  EgressError,
  type FailureOptions,
  LanguageError,
  ListenError,
  ResponseError,
  RouteError,
  StateError,
  TribindError,
  ViewError,
} from './base/errors.ts'
export { type ErrorCode, errorCodes, type FailureCode } from './base/error-codes.ts'
export { HttpError } from './base/http-error.ts'
export { type Issue, ValidationError } from './http/validation-error.ts'

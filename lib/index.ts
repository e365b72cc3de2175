// Server
export { getServer } from './server/get-server.ts'
export { type LifecycleHook, Server } from './server/server.ts'
export { serverFromContext } from './server/server-from-context.ts'
export type { CreateBaseContext } from './server/base-contexts.ts'
export type { ServerOptions } from './server/options.ts'
export type { HttpsOptions, Pem } from './entrypoint/https-options.ts'
export type { InjectOptions, InjectResult } from './server/inject.ts'
export type { Application, RouteInfo, ServerState } from './base/application.ts'
export { createLogger, type LoggerOptions } from './base/create-logger.ts'
export type { Level, Logger } from './base/logger.ts'
export type { TrustProxy } from './base/proxy-trust.ts'

// Registration
export { Domain } from './binding/domain.ts'
export { type Handler, type Hook, type Registrar, RouterGroup, type StatusHandler } from './binding/registrar.ts'
export type { NamingStyle } from './binding/name-to-uri.ts'
export type { WebSocketHandler, WebSocketOptions } from './pipeline/web-socket-options.ts'
export type { WebSocket, WebSocketEvents } from './pipeline/web-socket.ts'
export type { Event } from './pipeline/event.ts'
export type { Middleware, Next } from './pipeline/exchange.ts'
export type { RequestDiagnostics } from './pipeline/diagnostics.ts'
export { createPath } from './routing/create-path.ts'
export type { ParamsOf } from './routing/params-of.ts'

// Requests
export { Controller } from './mvc/controller.ts'
export { Request } from './http/request.ts'
export { Response } from './http/response.ts'
export { Cookie, type CookieOptions } from './http/cookie.ts'
export { EventStream, type EventStreamOptions } from './http/event-stream.ts'
export type { ServerSentEvent } from './http/event-format.ts'
export type { Session } from './http/session.ts'
export type { BodySource } from './http/body-source.ts'
export type { FormFields } from './http/form.ts'
export { UploadFile } from './http/upload-file.ts'
export type { UploadOptions } from './http/upload-limits.ts'
export type { FileOptions } from './http/file-options.ts'
export type { StaticOptions } from './http/static-folder.ts'
export type { HeaderValue } from './http/response-headers.ts'
export { Context, type ContextBase } from './base/context.ts'
export { currentRequest } from './http/current-request.ts'
export type { View } from './http/view.ts'
export type { ViewEngine, ViewOptions } from './mvc/view-options.ts'

// Middleware
export { basicAuth, type BasicAuthOptions, fixedUsers, type VerifyUser } from './middleware/basic-auth.ts'
export { compress, type CompressOptions } from './middleware/compress.ts'
export type { ContentCoding } from './middleware/content-coding.ts'
export { cors, type CorsOptions, type CorsOrigin } from './middleware/cors.ts'
export { type ConnectMiddleware, fromConnect } from './middleware/from-connect.ts'
export { requestId, type RequestIdOptions } from './middleware/request-id.ts'
export { securityHeaders, type SecurityHeadersOptions } from './middleware/security-headers.ts'
export { timeout } from './middleware/timeout.ts'

// Sessions
export type { SessionCookieOptions, SessionOptions } from './session/session-options.ts'
export type { SessionStore, StoredSession } from './session/session-store.ts'
export { FileSessionStore, type FileSessionStoreOptions } from './session/file-session-store.ts'
export { MemorySessionStore, type MemorySessionStoreOptions } from './session/memory-session-store.ts'

// Errors
export {
  ConfigError,
  CookieError,
  DuplicateRouteError,
  errorCodes,
  type ErrorCode,
  ListenError,
  ResponseError,
  RouteError,
  StateError,
  TribindError,
  ViewError,
} from './base/errors.ts'
export { HttpError } from './base/http-error.ts'
export { type Issue, ValidationError } from './base/validation-error.ts'

// Server
export { getServer } from './server/get-server.ts'
export { type LifecycleHook, Server } from './server/server.ts'
export type { ServerOptions } from './server/options.ts'
export type { InjectOptions, InjectResult } from './server/inject.ts'
export type { Application, RouteInfo, ServerState } from './base/application.ts'
export type { Logger } from './base/logger.ts'

// Registration
export { Domain } from './binding/domain.ts'
export { type Handler, type Hook, type Middleware, RouterGroup, type StatusHandler } from './binding/registrar.ts'
export type { NamingStyle } from './binding/name-to-uri.ts'
export type { Event } from './pipeline/event.ts'
export type { Next } from './pipeline/exchange.ts'
export { createPath } from './routing/create-path.ts'
export type { ParamsOf } from './routing/params-of.ts'

// Requests
export { Controller } from './mvc/controller.ts'
export { Request } from './http/request.ts'
export { Response } from './http/response.ts'
export { Cookie, type CookieOptions } from './http/cookie.ts'
export type { BodySource } from './http/body-source.ts'
export type { FormFields } from './http/form.ts'
export { UploadFile } from './http/upload-file.ts'
export type { UploadOptions } from './http/upload-limits.ts'
export type { HeaderValue } from './http/response-headers.ts'
export { Context } from './base/context.ts'
export type { View } from './http/view.ts'
export type { ViewEngine, ViewOptions } from './mvc/view-options.ts'

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
